package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/judge/vectors"
)

// vectorWorld is the account of a vector: its group and its documents.
type vectorWorld struct {
	*parameterStore
	file vectors.File
	of   vectors.Case
}

func newVectorWorld(t *testing.T, f vectors.File, c vectors.Case) vectorWorld {
	t.Helper()
	w := vectorWorld{newParameterStore(t), f, c}
	for _, version := range c.Baseline {
		w.write(version.WrittenAt, vectors.Prefix+"/groups/"+f.GroupID, version.Document)
	}
	for _, approval := range c.Approvals {
		w.write(approval.WrittenAt, vectors.Prefix+"/approvals/"+f.GroupID+"/"+approval.Name, approval.Document)
	}
	for name, document := range map[string]*vectors.Document{"guardrail": c.Guardrail, "trust": c.Trust} {
		if document != nil {
			w.write(c.Now.Add(-24*time.Hour), vectors.Prefix+"/"+name, *document)
		}
	}
	for _, l := range c.Live {
		spelled, err := l.Spelled()
		if err != nil {
			t.Fatal(err)
		}
		w.rules[f.GroupID] = append(w.rules[f.GroupID], described(f, l.ID, spelled))
	}
	return w
}

// write writes a parameter at a time. Where the store refuses the value, it refuses each
// read of parameters by their names.
func (w vectorWorld) write(at time.Time, name string, d vectors.Document) {
	w.written = at
	w.set(name, d.Value())
	if d.Refused {
		refusal := awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "the key is not yours"}}
		w.Inject("GetParameters", 1000, refusal)
	}
}

// described is a rule as EC2 describes it.
func described(f vectors.File, id string, e vectors.EC2) types.SecurityGroupRule {
	r := types.SecurityGroupRule{
		SecurityGroupRuleId: &id, GroupId: &f.GroupID, GroupOwnerId: &f.Account, IsEgress: &e.IsEgress, IpProtocol: &e.IPProtocol,
		FromPort: port32(e.FromPort), ToPort: port32(e.ToPort), CidrIpv4: orNil(e.CidrIPv4), CidrIpv6: orNil(e.CidrIPv6), PrefixListId: orNil(e.PrefixListID),
	}
	if e.ReferencedGroupID != "" {
		r.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: &e.ReferencedGroupID, UserId: &f.Account}
	}
	return r
}

func port32(p *int) *int32 {
	if p == nil {
		return nil
	}
	return aws.Int32(int32(*p))
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// run runs the command in the vector's account, at the vector's time.
func (w vectorWorld) run(t *testing.T, args ...string) ran {
	t.Helper()
	cfg := w.configOf()
	env := map[string]string{}
	if w.of.GraceMinutes != nil {
		env["GRACE_MINUTES"] = strconv.Itoa(*w.of.GraceMinutes)
	}
	a := &app{Account: account.Account{Getenv: func(name string) string { return env[name] }, Now: func() time.Time { return w.of.Now }, Config: &cfg}, in: strings.NewReader("")}
	return run(t, a, append(args, "--output", "json", "--prefix", vectors.Prefix)...)
}

// shown is what diff said of the group.
type shown struct {
	Added, Removed, InGrace []string // rules
	ReadError               int
	Fails                   bool
}

// TestDiffShowsWhatEveryVectorSays: diff judges as a sweep does. Of a vector with an event
// the live violations are compared, since what is missing or protected depends on the event.
func TestDiffShowsWhatEveryVectorSays(t *testing.T) {
	t.Parallel()
	file, err := vectors.Read()
	if err != nil {
		t.Fatal(err)
	}
	skipped := map[string]int{}
	for _, c := range file.Cases {
		if reason := whyNotDiffed(c); reason != "" {
			skipped[reason]++
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			got := shownIn(t, newVectorWorld(t, file, c).run(t, "diff", file.GroupID))
			want := wantShown(c)
			if c.Event != nil {
				got.Removed = nil
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff(map[string]int{orderOfArrival: 1}, skipped); diff != "" {
		t.Errorf("vectors that diff can't express: %s", diff)
	}
}

const orderOfArrival = "which of two rules breaks the guardrail depends on the order in which they came, and that only the event tells"

func whyNotDiffed(c vectors.Case) string {
	if c.Event != nil && c.Expect.JudgedBy == vectors.ByGuardrail && len(c.Live) > 1 {
		return orderOfArrival
	}
	return ""
}

// wantShown is what a decision looks like in diff. What waits for approval since the event
// is not permitted yet.
func wantShown(c vectors.Case) shown {
	e := c.Expect
	w := shown{ReadError: len(e.NotCanonical), Fails: slices.Contains(e.Unusable, "baseline") || slices.Contains(e.Unusable, "guardrail")}
	for _, v := range slices.Concat(e.Violations, e.Pending) {
		if !v.NotLive {
			w.Added = append(w.Added, v.Rule)
		}
	}
	for _, g := range e.InGrace {
		w.InGrace = append(w.InGrace, g.Rule)
	}
	if c.Event == nil {
		w.Removed = slices.Concat(e.Protect, e.Missing)
	}
	return w
}

func shownIn(t *testing.T, got ran) shown {
	t.Helper()
	s := shown{Fails: got.status == 1}
	if s.Fails {
		return s
	}
	var found struct {
		Groups []struct {
			Changes []struct {
				Kind, Rule string
				Until      *time.Time
			}
		}
	}
	if err := json.Unmarshal([]byte(got.out), &found); err != nil {
		t.Fatalf("%v in %+v", err, got)
	}
	for _, g := range found.Groups {
		for _, c := range g.Changes {
			switch {
			case c.Kind == "added" && c.Until != nil:
				s.InGrace = append(s.InGrace, c.Rule)
			case c.Kind == "added":
				s.Added = append(s.Added, c.Rule)
			case c.Kind == "removed":
				s.Removed = append(s.Removed, c.Rule)
			case c.Kind == "unreadable":
				s.ReadError++
			}
		}
	}
	return s
}
