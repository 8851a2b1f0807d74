package simulation

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// sweepVersions is the parameter that says until when sweeps have looked for versions of
// which nobody was notified.
const sweepVersions = prefix + "/sweep-versions"

// sameSecond is the longest time between two versions that one event may report.
const sameSecond = 1500 * time.Millisecond

// judgeVersions: a version of a document that is not deleted is reported, though its event was
// lost. A version from before the first sweep of all may stay unreported, and what nobody may
// decrypt. So may what a sweep finds no time for.
func (w *world) judgeVersions() {
	first := slices.IndexFunc(w.ssm.changes, func(c parameterChange) bool { return c.name == sweepVersions })
	if first < 0 || w.sweepTime < sweeperTime {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(w.ssm.parameters)) {
		if !isDocument(name) {
			continue
		}
		versions := w.ssm.parameters[name]
		locked := slices.ContainsFunc(versions, func(v version) bool { return v.Type == "SecureString" })
		for i, v := range versions {
			if !locked && v.writtenAt().After(w.ssm.changes[first].at) && !strings.Contains(name, "/pending-") && !w.reportedOf(versions[i:]) {
				w.broken("no silent violation", "version %d of %s was never told", v.Version, name)
			}
		}
	}
}

func isDocument(name string) bool {
	return strings.HasPrefix(name, groupsPath) || strings.HasPrefix(name, approvalsPath) || name == pauseName || name == prefix+"/guardrail" || name == prefix+"/trust"
}

func (v version) writtenAt() time.Time { return time.UnixMicro(int64(v.LastModifiedDate * 1e6)) }

// reportedOf reports whether an alert reports the first of some versions.
func (w *world) reportedOf(versions []version) bool {
	for _, v := range versions {
		if v.writtenAt().Sub(versions[0].writtenAt()) > sameSecond {
			return false
		}
		if slices.ContainsFunc(w.alerts, func(d delivered) bool {
			return d.alert.Baseline.Parameter == v.Name && d.alert.Baseline.Version == v.Version && d.alert.Kind != "drift"
		}) {
			return true
		}
	}
	return false
}

// reportsNoVersion takes each version for reported.
type reportsNoVersion struct{ sweep.VersionMark }

func (m reportsNoVersion) Looked(ctx context.Context) (time.Time, error) {
	if until, err := m.VersionMark.Looked(ctx); err != nil || until.IsZero() {
		return until, err
	}
	return time.Now(), nil
}
