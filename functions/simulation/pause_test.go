package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// pauseName is the parameter that says until when nothing is changed in EC2.
const pauseName = prefix + "/pause"

// pause is a pause as its author means it.
type pause struct {
	until  time.Time
	broken string // instead of all else: a text that is no pause
}

// inForce reports whether nothing may be changed at a time.
func (p *pause) inForce(at time.Time) bool { return p != nil && p.broken == "" && at.Before(p.until) }

func (p *pause) text() string {
	if p.broken != "" {
		return p.broken
	}
	return mustEncode(map[string]any{"schema": 1, "until": p.until.UTC().Format(time.RFC3339), "reason": "migration"})
}

// brokenPauses pause nothing: the second one would last longer than a day.
var brokenPauses = []string{`{"schema": 1, "until": "tomorrow", "reason": "migration"}`, `{"schema": 1, "until": "2099-01-01T00:00:00Z", "reason": "for good"}`}

// changePause pauses the functions, or ends the pause.
func (w *world) changePause(t throw) {
	switch is := w.papers.pauses[w.ssm.value(pauseName)]; {
	case is != nil && t.chance(0.5):
		w.unwrite(pauseName)
	case t.chance(0.15):
		w.writePause(&pause{broken: pick(t, brokenPauses)})
	default:
		w.writePause(&pause{until: time.Now().Add(t.between(-time.Minute, 10*time.Minute)).Truncate(time.Second)})
	}
}

func (w *world) writePause(p *pause) { w.write(pauseName, w.papers.addPause(p), false) }

// paused says whether a pause was in force all the time from one time to another.
func (w *world) paused(from, to time.Time) bool {
	return !slices.ContainsFunc(w.ssm.during(pauseName, from, to), func(h heldValue) bool {
		return !w.papers.pauses[h.value].inForce(h.until)
	})
}

// judgeDeletion: a sweep deletes the document of a pause that has ended, and no
// other.
func (w *world) judgeDeletion(name, value string) {
	if name == pauseName && w.papers.pauses[value].inForce(time.Now()) {
		w.tally.counts[countPausesDeleted]++
	}
}

// judgePauseReported: the beginning and the end of a pause are reported.
func (w *world) judgePauseReported(reported reports, i *invocation) {
	e := i.delivery.event
	if e == nil || e.group != pauseName || i.err != nil || reported.kinds[e][[2]string{"", "paused"}] {
		return
	}
	w.broken("no silent violation", "%v was of the pause, succeeded, and nobody was told", i)
}

// forgetsPause reads all but the pause.
type forgetsPause struct{ from remediate.BaselineReader }

func (f forgetsPause) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	documents, err := f.from.Read(ctx, groupID)
	documents.Pause = baseline.Stored{}
	return documents, err
}

// ignoresPause has a sweep change rules during a pause.
func ignoresPause(s *sweep.Sweeper) {
	r := remediatorOf(s)
	r.Baselines = forgetsPause{r.Baselines}
}
