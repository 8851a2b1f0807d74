package remediate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// recordTime is all that a revoke waits for being put on record. After that the
// alert has to be the record.
const recordTime = 3 * time.Second

var errNotRecorded = errors.New("not revoked yet: it could not be put on record first")

// newRecord is the alert of what this run alone has seen: its violations that no
// retry would find in the event.
func (r *Remediator) newRecord(p *plan, t trail.Trigger, stored baseline.Stored) alert.Alert {
	a := r.newAlert(t, secgroup.Group{}, stored)
	a.Kind, a.Outcome = p.Kind, alert.AlreadyGone
	for _, s := range p.of(revoke) {
		if !s.violation.ReportedByRetry {
			a.Findings = append(a.Findings, violationFinding(s.violation))
		}
	}
	r.attribute(t, &a)
	return a
}

// record puts an alert with findings into the journal.
func (r *Remediator) record(ctx context.Context, a alert.Alert, p *plan) error {
	if len(a.Findings) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	key := fmt.Sprintf("%s/%d-%d", a.GroupID, r.Now().UnixNano(), len(p.records))
	names, err := r.Journal.Write(ctx, key, a)
	p.records = append(p.records, names...)
	return err
}

// erase takes the alerts that were published out of the journal. One that stays there is
// reported twice, which is no error.
func (r *Remediator) erase(ctx context.Context, records []string) {
	if len(records) == 0 {
		return
	}
	if err := r.Journal.Erase(ctx, records); err != nil {
		r.Log.WarnContext(ctx, "the next sweep will tell this again", "records", records, "reason", err.Error())
	}
}

// ReportLate delivers an alert from the journal, of a run that ended before it
// could. The rules of it that are live are the sweep's to deal with.
func (r *Remediator) ReportLate(ctx context.Context, a alert.Alert) error {
	live, err := r.Rules.Rules(ctx, a.GroupID)
	if err != nil {
		return fmt.Errorf("read the rules of %s: %w", a.GroupID, err)
	}
	now := map[string]rule.Rule{}
	for _, l := range live {
		now[l.ID] = l.Rule
	}
	for i := range a.Findings {
		f := &a.Findings[i]
		f.Canonical, _ = rule.Parse(f.Rule) // for the severity; a text that can't be read has none
		if r, found := now[f.RuleID]; found && r == f.Canonical {
			f.Action, a.Outcome = alert.ActionNone, alert.None
			f.Reason += "; it is live, and judged by every sweep"
		}
	}
	a.Late = true
	a.Reason = "told late: the run that found this may have ended before it could tell"
	if group, _ := r.describe(ctx, a.GroupID); group.Name != "" {
		a.GroupName, a.VpcID = group.Name, group.VpcID
	}
	a.Kind = r.kind(a)
	return r.publish(ctx, alert.New(a))
}
