package remediate_test

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// The sample event is of account 111122223333.
func TestAGroupOfAnotherAccountIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		owner   string
		revokes bool
	}{
		"another account's":                    {"444455556666", false},
		"its own":                              {"111122223333", true},
		"of an account that EC2 does not name": {"", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			a.live[0].GroupOwner = c.owner
			result := handle(t, a, "authorize-ingress-ipv4")
			if revoked := len(a.live) == 0; revoked != c.revokes || len(a.messages) > 0 != c.revokes {
				t.Errorf("revoked %t, %d alerts", revoked, len(a.messages))
			}
			if !c.revokes {
				wantForeign(t, result, c.owner)
			}
		})
	}
}

func wantForeign(t *testing.T, result remediate.Result, owner string) {
	t.Helper()
	if result.Cause != trail.ForeignGroup || !strings.Contains(result.Reason, "belongs to account "+owner) {
		t.Errorf("got cause %q, %q", result.Cause, result.Reason)
	}
}
