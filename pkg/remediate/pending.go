package remediate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// writePendingApproval lets what a trusted principal opened wait for approval: it writes an
// approval that ends by itself. A retry of the event finds the rules approved and
// reports nothing of them, so the alert is put on record first. It returns the names
// of the records.
func (r *Remediator) writePendingApproval(ctx context.Context, j judgement, pending []judge.Violation) (records []string, err error) {
	record := r.newAlert(j.trigger, secgroup.Group{}, j.state.inForce())
	record.Kind, record.Outcome = alert.PendingKind, alert.Pending
	var rules []rule.Rule
	for _, v := range pending {
		f := violationFinding(v)
		f.Action = alert.ActionPending
		record.Findings = append(record.Findings, f)
		rules = append(rules, v.Rule)
	}
	r.attribute(j.trigger, &record)
	name := pendingName(j.trigger.EventID)
	records, err = r.Journal.Write(ctx, fmt.Sprintf("%s/%d-%s", j.trigger.GroupID, r.Now().UnixNano(), "pending"), record)
	if err != nil {
		return records, fmt.Errorf("put on record what waits for approval: %w", err)
	}
	for i, part := range slices.Collect(slices.Chunk(rules, alert.PendingRules)) {
		a := &baseline.Approval{
			Name: name, Rules: part, Expires: r.pendingEnd(j.trigger, *j.trusted),
			Reason: fmt.Sprintf("pending: opened by the trusted principal %s, event %s", j.trusted.ARN, j.trigger.EventID),
		}
		if i > 0 {
			a.Name = fmt.Sprintf("%s-%d", name, i+1)
		}
		if err := r.Approvals.PutApproval(ctx, j.trigger.GroupID, a); err != nil {
			return records, fmt.Errorf("write the pending approval %s of %s: %w", a.Name, j.trigger.GroupID, err)
		}
	}
	return records, nil
}

// pendingEnd is when what a trusted principal opened is reverted. It counts from the
// event, so that a late delivery does not prolong it.
func (r *Remediator) pendingEnd(t trail.Trigger, p baseline.Principal) time.Time {
	if t.Time.IsZero() {
		return r.Now().Add(p.Pending)
	}
	return t.Time.Add(p.Pending)
}

// pendingName makes a name of what CloudTrail gives for an event's id.
func pendingName(eventID string) string {
	return judge.PendingPrefix + strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '_'
	}, eventID[:min(len(eventID), 64)])
}
