package doctor

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// code is what a function runs. Digests are SHA-256 in hexadecimal.
type code struct {
	function string // such as Remediator
	running  string // the digest of the zip that Lambda runs
	wanted   string // that of the zip that the stack deployed; empty where the stack does not say
	built    string // that of the zip in the directory of zips; empty where there is none
	changed  string // when the running code was last changed, as Lambda writes times
}

// keyDigest finds the digest that deploy.sh puts into the key of a zip in the code bucket.
var keyDigest = regexp.MustCompile(`-([0-9a-f]{64})\.zip$`)

// codeOf compares nothing yet. Lambda gives the digest in base64 (Lambda API reference,
// FunctionConfiguration).
func codeOf(stack deadletters.Stack, word, zips string, c *types.FunctionConfiguration) (code, error) {
	running, err := base64.StdEncoding.DecodeString(aws.ToString(c.CodeSha256))
	if err != nil {
		return code{}, fmt.Errorf("read the digest of the code of %s: %w", word, err)
	}
	found := code{function: word, running: hex.EncodeToString(running), changed: aws.ToString(c.LastModified)}
	if match := keyDigest.FindStringSubmatch(stack.Parameters[word+"CodeKey"]); match != nil {
		found.wanted = match[1]
	}
	zip, err := os.ReadFile(zipOf(zips, word))
	if err == nil {
		sum := sha256.Sum256(zip)
		found.built = hex.EncodeToString(sum[:])
	} else if !errors.Is(err, fs.ErrNotExist) {
		return code{}, fmt.Errorf("compare the code of %s with what is built: %w", word, err)
	}
	return found, nil
}

func zipOf(zips, word string) string { return filepath.Join(zips, strings.ToLower(word)+".zip") }

// short is the begin of a digest, for people.
func short(digest string) string { return fmt.Sprintf("%.12s", digest) }

// problems says where the code is not the one that was deployed, or that is built.
func (c code) problems(stack deadletters.Stack, zips string) []Check {
	name := "code " + c.function
	switch {
	case c.wanted != "" && c.running != c.wanted:
		return []Check{{
			name, Fail, fmt.Sprintf("the function runs other code (sha256 %s, changed at %s) than the stack deployed (sha256 %s)", short(c.running), c.changed, short(c.wanted)),
			"find out who changed the code: aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=UpdateFunctionCode20150331v2",
		}}
	case c.built != "" && c.running != c.built:
		return []Check{{
			name, Warn, fmt.Sprintf("the function runs other code (sha256 %s, changed at %s) than %s (sha256 %s)", short(c.running), c.changed, zipOf(zips, c.function), short(c.built)),
			command(stack, "deploy/deploy.sh"),
		}}
	}
	return nil
}

// allCodes says which code runs where nothing is wrong with it.
func allCodes(codes []code, zips string) Check {
	var texts, missing []string
	for _, c := range codes {
		texts = append(texts, fmt.Sprintf("%s %s", strings.ToLower(c.function), short(c.running)))
		if c.built == "" {
			missing = append(missing, filepath.Base(zipOf(zips, c.function)))
		}
	}
	all := strings.Join(texts, ", ")
	if len(missing) > 0 {
		return Check{"code", OK, fmt.Sprintf("the functions can run: %s; not compared with %s, which %s does not have", all, strings.Join(missing, ", "), zips), "make build"}
	}
	return passed("code", "the functions can run, and their code is that of %s: %s", zips, all)
}
