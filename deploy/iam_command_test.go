package deploy_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const (
	ownModule  = "github.com/sgwarden/sgwarden/"
	sdkService = "github.com/aws/aws-sdk-go-v2/service/"
)

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// listPackages returns a package with all that it imports, and the files with their types.
func listPackages(of string) ([]listed, error) {
	command := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles", of)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages of %s: %w", of, err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("list the packages of %s: %w", of, err)
		}
		all = append(all, p)
	}
}

// operationsIn returns the operations of AWS that the module's packages behind a command name in their code, as
// "service:Operation", sorted. The linker doesn't know it: the command looks methods up by reflection, for which the
// linker keeps every operation.
func operationsIn(command string) (found []string, err error) {
	err = eachUse(command, ownModule, func(used *types.Func) {
		if operation, ok := operationOf(used); ok {
			found = append(found, operation)
		}
	})
	slices.Sort(found)
	return slices.Compact(found), err
}

// usesIn returns the functions that the packages behind a command use whose path begins with within.
func usesIn(command, within string) (found []string, err error) {
	err = eachUse(command, within, func(used *types.Func) { found = append(found, used.FullName()) })
	return found, err
}

func eachUse(command, within string, take func(*types.Func)) error {
	all, err := listPackages(command)
	if err != nil {
		return err
	}
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	files := token.NewFileSet()
	imports := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range all {
		if !strings.HasPrefix(p.ImportPath+"/", within) {
			continue
		}
		if err := usesOf(files, imports, p, take); err != nil {
			return fmt.Errorf("read the calls of %s: %w", p.ImportPath, err)
		}
	}
	return nil
}

func usesOf(files *token.FileSet, imports types.Importer, p listed, take func(*types.Func)) error {
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{Importer: imports}).Check(p.ImportPath, files, parsed, info); err != nil {
		return err
	}
	for _, used := range info.Uses {
		if function, ok := used.(*types.Func); ok {
			take(function)
		}
	}
	return nil
}

// operationOf reports which operation a function is: a method that takes the operation's input, be it a client's or an
// interface's, or what makes a paginator, a waiter or a presigner of one.
func operationOf(function *types.Func) (string, bool) {
	parameters := function.Signature().Params()
	for i := range parameters.Len() {
		kind := parameters.At(i).Type()
		if pointer, ok := kind.(*types.Pointer); ok {
			kind = pointer.Elem()
		}
		named, ok := kind.(*types.Named)
		if !ok || named.Obj().Pkg() == nil {
			continue
		}
		service, ofSDK := strings.CutPrefix(named.Obj().Pkg().Path(), sdkService)
		for _, suffix := range []string{"Input", "APIClient"} {
			operation, ends := strings.CutSuffix(named.Obj().Name(), suffix)
			isMethod := function.Signature().Recv() != nil && function.Name() == operation
			makes := function.Pkg() == named.Obj().Pkg() && strings.HasPrefix(function.Name(), "New")
			if ofSDK && ends && (isMethod || makes) {
				return service + ":" + operation, true
			}
		}
	}
	return "", false
}

// commandOnBehalf are actions that the command's credentials need and that no call of its code shows.
var commandOnBehalf = map[string]string{
	"kms:Decrypt":         "SSM reads SecureStrings with the caller's permission of the key",
	"kms:Encrypt":         "SSM writes SecureStrings with the caller's permission of the key",
	"kms:GenerateDataKey": "SSM writes SecureStrings over 4 KB, advanced parameters, so",
	"sts:AssumeRole":      "the SDK takes on the role of a target",

	// Athena acts with the permissions of who asks. The managed policy AmazonAthenaFullAccess has these (AWS Managed
	// Policy Reference).
	"glue:GetDatabase":     "Athena looks the database up",
	"glue:GetPartitions":   "Athena looks the partitions up",
	"glue:GetTable":        "Athena looks the table up",
	"s3:GetBucketLocation": "Athena looks where the bucket of the results is",
	"s3:PutObject":         "Athena writes the result",
}

// commandNeverMakes are operations of packages that the command shares with the functions.
var commandNeverMakes = map[string]string{
	"ec2:AuthorizeSecurityGroupEgress":  "no verb writes to EC2",
	"ec2:AuthorizeSecurityGroupIngress": "no verb writes to EC2",
	"ec2:RevokeSecurityGroupEgress":     "no verb writes to EC2",
	"ec2:RevokeSecurityGroupIngress":    "no verb writes to EC2",
	"ec2:DescribeNetworkInterfaces":     "alerts alone say what uses a group",
	"ec2:ModifyManagedPrefixList":       "no verb writes to EC2",
	"ssm:DeleteParameter":               "the sweeper's note and requests for a sweep are the functions'",
}

// otherNames are operations whose IAM action has another name. Source: Service Authorization Reference.
var otherNames = map[string]string{
	"lambda:Invoke":                    "lambda:InvokeFunction",
	"s3:HeadBucket":                    "s3:ListBucket",
	"s3:ListObjectsV2":                 "s3:ListBucket",
	"sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
	"sqs:DeleteMessageBatch":           "sqs:DeleteMessage",
}

// TestThePageListsTheActionsOfTheCommand also fails where a verb makes a new call: add the call's action to the page.
func TestThePageListsTheActionsOfTheCommand(t *testing.T) {
	t.Parallel()
	operations, err := operationsIn("./baseline")
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Collect(maps.Keys(commandOnBehalf))
	for _, operation := range operations {
		if _, never := commandNeverMakes[operation]; !never {
			operation = strings.NewReplacer("cloudwatchlogs:", "logs:", "eventbridge:", "events:").Replace(operation)
			want = append(want, cmp.Or(otherNames[operation], operation))
		}
	}
	slices.Sort(want)
	want = slices.Compact(want) // some operations share an action
	if diff := gocmp.Diff(want, slices.Sorted(maps.Keys(explanations(t)["The command"]))); diff != "" {
		t.Errorf("actions (-that the code calls +that deploy/iam.md has):\n%s", diff)
	}
	for operation := range commandNeverMakes {
		if !slices.Contains(operations, operation) {
			t.Errorf("commandNeverMakes has %s, which no package names any more", operation)
		}
	}
}

// No verb uses what writes to EC2.
func TestTheCommandUsesNoWriterOfGroups(t *testing.T) {
	t.Parallel()
	const groups = "(" + ownModule + "pkg/ec2groups.Groups)."
	uses, err := usesIn("./baseline", ownModule+"deploy/baseline")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(uses, groups+"Rules") {
		t.Errorf("no verb seems to read rules: %d functions are used", len(uses))
	}
	for _, name := range []string{"Authorize", "AuthorizeEach", "Interfaces", "Revoke"} {
		if slices.Contains(uses, groups+name) {
			t.Errorf("the command uses %s%s", groups, name)
		}
	}
}
