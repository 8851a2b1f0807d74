package alert

import (
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Severity ranks alerts for people and for SNS filter policies.
type Severity string

// The severities, from the worst down. The table grades says when each applies.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// grade is one row of the table of severities.
type grade struct {
	severity Severity
	when     string
	applies  func(Alert) bool
}

// grades is the table of severities: the first row that applies to an alert counts.
// deploy/docs/alerts.md prints it, and a test compares the two.
var grades = []grade{
	{Critical, "a rule could not be revoked or restored", func(a Alert) bool { return hasFinding(a, isFailed) }},
	{Critical, "an alert as a whole failed, or partly", func(a Alert) bool { return a.Outcome == Failed || a.Outcome == Partial }},
	{Low, "findings that were told as open are over", func(a Alert) bool { return len(a.Closed) > 0 && len(a.Findings) == 0 }},
	{Critical, "a document can't be used", func(a Alert) bool { return a.Kind == BaselineError }},
	{Low, "a canary went well", func(a Alert) bool { return a.Kind == CanaryKind }},
	{High, "the guard was weakened", func(a Alert) bool { return a.Weakens }},
	{High, "a violation opens all protocols, an administrative or database port, or the whole world; an entry of a prefix list opens public addresses that are not approved", opensGravely},
	{Medium, "any other violation, or a missing rule", func(a Alert) bool { return len(a.Findings) > 0 }},
	{Low, "the rest", func(Alert) bool { return true }},
}

// Row is a row of the table of severities, for documentation.
type Row struct {
	Severity Severity
	When     string
}

// Severities is the table of severities: the first row that applies counts.
func Severities() []Row {
	all := make([]Row, len(grades))
	for i, g := range grades {
		all[i] = Row{g.severity, g.when}
	}
	return all
}

func severity(a Alert) Severity {
	first := slices.IndexFunc(grades, func(g grade) bool { return g.applies(a) })
	return grades[first].severity // the last row applies to all
}

func hasFinding(a Alert, is func(Finding) bool) bool { return slices.ContainsFunc(a.Findings, is) }

func isOpened(f Finding) bool { return f.OpenedByEvent }

func isFailed(f Finding) bool { return f.Action == ActionFailed }

func opensGravely(a Alert) bool {
	if hasFinding(a, opensPublic) {
		return true
	}
	var violations []rule.Rule
	for _, f := range a.Findings {
		if _, isEntry := f.Entry(); f.Verdict == Violation && !isEntry {
			violations = append(violations, f.Canonical)
		}
	}
	return slices.Contains(HighSeverity(violations), true)
}

// HighSeverity says of each violation whether it is of severity high: it opens all
// protocols, an administrative or database port, or, together with the others, the
// whole world.
func HighSeverity(violations []rule.Rule) []bool {
	high := make([]bool, len(violations))
	var others []rule.Rule
	for i, r := range violations {
		if high[i] = isHighSeverity(r); !high[i] {
			others = append(others, r)
		}
	}
	if rule.OpensWorld(others) {
		for i, r := range violations {
			high[i] = high[i] || r.Peer.Kind == rule.CIDR
		}
	}
	return high
}

func isHighSeverity(r rule.Rule) bool {
	return len(r.Sensitive()) > 0 || rule.OpensWorld([]rule.Rule{r})
}
