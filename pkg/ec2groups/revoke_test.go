package ec2groups_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func parse(t *testing.T, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ingressRules makes live rules sgr-in-0, sgr-in-1 and so on.
func ingressRules(t *testing.T, n int) []secgroup.LiveRule {
	t.Helper()
	rules := make([]secgroup.LiveRule, n)
	for i := range rules {
		rules[i] = secgroup.LiveRule{ID: fmt.Sprintf("sgr-in-%d", i), Rule: parse(t, fmt.Sprintf("ingress tcp %d 10.0.0.0/8", i))}
	}
	return rules
}

// rules revokes as EC2 does: a call with one id it refuses has no effect.
type rules struct {
	mu      sync.Mutex
	revoked []string
	refuses map[string]string // id → error code
	omits   []string          // ids that it leaves as they are, and out of the answer
	quiet   []string          // ids that it revokes, and leaves out of the answer
	silent  bool              // answers no list, as moto does
	stale   bool              // shows rules that are not live
	live    []string          // what a read shows of the ids that exist; nil fails it
}

func (r *rules) describe(awsstub.Request) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live == nil {
		return nil, &awsstub.Error{Code: "UnauthorizedOperation"}
	}
	var answer awsstub.RulesAnswer
	for _, id := range r.live {
		if r.stale || !strings.HasSuffix(r.refuses[id], ".NotFound") {
			answer.Rules = append(answer.Rules, types.SecurityGroupRule{SecurityGroupRuleId: &id})
		}
	}
	return answer, nil
}

func (r *rules) revoke(call awsstub.Request) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := call.List("SecurityGroupRuleId")
	for _, id := range ids {
		if code := r.refuses[id]; code != "" {
			return nil, &awsstub.Error{Code: code, Message: "not " + id}
		}
	}
	answer := awsstub.RevokeAnswer{Return: true}
	for _, id := range ids {
		if slices.Contains(r.omits, id) {
			continue
		}
		r.revoked = append(r.revoked, id)
		r.refuseLater(id)
		if !r.silent && !slices.Contains(r.quiet, id) {
			answer.Revoked = append(answer.Revoked, types.RevokedSecurityGroupRule{SecurityGroupRuleId: &id})
		}
	}
	return answer, nil
}

func (r *rules) refuseLater(id string) {
	if r.refuses == nil {
		r.refuses = map[string]string{}
	}
	r.refuses[id] = "InvalidSecurityGroupRuleId.NotFound"
}

func (r *rules) start(t *testing.T, delay time.Duration) (*awsstub.Stub, ec2groups.Groups) {
	t.Helper()
	return start(t, delay, map[string]awsstub.Handler{"RevokeSecurityGroupIngress": r.revoke, "RevokeSecurityGroupEgress": r.revoke, "DescribeSecurityGroupRules": r.describe})
}

// become says of each rule what became of it: revoked, not found, or the error.
func become(errs []error) []string {
	words := make([]string, len(errs))
	for i, err := range errs {
		switch {
		case err == nil:
			words[i] = "revoked"
		case errors.Is(err, secgroup.ErrNotFound):
			words[i] = "gone"
		default:
			words[i] = err.Error()
		}
	}
	return words
}

func TestRevokeIsOneCallByIDsForEachDirectionSideBySide(t *testing.T) {
	t.Parallel()
	live := &rules{}
	s, groups := live.start(t, 500*time.Millisecond) // so that calls side by side overlap on a busy machine too
	in := ingressRules(t, 2)
	out := secgroup.LiveRule{ID: "sgr-out", Rule: parse(t, "egress all all 0.0.0.0/0")}
	errs := groups.Revoke(context.Background(), group, []secgroup.LiveRule{in[0], out, in[1]})
	if diff := cmp.Diff([]string{"revoked", "revoked", "revoked"}, become(errs)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string][]int{"RevokeSecurityGroupIngress": {1}, "RevokeSecurityGroupEgress": {1}}, s.Waves()); diff != "" {
		t.Errorf("waves: %s", diff)
	}
	for action, want := range map[string]map[string][]string{
		"RevokeSecurityGroupIngress": {"GroupId": {group}, "SecurityGroupRuleId.1": {"sgr-in-0"}, "SecurityGroupRuleId.2": {"sgr-in-1"}},
		"RevokeSecurityGroupEgress":  {"GroupId": {group}, "SecurityGroupRuleId.1": {"sgr-out"}},
	} {
		if diff := cmp.Diff(want, map[string][]string(s.Requests(action)[0].Form)); diff != "" {
			t.Errorf("%s: %s", action, diff)
		}
	}
}

