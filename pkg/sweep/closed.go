package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// How a finding ended that people were notified of.
const (
	notLive      = "not live any more"
	permittedNow = "permitted now"
	liveAgain    = "live again"
	notApproved  = "not approved any more"
	notGuarded   = "not guarded any more"
	usableAgain  = "can be used again"
	deleted      = "deleted"
	judgedAgain  = "judged again"
	asApproved   = "as approved again"
)

// closedPerAlert keeps an alert far below the 256 KB of an SNS message.
const closedPerAlert = 200

// closings are what people were notified of as open and what this sweep finds to be over.
type closings struct {
	open    map[string][]notified.Open // by group id; empty for the documents of all groups
	watched map[string]bool            // parameters of which people know that they can't be used
	usable  map[string]bool            // of the watched ones that were read
	listed  struct{ baselines, approvals, lists, shared bool }
	over    []ended
}

type ended struct {
	notified.Open
	how string
}

// readOpen reads what people were notified of as open. It comes before the rules are read:
// people may be notified later of rules that this sweep does not see.
func (r *run) readOpen(ctx context.Context) {
	r.closings = closings{open: map[string][]notified.Open{}, watched: map[string]bool{}, usable: map[string]bool{}}
	memory, err := r.Notified.Load(ctx)
	if err != nil {
		r.fail(fmt.Errorf("read what people were told of: %w", err))
	}
	if err == nil || !memory.IsEmpty() { // of a shard that can't be read, versions may be reported twice
		r.beginVersions(ctx, memory)
	}
	for _, e := range memory.Open() {
		r.closings.open[e.GroupID] = append(r.closings.open[e.GroupID], e)
		r.closings.watched[e.Parameter] = isDocument(e) || r.closings.watched[e.Parameter]
	}
}

// isDocument reports whether an entry is about a document that can't be used. Other
// entries without a rule are about a group that could not be judged, or was deleted.
func isDocument(e notified.Open) bool {
	aboutGroup := e.Kind == alert.Drift || e.Kind == alert.GuardrailKind || e.Kind == alert.ExceptionExpired || e.Kind == alert.PrefixListKind
	return e.Rule == "" && !aboutGroup
}

// noteDocument notes whether a document can be used.
func (c *closings) noteDocument(stored baseline.Stored, usable bool) {
	if c.watched[stored.Parameter] && stored.Exists() {
		c.usable[stored.Parameter] = usable
	}
}

// closeJudged notes what is over of a group that was judged.
func (r *run) closeJudged(groupID string, decision judge.Decision, live []secgroup.LiveRule) {
	if r.partial {
		return // a rule may be live that was not read
	}
	r.closings.open[groupID] = slices.DeleteFunc(r.closings.open[groupID], func(e notified.Open) bool {
		if isDocument(e) {
			return false // closeDocuments knows
		}
		how, over := howItEnded(e, decision, live)
		if over {
			r.closings.over = append(r.closings.over, ended{e, how})
		}
		return over
	})
}

// howItEnded says how an entry about a judged group ended, if it did.
func howItEnded(e notified.Open, decision judge.Decision, live []secgroup.LiveRule) (how string, over bool) {
	canonical, err := rule.Parse(e.Rule)
	isIt := func(l secgroup.LiveRule) bool { return l.NotCanonical == nil && l.Rule == canonical }
	isLive := slices.ContainsFunc(live, isIt)
	switch {
	case e.Rule == "": // the group could not be judged, or it was deleted
		return judgedAgain, decision.Empty() && len(live) > 0 // a group that was deleted has no rules
	case err != nil: // a rule that has no canonical form
		return notLive, len(decision.NotCanonical) == 0
	case e.Verdict == alert.Missing && slices.ContainsFunc(decision.Missing, func(m secgroup.ApprovedRule) bool { return rule.Overlap(m.Rule, canonical) }):
		return "", false
	case e.Verdict == alert.Missing && permits(live, canonical):
		return liveAgain, true
	case e.Verdict == alert.Missing:
		return notApproved, true
	case slices.ContainsFunc(decision.Violations, func(v judge.Violation) bool { return isIt(v.LiveRule) }):
		return "", false
	case isLive:
		return permittedNow, true
	}
	return notLive, true
}

