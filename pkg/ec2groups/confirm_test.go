package ec2groups_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// TestTheAnswerOfARevokeIsComparedWithTheRequest revokes sgr-in-0, sgr-in-1 and sgr-in-2.
func TestTheAnswerOfARevokeIsComparedWithTheRequest(t *testing.T) {
	t.Parallel()
	const not = "did not revoke it"
	all := []string{"sgr-in-0", "sgr-in-1", "sgr-in-2"}
	for name, c := range map[string]struct {
		live           *rules
		want           []string // "revoked", or a part of the error
		revokes, looks int
		listsRevoked   bool // reads are stale
	}{
		"an answer that names all ids costs no further call": {live: &rules{live: all}, want: []string{"revoked", "revoked", "revoked"}, revokes: 1},
		"an answer without ids is looked after once":         {live: &rules{silent: true, live: all}, want: []string{"revoked", "revoked", "revoked"}, revokes: 1, looks: 1},
		"an answer without ids, and nothing was revoked": {
			live: &rules{silent: true, live: all, omits: all}, want: []string{not, not, not}, revokes: 4, looks: 1,
		},
		"an id that the answer leaves out, and that is live": {
			live: &rules{omits: []string{"sgr-in-1"}, live: all}, want: []string{"revoked", not, "revoked"}, revokes: 2, looks: 1,
		},
		"an id that the answer leaves out, and that is not live": {
			live: &rules{quiet: []string{"sgr-in-1"}, live: all}, want: []string{"revoked", "revoked", "revoked"}, revokes: 1, looks: 1,
		},
		"an answer without ids, and the look is stale": {
			live: &rules{silent: true, live: all}, listsRevoked: true, want: []string{"revoked", "revoked", "revoked"}, revokes: 4, looks: 1,
		},
		"an answer without ids, and nobody may look": {
			live: &rules{silent: true}, want: []string{"can't be read", "can't be read", "can't be read"}, revokes: 1, looks: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.live.stale = c.listsRevoked
			s, groups := c.live.start(t, 0)
			asked := ingressRules(t, 3)
			for i, err := range groups.Revoke(context.Background(), group, asked) {
				switch {
				case c.want[i] == "revoked" && err != nil:
					t.Errorf("%s: %v", asked[i].ID, err)
				case c.want[i] != "revoked" && (err == nil || !strings.HasPrefix(err.Error(), "revoke "+asked[i].ID+" from "+group+": ") || !strings.Contains(err.Error(), c.want[i])):
					t.Errorf("%s: got %v, want %s", asked[i].ID, err, c.want[i])
				case errors.Is(err, secgroup.ErrNotFound):
					t.Errorf("%s is called not live, though this call revoked it", asked[i].ID)
				}
			}
			got := []int{len(s.Requests("RevokeSecurityGroupIngress")), len(s.Requests("DescribeSecurityGroupRules"))}
			if diff := cmp.Diff([]int{c.revokes, c.looks}, got); diff != "" {
				t.Errorf("revokes and looks: %s", diff)
			}
		})
	}
}

// More rules than a few wait for the retry: EC2 takes few changing calls.
func TestARevokeOfManyThatDidNothingIsNotRepeatedRuleByRule(t *testing.T) {
	t.Parallel()
	live := &rules{silent: true}
	asked := ingressRules(t, 5)
	for _, r := range asked {
		live.live, live.omits = append(live.live, r.ID), append(live.omits, r.ID)
	}
	s, groups := live.start(t, 0)
	for i, err := range groups.Revoke(context.Background(), group, asked) {
		if !secgroup.IsTransient(err) {
			t.Errorf("%s: got %v, want an error that asks for a retry", asked[i].ID, err)
		}
	}
	if n := len(s.Requests("RevokeSecurityGroupIngress")); n != 1 {
		t.Errorf("%d revokes", n)
	}
}

// A failing second call leaves the first one's error.
func TestARevokeThatNobodyConfirmsIsNotCalledDone(t *testing.T) {
	t.Parallel()
	live := &rules{silent: true, live: []string{"sgr-in-0"}, omits: []string{"sgr-in-0"}}
	calls := 0
	_, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": live.describe,
		"RevokeSecurityGroupIngress": func(call awsstub.Request) (any, error) {
			if calls++; calls > 1 {
				return nil, &awsstub.Error{Code: "UnauthorizedOperation", Status: 403}
			}
			return live.revoke(call)
		},
	})
	got := become(groups.Revoke(context.Background(), group, ingressRules(t, 1)))
	if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "did not revoke it") }) || calls != 2 {
		t.Errorf("got %v after %d calls", got, calls)
	}
}
