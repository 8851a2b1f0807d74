package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

var at = time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)

// draw draws alerts of few groups, rules, people and events, so that they meet.
func draw(t *rapid.T) []received {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	var all []received
	for i := range rapid.IntRange(1, 8).Draw(t, "alerts") {
		a := alert.Alert{
			Kind:    alert.Kind(pick("kind", "drift", "drift", "guardrail", "baseline-changed", "approval-changed", "exception-expired", "baseline-error")),
			Outcome: alert.Outcome(pick("outcome", "would-revert", "reverted", "none", "failed")), Account: "1", Region: "r",
			GroupID: pick("group", "sg-1", "sg-2"), Event: alert.Event{ID: pick("event", "", "e1", "e2", "e3")}, MadeAt: at,
			Reason: pick("reason", "", "x"), PermitsMore: rapid.SliceOfN(rapid.Just("ingress tcp 1 10.0.0.0/8"), 0, 1).Draw(t, "more"),
		}
		// One person makes the call of an event. Not every alert of the event names the person.
		who := map[string]string{"e1": "ana", "e2": "bob", "e3": "ana"}[a.Event.ID]
		if who != "" && rapid.Bool().Draw(t, "named") {
			a.Actor = &alert.Actor{ARN: who}
		}
		for range rapid.IntRange(0, 4).Draw(t, "findings") {
			f := alert.Finding{
				Rule: pick("rule", "ingress tcp 22 0.0.0.0/0", "ingress tcp 80 10.0.0.0/8", "egress all all sg-3"), RuleID: pick("id", "", "sgr-1", "sgr-2"),
				Verdict: alert.Verdict(pick("verdict", "violation", "violation", "missing")), OpenedByEvent: rapid.Bool().Draw(t, "opened"),
				Action: alert.Action(pick("action", "failed", "revoked", "restored", "pending", "none", "already-gone")),
			}
			f.Canonical, _ = rule.Parse(f.Rule)
			a.Findings = append(a.Findings, f)
		}
		a = alert.New(a)
		all = append(all, received{Alert: a, messages: []string{fmt.Sprint("m", i)}, alerts: []string{a.ID}})
	}
	return all
}

func lines(alerts []received) []string {
	var all []string
	for _, a := range alerts {
		all = append(all, text(a.Alert)+strings.Join(a.messages, ",")+" "+strings.Join(a.alerts, ","))
	}
	slices.Sort(all)
	return all
}

func TestMergingDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		alerts := draw(t)
		want := lines(merge(slices.Clone(alerts)))
		if diff := cmp.Diff(want, lines(merge(rapid.Permutation(alerts).Draw(t, "order")))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestMergingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := merge(draw(t))
		// Two alerts are the same once the field in which they differed is removed.
		if diff := cmp.Diff(lines(distinct(once)), lines(merge(slices.Clone(once)))); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestNothingIsLost is the promise: each finding stands in exactly one story, or in one
// for each person who opened it, and the story knows the messages that brought it.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		alerts := draw(t)
		opened, messages, strongest, ids := map[key]map[string]bool{}, map[key][]string{}, map[key]int{}, map[key][]string{}
		for _, a := range alerts {
			for _, f := range a.Findings {
				k := keyOf(a.Alert, f)
				if opened[k] == nil {
					opened[k] = map[string]bool{}
				}
				if who := actorKey(a.Actor); f.OpenedByEvent && who != "" && !isDocumentChange(a.Kind) {
					opened[k][who] = true
				}
				ids[k] = union(ids[k], []string{f.RuleID})
				messages[k] = union(messages[k], a.messages)
				if !isDocumentChange(a.Kind) && f.Action != alert.ActionFailed {
					strongest[k] = max(strongest[k], strengths[f.Action])
				}
			}
		}
		b := batch{Notifier: &Notifier{}, memory: notified.Empty(), now: at}
		times, wereMailed, strength := map[key]int{}, map[key][]string{}, map[key]int{}
		var documents []string
		for _, s := range b.stories(merge(alerts)) {
			inStory := map[key]bool{}
			for _, a := range s.alerts {
				if len(a.PermitsMore) > 0 && isDocument(a.Kind) {
					documents = union(documents, a.messages)
				}
				for _, f := range a.Findings {
					k := keyOf(a.Alert, f)
					if inStory[k] {
						t.Fatalf("%v stands in a story twice", k)
					}
					inStory[k] = true
					times[k]++
					wereMailed[k] = union(wereMailed[k], s.messages())
					if !isDocumentChange(a.Kind) {
						strength[k] = max(strength[k], strengths[f.Action])
					}
				}
			}
		}
		for k, who := range opened {
			// A rule that nobody is known to have opened stays separate where the rule has another id.
			most := max(1, len(who))
			if len(ids[k]) > 1 && len(who) > 0 {
				most++
			}
			if times[k] < max(1, len(who)) || times[k] > most {
				t.Fatalf("%v stands in %d stories, and %d people opened it", k, times[k], len(who))
			}
			if missing := slices.DeleteFunc(messages[k], func(id string) bool { return slices.Contains(wereMailed[k], id) }); len(missing) > 0 {
				t.Fatalf("the stories of %v do not know the messages %v", k, missing)
			}
			// A rule that stays outdates the revoke of a rule with another id.
			if strength[k] < strongest[k] && (len(ids[k]) == 1 || strength[k] < strengths[alert.ActionNone]) {
				t.Fatalf("%v is mailed as %d, and %d was done", k, strength[k], strongest[k])
			}
		}
		for _, a := range alerts {
			if len(a.PermitsMore) > 0 && isDocument(a.Kind) && !slices.Contains(documents, a.messages[0]) {
				t.Fatalf("the change of message %v is in no story", a.messages)
			}
		}
	})
}

func TestARevokedRuleIsNotMailedAsFailed(t *testing.T) {
	t.Parallel()
	with := func(event string, action alert.Action, id string) received {
		a := alert.New(alert.Alert{Kind: alert.Drift, GroupID: "sg-1", Event: alert.Event{ID: event}, Findings: []alert.Finding{{Rule: "r", RuleID: id, Action: action, Verdict: alert.Violation}}})
		return received{Alert: a, messages: []string{event}, alerts: []string{a.ID}}
	}
	for id, want := range map[string]alert.Action{"sgr-1": alert.ActionRevoked, "sgr-2": alert.ActionFailed} {
		got := merge([]received{with("e1", alert.ActionFailed, "sgr-1"), with("e2", alert.ActionRevoked, id)})
		if len(got) != 1 || got[0].Findings[0].Action != want {
			t.Errorf("revoked as %s: got %+v", id, got)
		}
	}
}
