package targets

import (
	"strings"
	"testing"
)

func TestASessionIsNamedAfterWhoAssumesTheRole(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"arn:aws:iam::111122223333:user/people/ana":                    "ana",
		"arn:aws:sts::111122223333:assumed-role/ci/run-7":              "run-7",
		"arn:aws:sts::111122223333:assumed-role/Admin/ana@example.com": "ana@example.com",
		"arn:aws:iam::111122223333:root":                               "root",
		"arn:aws:iam::111122223333:user/a":                             "sgwarden-a",
		"arn:aws:sts::111122223333:federated-user/a b":                 "a-b",
		"": "sgwarden-",
		"arn:aws:sts::111122223333:assumed-role/ci/" + strings.Repeat("x", 80): strings.Repeat("x", 64),
	} {
		if got := sessionName(arn); got != want {
			t.Errorf("%s: got %q, want %q", arn, got, want)
		}
	}
}
