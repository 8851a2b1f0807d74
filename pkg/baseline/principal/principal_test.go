package principal_test

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
)

const account = "arn:aws:iam::111122223333:"

// Parts of what Check says.
const (
	valid      = ""
	isRoot     = "is an account's root user"
	isSession  = "is a session"
	isWildcard = "has a wildcard"
	isNone     = "is not the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/terraform-ci"
)

func TestOnlyARoleOrAUserIsAPrincipal(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ arn, want string }{
		"a role":                          {account + "role/terraform-ci", valid},
		"a role with a path":              {account + "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0a1b", valid},
		"a role with every character":     {account + "role/aZ09_+=,.@-", valid},
		"a user":                          {account + "user/ana", valid},
		"a user with a path":              {account + "user/people/ana@example.com", valid},
		"another partition":               {"arn:aws-us-gov:iam::111122223333:role/ci", valid},
		"the longest name":                {account + "role/" + strings.Repeat("n", 64), valid},
		"the longest path":                {account + "role/" + strings.Repeat("p", 510) + "/n", valid},
		"a name too long":                 {account + "role/" + strings.Repeat("n", 65), isNone},
		"a path too long":                 {account + "role/" + strings.Repeat("p", 511) + "/n", isNone},
		"nothing":                         {"", isNone},
		"a name alone":                    {"terraform-ci", isNone},
		"an account":                      {"111122223333", isNone},
		"a role without a name":           {account + "role/", isNone},
		"a role with a path and no name":  {account + "role/ci/", isNone},
		"a role with an empty path":       {account + "role//ci", isNone},
		"a name with a space":             {account + "role/terraform ci", isNone},
		"a name with a letter of no IAM":  {account + "role/café", isNone},
		"a path with a space":             {account + "role/a b/ci", isNone},
		"a space behind":                  {account + "role/ci ", isNone},
		"a group":                         {account + "group/admins", isNone},
		"a policy":                        {account + "policy/x", isNone},
		"capitals":                        {account + "Role/ci", isNone},
		"a region":                        {"arn:aws:iam:us-east-1:111122223333:role/ci", isNone},
		"no account":                      {"arn:aws:iam:::role/ci", isNone},
		"an account with a digit missing": {"arn:aws:iam::11112222333:role/ci", isNone},
		"an account of letters":           {"arn:aws:iam::11112222333a:role/ci", isNone},
		"no partition":                    {"arn::iam::111122223333:role/ci", isNone},
		"a partition of no AWS":           {"arn:awsome:iam::111122223333:role/ci", isNone},
		"an incomplete partition":         {"arn:aws-:iam::111122223333:role/ci", isNone},
		"another service":                 {"arn:aws:ec2::111122223333:role/ci", isNone},
		"a federated user":                {"arn:aws:sts::111122223333:federated-user/ana", isNone},
		"an incomplete ARN":               {"arn:aws:iam::111122223333", isNone},
		"the root user":                   {account + "root", isRoot},
		"all roles":                       {account + "role/*", isWildcard},
		"roles by a question mark":        {account + "role/terraform-c?", isWildcard},
		"roles of a path":                 {account + "role/ci/*/deploy", isWildcard},
		"any account":                     {"arn:aws:iam::*:role/ci", isWildcard},
		"everybody":                       {"*", isWildcard},
		"a session":                       {"arn:aws:sts::111122223333:assumed-role/terraform-ci/run-1", isSession},
		"all sessions":                    {"arn:aws:sts::111122223333:assumed-role/terraform-ci/*", isSession},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := principal.Check(c.arn); !says(err, c.want) {
				t.Errorf("%s: got %v, want %q", c.arn, err, c.want)
			}
			if c.want == valid && len(c.arn) > principal.MaxLength {
				t.Errorf("%s is longer than MaxLength", c.arn)
			}
		})
	}
}

func says(err error, part string) bool {
	if part == "" || err == nil {
		return part == "" && err == nil
	}
	return strings.Contains(err.Error(), part)
}

func TestASessionIsRefusedWithTheRoleToWriteInstead(t *testing.T) {
	t.Parallel()
	const want = `"arn:aws-cn:sts::111122223333:assumed-role/ci/x/y" is a session, and whoever assumes the role chooses the name of the session: ` +
		`write the ARN of the role, such as arn:aws-cn:iam::111122223333:role/ci`
	if err := principal.Check("arn:aws-cn:sts::111122223333:assumed-role/ci/x/y"); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestOnlyARoleIsARole(t *testing.T) {
	t.Parallel()
	for arn, part := range map[string]string{
		account + "role/ci":    valid,
		account + "role/a/ci":  valid,
		account + "user/role/": isNone,
		account + "user/ana":   "is of a user, not of a role",
		account + "root":       isRoot,
		"":                     isNone,
	} {
		if err := principal.CheckRole(arn); !says(err, part) {
			t.Errorf("%q: got %v, want %q", arn, err, part)
		}
	}
}
