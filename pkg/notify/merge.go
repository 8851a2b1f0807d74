package notify

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// key names a rule of a group and what is wrong with it.
type key struct {
	account, region, group, rule string
	verdict                      alert.Verdict
}

func keyOf(a alert.Alert, f alert.Finding) key {
	return key{a.Account, a.Region, a.Subject(), f.Rule, f.Verdict}
}

// origin is where a finding stands.
type position struct{ alert, finding int }

// merge returns the alerts so that no finding stands in two of them. The exception is a
// rule that several people opened: it stands once for each of them. An alert that says
// nothing of its own any more is left out. The order of the alerts does not matter.
func merge(alerts []received) []received {
	alerts = distinct(alerts)
	positions := map[key][]position{}
	for i, a := range alerts {
		for j, f := range a.Findings {
			k := keyOf(a.Alert, f)
			positions[k] = append(positions[k], position{i, j})
		}
	}
	m := merger{came: slices.Clone(alerts), alerts: alerts, findings: make([]map[int]alert.Finding, len(alerts)), touched: make([]bool, len(alerts))}
	for i := range alerts {
		m.findings[i] = map[int]alert.Finding{}
	}
	for _, k := range slices.SortedFunc(maps.Keys(positions), compareKeys) {
		for _, act := range m.acts(positions[k]) {
			m.join(act)
		}
	}
	return mergeProblems(m.finish())
}

// distinct returns each alert once, in the order of the ids. Of two deliveries, one
// that names an actor stands.
func distinct(alerts []received) []received {
	byID := map[string]received{}
	for _, a := range alerts {
		other, found := byID[a.ID]
		if !found {
			byID[a.ID] = a
			continue
		}
		best, rest := a, other
		if comparePrecedence(other.Alert, a.Alert) < 0 {
			best, rest = other, a
		}
		best.messages = union(best.messages, rest.messages)
		byID[a.ID] = best
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b received) int { return cmp.Compare(a.ID, b.ID) })
}

func comparePrecedence(a, b alert.Alert) int {
	if (a.Actor == nil) != (b.Actor == nil) {
		return map[bool]int{true: 1, false: -1}[a.Actor == nil]
	}
	return cmp.Or(a.MadeAt.Compare(b.MadeAt), cmp.Compare(text(a), text(b)))
}

// text is compared, to see whether two alerts are the same. An alert that was decoded can be encoded.
func text(a alert.Alert) string {
	encoded, _ := json.Marshal(a)
	return string(encoded)
}

func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.group, b.group),
		cmp.Compare(a.rule, b.rule), cmp.Compare(a.verdict, b.verdict))
}

type merger struct {
	came     []received              // the alerts as they came
	alerts   []received              // as they become
	findings []map[int]alert.Finding // the findings that stay, by the index that each had
	touched  []bool                  // alerts that are not as they came
}

func (m *merger) at(p position) alert.Finding { return m.came[p.alert].Findings[p.finding] }

// acts splits the positions of one rule by who opened the rule. Where nobody is known to have
// opened it, all of them are one. A finding that nobody is known to have caused joins one with an actor of the same
// rule id, or with one where an id is not known. Where there is none, the finding is
// separate, unless it belongs to a document.
func (m *merger) acts(same []position) [][]position {
	byActor := map[string][]position{}
	var loose []position
	for _, p := range same {
		if who := actorKey(m.came[p.alert].Actor); who != "" && m.opened(p) {
			byActor[who] = append(byActor[who], p)
		} else {
			loose = append(loose, p)
		}
	}
	if len(byActor) == 0 {
		return [][]position{same}
	}
	var acts [][]position
	for _, who := range slices.Sorted(maps.Keys(byActor)) {
		acts = append(acts, byActor[who])
	}
	var alone []position
	for _, p := range loose {
		i := slices.IndexFunc(acts, func(act []position) bool { return m.opens(act, m.at(p).RuleID, false) })
		if i < 0 {
			i = slices.IndexFunc(acts, func(act []position) bool { return m.opens(act, m.at(p).RuleID, true) })
		}
		if i < 0 && !isDocument(m.came[p.alert].Kind) {
			alone = append(alone, p)
		} else {
			acts[max(0, i)] = append(acts[max(0, i)], p)
		}
	}
	if len(alone) > 0 {
		acts = append(acts, alone)
	}
	return acts
}

// opens reports whether somebody's act opened a rule of an id. An id that is not known
// may be any.
func (m *merger) opens(act []position, id string, orMay bool) bool {
	return slices.ContainsFunc(act, func(p position) bool {
		own := m.at(p).RuleID
		return m.rank(p) == 0 && (own == id && id != "" || orMay && (own == "" || id == ""))
	})
}

// adopt takes over which messages brought a finding, and what another alert knows of the
// group.
func (r *received) adopt(from received) {
	r.messages, r.alerts = union(r.messages, from.messages), union(r.alerts, from.alerts)
	r.GroupName, r.VpcID = cmp.Or(r.GroupName, from.GroupName), cmp.Or(r.VpcID, from.VpcID)
	r.PrefixListName = cmp.Or(r.PrefixListName, from.PrefixListName)
	if r.Interfaces == nil {
		r.Interfaces = from.Interfaces
	}
	if len(from.Peers) > 0 {
		peers := maps.Clone(from.Peers)
		maps.Copy(peers, r.Peers)
		r.Peers = peers
	}
}

func (m *merger) finish() []received {
	var merged []received
	for i, a := range m.alerts {
		if !m.touched[i] {
			merged = append(merged, a)
			continue
		}
		var findings []alert.Finding
		for _, at := range slices.Sorted(maps.Keys(m.findings[i])) {
			findings = append(findings, m.findings[i][at])
		}
		if len(findings) > 0 || isDocument(a.Kind) {
			a.Alert = with(a.Alert, findings)
			merged = append(merged, a)
		}
	}
	return merged
}