// Somebody closes one of the rules at each call, so that each call as a whole fails.
func TestChaffThatIsClosedMeanwhileCostsFewRoundTrips(t *testing.T) {
	t.Parallel()
	live := &rules{}
	asked := ingressRules(t, 64)
	for _, r := range asked {
		live.live = append(live.live, r.ID)
	}
	closed := 0
	s, groups := start(t, 0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": live.describe,
		"RevokeSecurityGroupIngress": func(call awsstub.Request) (any, error) {
			live.mu.Lock()
			if ids := call.List("SecurityGroupRuleId"); len(ids) > 1 {
				live.refuseLater(ids[closed%len(ids)])
				closed++
			}
			live.mu.Unlock()
			return live.revoke(call)
		},
	})
	for i, became := range become(groups.Revoke(context.Background(), group, asked)) {
		if became != "revoked" && became != "gone" {
			t.Errorf("%s: %s", asked[i].ID, became)
		}
	}
	inARow := longestChain(s.Requests("RevokeSecurityGroupIngress"))
	t.Logf("%d calls that failed, %d in a row", closed, inARow)
	if inARow > 7 || closed < 8 { // all, after a look the rest, and its parts: 32, 16, 8, 4 and 1
		t.Errorf("%d calls in a row for %d failing calls", inARow, closed)
	}
}

// longestChain is how many calls followed one another: each asks for rules of the call
// before. Unlike a wave, that does not depend on how busy the machine is.
func longestChain(calls []awsstub.Request) int {
	longest := make([]int, len(calls))
	for i, call := range calls {
		longest[i] = 1
		for j, before := range calls[:i] {
			isPart := !slices.ContainsFunc(call.List("SecurityGroupRuleId"), func(id string) bool { return !slices.Contains(before.List("SecurityGroupRuleId"), id) })
			if isPart {
				longest[i] = max(longest[i], longest[j]+1)
			}
		}
	}
	return slices.Max(longest)
}

