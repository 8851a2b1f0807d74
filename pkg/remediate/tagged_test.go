package remediate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const prod = "prod"

func TestOnlyGroupsWithTheTagAreChanged(t *testing.T) {
	t.Parallel()
	const hint = "may change only groups with the tag sgwarden=prod; to have the group guarded: aws ec2 create-tags --region us-east-1 --resources " + group + " --tags Key=sgwarden,Value=prod"
	reverted := []summary{{alert.Reverted, alert.High, []string{"revoked " + ssh}}}
	reported := []summary{{alert.WouldRevert, alert.High, []string{"none " + ssh}}}
	for name, c := range map[string]struct {
		only, tag string
		adapt     func(*aws)
		want      []summary
		says      string
	}{
		"no tag is asked for, and the group has none":             {"", "", nil, reverted, ""},
		"no tag is asked for, and the group has one":              {"", prod, nil, reverted, ""},
		"the group has the tag":                                   {prod, prod, nil, reverted, ""},
		"the group has no tag":                                    {prod, "", nil, reported, hint},
		"the group's tag has another value":                       {prod, "Prod", nil, reported, hint},
		"the tag can't be read, so IAM decides":                   {prod, "", func(a *aws) { a.fail("group", errDenied) }, reverted, ""},
		"the group has no tag, and the baseline is in mode alert": {prod, "", func(a *aws) { a.document = with(a.document, `"mode":"alert"`) }, reported, ""},
		"the group has no tag, and sgwarden is paused":            {prod, "", func(a *aws) { a.pause = pausing(now.Add(time.Hour)) }, reported, "sgwarden is paused until"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			a.tag = c.tag
			if c.adapt != nil {
				c.adapt(a)
			}
			r := a.remediator()
			r.OnlyTagged = c.only
			if _, err := r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
				t.Fatal(err)
			}
			got := a.alerts(t)
			if diff := cmp.Diff(c.want, summarise(got)); diff != "" {
				t.Fatal(diff)
			}
			if stays := len(a.liveTexts()) == 1; stays != (got[0].Outcome == alert.WouldRevert) {
				t.Errorf("live: %v", a.liveTexts())
			}
			if reason := got[0].Reason; !strings.Contains(reason, c.says) || c.says == "" && strings.Contains(reason, "tag") {
				t.Errorf("the reason is %q, want %q", reason, c.says)
			}
		})
	}
}

// TestTheTagIsReadOnlyWhereOneIsAskedFor: the group is described once for the alert, and
// once more for its tag.
func TestTheTagIsReadOnlyWhereOneIsAskedFor(t *testing.T) {
	t.Parallel()
	for only, want := range map[string]int{"": 1, prod: 2} {
		a := newAWS([]string{ssh})
		a.tag = prod
		r := a.remediator()
		r.OnlyTagged = only
		if _, err := r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
			t.Fatal(err)
		}
		asked := len(slices.DeleteFunc(slices.Clone(a.calls), func(call string) bool { return call != "group" }))
		if asked != want || len(a.liveTexts()) != 0 {
			t.Errorf("only %q: the group was described %d times, want %d; live: %v", only, asked, want, a.liveTexts())
		}
	}
}

// A deleted group has no tag, so no call is made that IAM could refuse.
func TestNothingIsTriedOnADeletedGroupWhereATagIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deleted error
		want    bool
	}{
		"the group is deleted": {secgroup.ErrNotFound, false},
		"the group is there":   {nil, true},
	} {
		a := newAWS(nil)
		a.tag = prod
		a.fail("group", c.deleted, c.deleted)
		r := a.remediator()
		r.OnlyTagged = prod
		result, err := r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4"))
		if err != nil {
			t.Fatal(err)
		}
		if tried := len(a.writes()) > 0; tried != c.want {
			t.Errorf("%s: calls %v", name, a.calls)
		}
		if result.Alert == nil || result.Alert.Outcome != alert.AlreadyGone {
			t.Errorf("%s: got %+v", name, result)
		}
	}
}

// IAM lets the functions write no approval where they may not revert either.
func TestWhatATrustedPrincipalOpensOnAGroupWithoutTheTagIsReported(t *testing.T) {
	t.Parallel()
	const web = "ingress tcp 8080 20.0.0.0/24"
	for tag, want := range map[string]alert.Outcome{"": alert.WouldRevert, prod: alert.Pending} {
		a := newAWS([]string{web})
		a.tag, a.trust = tag, trusting(ci)
		a.fail("approve pending-e_1", map[string]error{"": errors.New("no approval should be written")}[tag])
		r := a.remediator()
		r.OnlyTagged = prod
		event := trail.Trigger{EventID: "e/1", EventName: "AuthorizeSecurityGroupIngress", GroupID: group, Region: "us-east-1", Time: now, Principal: ci}
		event.Changes = []trail.Change{{Rule: a.live[0].Rule, RuleID: a.live[0].ID}}
		result, err := r.Reconcile(context.Background(), event)
		if err != nil {
			t.Fatal(err)
		}
		if result.Alert == nil || result.Alert.Outcome != want || (len(a.approvals) == 1) != (want == alert.Pending) {
			t.Errorf("tag %q: got %+v, approvals %v", tag, result, a.approvals)
		}
	}
}