// permits reports whether live rules, together, permit all traffic of a rule.
func permits(live []secgroup.LiveRule, r rule.Rule) bool {
	var rules []rule.Rule
	for _, l := range live {
		if l.NotCanonical == nil {
			rules = append(rules, l.Rule)
		}
	}
	return rule.Compile(rules).Permits(r, rule.Covered)
}

// closeUnguarded notes what is over of groups that nothing judges: they have no baseline
// any more, and either no rules or no guardrail.
func (r *run) closeUnguarded() {
	if !r.closings.listed.baselines || !r.closings.listed.shared || r.partial {
		return
	}
	for groupID, entries := range r.closings.open {
		_, hasRules := r.rules[groupID]
		if groupID == "" || rule.IsPrefixListID(groupID) || r.guarded[groupID] || hasRules && r.shared.Guardrail.Exists() {
			continue
		}
		for _, e := range entries {
			switch {
			case isDocument(e):
			case hasRules || e.Rule == "":
				r.closings.over = append(r.closings.over, ended{e, notGuarded})
			default:
				r.closings.over = append(r.closings.over, ended{e, notLive})
			}
		}
	}
}

// closeDocuments notes which documents can be used again, and which were deleted.
func (r *run) closeDocuments() {
	for _, entries := range r.closings.open {
		for _, e := range entries {
			if !isDocument(e) || e.Parameter == "" {
				continue
			}
			usable, exists := r.closings.usable[e.Parameter]
			switch {
			case exists && usable:
				r.closings.over = append(r.closings.over, ended{e, usableAgain})
			case !exists && r.closings.isListed(e.Parameter):
				r.closings.over = append(r.closings.over, ended{e, deleted})
			}
		}
	}
}

// isListed reports whether all documents like this one were read.
func (c *closings) isListed(parameter string) bool {
	switch {
	case strings.Contains(parameter, "/groups/"):
		return c.listed.baselines
	case strings.Contains(parameter, "/approvals/"):
		return c.listed.approvals
	case strings.Contains(parameter, "/prefix-lists/"):
		return c.listed.lists
	}
	return c.listed.shared
}

// reportClosed reports which findings are over, in an alert for each group and kind.
func (r *run) reportClosed(ctx context.Context) {
	r.closeUnguarded()
	r.closeDocuments()
	slices.SortFunc(r.closings.over, func(a, b ended) int { return strings.Compare(a.key(), b.key()) })
	for len(r.closings.over) > 0 {
		first := r.closings.over[0]
		n := 1
		for n < min(len(r.closings.over), closedPerAlert) && r.closings.over[n].about() == first.about() {
			n++
		}
		r.fail(r.reportOver(ctx, first.Open, r.closings.over[:n]))
		r.closings.over = r.closings.over[n:]
	}
}

// about is the same for entries that one alert reports.
func (e ended) about() string { return e.GroupID + " " + string(e.Kind) + " " + e.Parameter }

func (e ended) key() string { return e.about() + " " + e.Rule + " " + string(e.Verdict) }

func (r *run) reportOver(ctx context.Context, first notified.Open, over []ended) error {
	closed := make([]alert.Closed, len(over))
	for i, e := range over {
		closed[i] = alert.Closed{How: e.how, Rule: e.Rule, Verdict: e.Verdict, Since: e.Since}
	}
	t := r.trigger(first.GroupID, judge.Decision{})
	t.GroupName = first.GroupName
	if rule.IsPrefixListID(t.GroupID) {
		t.GroupID, t.PrefixListID = "", t.GroupID
	}
	if err := r.Reporter.ReportClosed(ctx, t, first.Kind, first.Parameter, closed); err != nil {
		return fmt.Errorf("tell what is over of %s: %w", first.GroupID+first.Parameter, err)
	}
	r.summary.Closed += len(closed)
	return nil
}