// After a call that failed for one rule that is not found, a stale look hides another one.
func TestARuleThatAStaleLookHidesIsRevokedAllTheSame(t *testing.T) {
	t.Parallel()
	live := &rules{refuses: map[string]string{"sgr-in-0": "InvalidSecurityGroupRuleId.NotFound"}}
	asked := ingressRules(t, 4)
	live.live = []string{asked[0].ID, asked[1].ID, asked[2].ID} // and not the last
	_, groups := live.start(t, 0)
	got := become(groups.Revoke(context.Background(), group, asked))
	if diff := cmp.Diff([]string{"gone", "revoked", "revoked", "revoked"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRevokeOfNothingCallsNothing(t *testing.T) {
	t.Parallel()
	s, groups := (&rules{}).start(t, 0)
	if errs := groups.Revoke(context.Background(), group, nil); len(errs) != 0 || len(s.Requests()) != 0 {
		t.Errorf("got %v after %d calls", errs, len(s.Requests()))
	}
}

func TestOneBadIDDoesNotSaveTheOthers(t *testing.T) {
	t.Parallel()
	const notFound = "InvalidSecurityGroupRuleId.NotFound"
	cases := map[string]struct {
		of       int
		refuses  map[string]string
		want     []string
		mostCall int
	}{
		"none is bad": {of: 5, want: []string{"revoked", "revoked", "revoked", "revoked", "revoked"}, mostCall: 1},
		"one of five doesn't exist": {
			of: 5, refuses: map[string]string{"sgr-in-2": notFound},
			want: []string{"revoked", "revoked", "gone", "revoked", "revoked"}, mostCall: 7,
		},
		"one of five doesn't exist, in moto's words": {
			of: 5, refuses: map[string]string{"sgr-in-4": "InvalidPermission.NotFound"},
			want: []string{"revoked", "revoked", "revoked", "revoked", "gone"}, mostCall: 7,
		},
		"one of three is no id at all": {
			of: 3, refuses: map[string]string{"sgr-in-0": "InvalidSecurityGroupRuleId.Malformed"},
			want: []string{"InvalidSecurityGroupRuleId.Malformed", "revoked", "revoked"}, mostCall: 5,
		},
		"two bad ones, side by side": {
			of: 4, refuses: map[string]string{"sgr-in-1": notFound, "sgr-in-2": "InvalidParameterValue"},
			want: []string{"revoked", "gone", "InvalidParameterValue", "revoked"}, mostCall: 7,
		},
		"all of them": {
			of: 3, refuses: map[string]string{"sgr-in-0": notFound, "sgr-in-1": notFound, "sgr-in-2": notFound},
			want: []string{"gone", "gone", "gone"}, mostCall: 5,
		},
		"the only one": {of: 1, refuses: map[string]string{"sgr-in-0": notFound}, want: []string{"gone"}, mostCall: 1},
		"one of a thousand takes few calls": {
			of: 1000, refuses: map[string]string{"sgr-in-7": notFound},
			want: slices.Replace(slices.Repeat([]string{"revoked"}, 1000), 7, 8, "gone"), mostCall: 21,
		},
	}
	for name, c := range cases {
		for _, readable := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, the live rules can be read: %v", name, readable), func(t *testing.T) {
				t.Parallel()
				live := &rules{refuses: maps.Clone(c.refuses)}
				s, groups := live.start(t, 0)
				asked := ingressRules(t, c.of)
				for _, r := range asked {
					if readable {
						live.live = append(live.live, r.ID)
					}
				}
				got := become(groups.Revoke(context.Background(), group, asked))
				for i := range got { // an error is compared by its beginning and its code
					if strings.HasPrefix(got[i], "revoke "+asked[i].ID+" from "+group+": ") && strings.Contains(got[i], c.want[i]) {
						got[i] = c.want[i]
					}
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
				var revoked []string
				for i, w := range c.want {
					if w == "revoked" {
						revoked = append(revoked, asked[i].ID)
					}
				}
				slices.Sort(revoked) // halves are revoked side by side
				slices.Sort(live.revoked)
				if diff := cmp.Diff(revoked, live.revoked); diff != "" {
					t.Errorf("revoked: %s", diff)
				}
				calls := len(s.Requests("RevokeSecurityGroupIngress"))
				if calls > c.mostCall || readable && calls > 6 {
					t.Errorf("%d calls, more than %d", calls, c.mostCall)
				}
			})
		}
	}
}

func TestARevokeOfManyWhoseAnswerIsLostTakesFewCalls(t *testing.T) {
	t.Parallel()
	live := &rules{}
	s, groups := live.start(t, 0)
	asked := ingressRules(t, 1000)
	for _, r := range asked {
		live.live = append(live.live, r.ID)
	}
	s.Inject("RevokeSecurityGroupIngress", 1, awsstub.Fault{DropAfter: true})
	for i, got := range become(groups.Revoke(context.Background(), group, asked)) {
		if got != "gone" {
			t.Errorf("%s: %s", asked[i].ID, got)
		}
	}
	if calls := len(s.Requests()); calls > 4 {
		t.Errorf("%d calls", calls)
	}
}

func TestARevokeThatIsRefusedForAllRulesIsNotTriedInParts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    awsstub.Fault
		want     string
		attempts int
	}{
		"denied":             {awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you", Status: 403}}, "not you", 1},
		"throttled":          {awsstub.Fault{Error: &awsstub.Error{Code: "RequestLimitExceeded", Status: 503}}, "RequestLimitExceeded", awsstub.Attempts},
		"an error of EC2's":  {awsstub.Fault{Error: &awsstub.Error{Code: "InternalError", Status: 500}}, "InternalError", awsstub.Attempts},
		"connections broken": {awsstub.Fault{DropBefore: true}, "EOF", awsstub.Attempts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := &rules{}
			s, groups := live.start(t, 0)
			s.Inject("RevokeSecurityGroupIngress", 99, c.fault)
			asked := ingressRules(t, 4)
			for i, err := range groups.Revoke(context.Background(), group, asked) {
				if err == nil || errors.Is(err, secgroup.ErrNotFound) || !strings.HasPrefix(err.Error(), "revoke "+asked[i].ID+" from "+group+": ") || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: got %v", asked[i].ID, err)
				}
			}
			if n := len(s.Requests()); n != c.attempts || len(live.revoked) != 0 {
				t.Errorf("%d calls, revoked %v", n, live.revoked)
			}
		})
	}
}

