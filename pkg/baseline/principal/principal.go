// Package principal says which ARNs name an IAM role or an IAM user. It is a
// package of its own, and plain code, so that a function that checks an ARN at
// its start loads no parser of documents.
package principal

import (
	"errors"
	"fmt"
	"strings"
)

// The most characters that IAM allows (IAM API reference, CreateRole and
// CreateUser). A path counts the slash before and the slash behind it.
const (
	maxName = 64
	maxPath = 512
)

// MaxLength is more bytes than any ARN of a role or a user has: the longest is an
// ARN's first parts with a path and a name of IAM's most characters.
const MaxLength = 640

// Check returns nil for the ARN of one IAM role or IAM user, such as
// arn:aws:iam::111122223333:role/ci/terraform. The error says what to write
// instead.
func Check(arn string) error {
	p, isARN := parse(arn)
	switch {
	case isARN && p.service == "sts" && strings.HasPrefix(p.resource, "assumed-role/"):
		return fmt.Errorf("%q is a session, and whoever assumes the role chooses the name of the session: write the ARN of the role, such as %s", arn, p.roleOfSession())
	case isARN && p.service == "iam" && p.resource == "root":
		return fmt.Errorf("%q is an account's root user: write the ARN of a role or a user", arn)
	case strings.ContainsAny(arn, "*?"):
		return fmt.Errorf("%q has a wildcard: write the ARN of each role or user", arn)
	case !isARN || !p.isIn("role/") && !p.isIn("user/"):
		return fmt.Errorf("%q is not the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/terraform-ci", arn)
	}
	return nil
}

// CheckRole returns nil for the ARN of one IAM role. The error says what to write
// instead.
func CheckRole(arn string) error {
	err := Check(arn)
	if p, _ := parse(arn); err == nil && !p.isIn("role/") {
		err = errors.New("the ARN is of a user, not of a role")
	}
	return err
}

// parts are those of arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE (AWS General
// Reference, Amazon Resource Names).
type parts struct{ partition, service, region, account, resource string }

func parse(arn string) (parts, bool) {
	p := strings.SplitN(arn, ":", 6)
	if len(p) != 6 || p[0] != "arn" {
		return parts{}, false
	}
	return parts{p[1], p[2], p[3], p[4], p[5]}, true
}

// isIn reports whether the ARN names what is kept under role/ or user/, which IAM
// has in no region.
func (p parts) isIn(kind string) bool {
	rest, found := strings.CutPrefix(p.resource, kind)
	return found && p.service == "iam" && p.region == "" && isPartition(p.partition) && isAccount(p.account) && isPathAndName(rest)
}

// roleOfSession is a guess: a session's ARN leaves the path of the role out.
func (p parts) roleOfSession() string {
	_, name, _ := strings.Cut(p.resource, "/")
	name, _, _ = strings.Cut(name, "/")
	return "arn:" + p.partition + ":iam::" + p.account + ":role/" + name
}

// isPartition accepts aws and what AWS calls its other partitions, such as
// aws-us-gov.
func isPartition(s string) bool {
	rest, found := strings.CutPrefix(s, "aws")
	return found && (rest == "" || rest[0] == '-' && len(rest) > 1 && only(rest, func(c byte) bool { return c == '-' || isLower(c) }))
}

func isAccount(s string) bool { return len(s) == 12 && only(s, isDigit) }

// isPathAndName reads what follows role/ or user/: ci/terraform is the name
// terraform with the path /ci/.
func isPathAndName(s string) bool {
	slash := strings.LastIndexByte(s, '/')
	path, name := s[:slash+1], s[slash+1:]
	return path != "/" && 1+len(path) <= maxPath && only(path, isOfPath) &&
		name != "" && len(name) <= maxName && only(name, isOfName)
}

// isOfPath accepts what IAM allows in a path, but for the wildcards.
func isOfPath(c byte) bool { return c > ' ' && c <= '~' && c != '*' && c != '?' }

func isOfName(c byte) bool {
	return isLower(c) || c >= 'A' && c <= 'Z' || isDigit(c) || strings.IndexByte("_+=,.@-", c) >= 0
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func only(s string, accepts func(byte) bool) bool {
	for i := range len(s) {
		if !accepts(s[i]) {
			return false
		}
	}
	return true
}
