package remediate

import (
	"context"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// versions finds the versions that the event is about, after the one before them.
// The event doesn't say which version it is, and its time is in whole seconds. So all
// versions of that second count, and those that were written just before it: none may
// stay unreported.
func (r *Remediator) versions(ctx context.Context, t trail.Trigger) ([]baseline.Version, error) {
	none := []baseline.Version{{}}
	if t.Operation == "Delete" {
		return none, nil // the history was deleted too
	}
	history, err := r.History.History(ctx, t.Parameter)
	if err != nil || len(history) == 0 {
		return none, err
	}
	first, end := 0, len(history)
	for end > 1 && !t.Time.IsZero() && !history[end-1].ModifiedAt.Before(t.Time.Add(time.Second)) {
		end--
	}
	for first < end-1 && history[first].ModifiedAt.Before(t.Time.Add(-eventLag)) {
		first++
	}
	if t.Time.IsZero() {
		first = end - 1
	}
	if t.Operation == "Update" && first < end-1 && history[first].Version == 1 {
		first++ // which the event of its creation reports
	}
	if first == 0 {
		return append(none, history[:end]...), nil
	}
	return history[first-1 : end], nil
}

// eventLag is how long after a write its event may be dated. AWS documents no figure.
const eventLag = 500 * time.Millisecond

func compareBaselines(groupID string, now time.Time) func(before, after []byte) (baseline.Difference, error) {
	return func(before, after []byte) (baseline.Difference, error) {
		was, _ := baseline.Decode(before, groupID) // a broken one permitted nothing that anybody could rely on
		is, err := baseline.Decode(after, groupID)
		if after == nil {
			return baseline.Difference{}, nil
		}
		if err != nil {
			return baseline.Difference{}, err
		}
		return baseline.Compare(was, is, now), nil
	}
}

// compareTrust says who is trusted more and less than before.
func compareTrust(before, after []byte) (baseline.Difference, error) {
	is, err := baseline.DecodeTrust(after)
	if after == nil || err != nil {
		return baseline.Difference{}, err
	}
	was, err := baseline.DecodeTrust(before)
	if err != nil {
		was = &baseline.Trust{}
	}
	return baseline.Difference{More: trusted(is, was), Less: trusted(was, is)}, nil
}

// trusted lists whom a trusts and b doesn't, or not for so long.
func trusted(a, b *baseline.Trust) []string {
	var all []string
	for _, p := range a.Principals {
		if known, found := b.Find(p.ARN); !found || known.Pending != p.Pending {
			all = append(all, fmt.Sprintf("trust %s for %d hours", p.ARN, int(p.Pending.Hours())))
		}
	}
	return all
}

func compareGuardrails(before, after []byte) (baseline.Difference, error) {
	if after == nil {
		return baseline.Difference{}, nil
	}
	is, err := baseline.DecodeGuardrail(after)
	if err != nil {
		return baseline.Difference{}, err
	}
	was, err := baseline.DecodeGuardrail(before)
	if err != nil {
		was = &baseline.Guardrail{Mode: is.Mode}
	}
	d := baseline.Difference{More: forbidden(was, is), Less: forbidden(is, was)}
	d.Setting("mode", string(was.Mode), string(is.Mode))
	d.Settings = append(d.Settings, baseline.ForbiddenChanges(was.Forbid, is.Forbid)...)
	d.ForbidsLess = baseline.ForbidsLess(was.Forbid, is.Forbid)
	return d, nil
}

// forbidden lists what a forbids and b doesn't.
func forbidden(a, b *baseline.Guardrail) []string {
	known := map[rule.Forbidden]bool{}
	for _, f := range b.Forbid {
		known[f] = true
	}
	var all []string
	for _, f := range a.Forbid {
		if !known[f] {
			all = append(all, baseline.ForbidText(f))
		}
	}
	return all
}