func TestADirectionThatFailsDoesNotSaveTheOther(t *testing.T) {
	t.Parallel()
	live := &rules{}
	s, groups := live.start(t, 0)
	s.Inject("RevokeSecurityGroupIngress", 1, awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Status: 403}})
	asked := append(ingressRules(t, 1), secgroup.LiveRule{ID: "sgr-out", Rule: parse(t, "egress tcp 443 0.0.0.0/0")})
	errs := groups.Revoke(context.Background(), group, asked)
	if errs[0] == nil || errs[1] != nil {
		t.Errorf("got %v", errs)
	}
	if diff := cmp.Diff([]string{"sgr-out"}, live.revoked); diff != "" {
		t.Error(diff)
	}
}

func TestFaultsThatPassAreNotSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault awsstub.Fault
		want  string
	}{
		"a 5xx":                                  {awsstub.Fault{Error: &awsstub.Error{Status: 503}}, "revoked"},
		"throttling":                             {awsstub.Fault{Error: &awsstub.Error{Code: "RequestLimitExceeded", Status: 503}}, "revoked"},
		"a connection dropped before the effect": {awsstub.Fault{DropBefore: true}, "revoked"},
		// The second attempt finds that the first one did it.
		"a connection dropped after the effect": {awsstub.Fault{DropAfter: true}, "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := &rules{}
			s, groups := live.start(t, 0)
			s.Inject("RevokeSecurityGroupIngress", 1, c.fault)
			got := become(groups.Revoke(context.Background(), group, ingressRules(t, 3)))
			if diff := cmp.Diff([]string{c.want, c.want, c.want}, got); diff != "" {
				t.Error(diff)
			}
			if len(live.revoked) != 3 {
				t.Errorf("revoked %v", live.revoked)
			}
		})
	}
}

func TestReturnFalseIsAnError(t *testing.T) {
	t.Parallel()
	for _, direction := range []string{"ingress", "egress"} {
		s, groups := start(t, 0, map[string]awsstub.Handler{
			"RevokeSecurityGroupIngress": func(awsstub.Request) (any, error) { return awsstub.RevokeAnswer{}, nil },
			"RevokeSecurityGroupEgress":  func(awsstub.Request) (any, error) { return awsstub.RevokeAnswer{}, nil },
		})
		live := []secgroup.LiveRule{{ID: "sgr-1", Rule: parse(t, direction+" tcp 22 10.0.0.0/8")}, {ID: "sgr-2", Rule: parse(t, direction+" tcp 23 10.0.0.0/8")}}
		for i, got := range become(groups.Revoke(context.Background(), group, live)) {
			if want := fmt.Sprintf("revoke %s from %s: EC2 answered return=false", live[i].ID, group); got != want {
				t.Errorf("%s: got %q, want %q", direction, got, want)
			}
		}
		if len(s.Requests()) != 1 {
			t.Errorf("%d calls", len(s.Requests()))
		}
	}
}
