package review

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
)

// What the compliance findings check.
const (
	standard    = "sgwarden baseline"
	control     = "sgwarden-approved-rules"
	requirement = "Every rule of a security group is approved"
)

// checked are the compliance findings of one group.
func (r *Review) checked(g Group, version string) []event {
	var failed []event
	for _, one := range g.Rows {
		if one.Status.IsDrift() {
			failed = append(failed, r.failing(g, one, version))
		}
	}
	if len(failed) > 0 {
		return failed
	}
	e := r.complianceOf(g, version, pass, "Pass", "")
	e.Message = fmt.Sprintf("no rule of %s differs from what is approved", label(g))
	e.StatusID, e.Status = statusResolved, "Resolved"
	if !isChecked(g) {
		e = r.complianceOf(g, version, warning, "Warning", unchecked(g))
		e.SeverityID, e.Severity, e.Message = medium, "Medium", label(g)+" could not be checked: "+unchecked(g)
	}
	e.FindingInfo.Title, e.FindingInfo.Desc = "Rules of a security group against its approved baseline", e.Message
	return []event{e}
}

// unchecked says why a group could not be judged by a baseline.
func unchecked(g Group) string {
	switch g.Status {
	case overview.NoBaseline:
		return "it has no baseline"
	case overview.NoGroup, overview.NoList:
		return "there is a baseline, and no such group or prefix list"
	}
	return "its baseline can't be used: " + strings.Join(g.Remarks, "; ")
}

func label(g Group) string {
	if g.Name() == "" {
		return g.ID()
	}
	return g.Name() + " (" + g.ID() + ")"
}

func (r *Review) complianceOf(g Group, version string, statusID int, status, detail string, about ...string) event {
	e := r.newEvent(complianceFinding, r.MadeAt, version, append([]string{"check", g.ID()}, about...)...)
	e.Compliance = &compliance{
		Standards: []string{standard}, Control: control, Requirements: []string{requirement},
		StatusID: statusID, Status: status, StatusDetail: detail,
	}
	e.FindingInfo.Types = []string{"security group rules"}
	e.Resources = r.resourceOf(g.ID(), g.Name())
	return e
}

// titles say what is wrong with a rule.
var titles = map[Status]string{
	Violation: "A rule is live that nothing approves", InGrace: "A rule is live that is approved no longer",
	Missing: "An approved rule is not live", NotCanonical: "A rule is live that can't be judged",
}

// failing is the compliance finding of a rule that differs.
func (r *Review) failing(g Group, one Rule, version string) event {
	e := r.complianceOf(g, version, fail, "Fail", one.Says, string(one.Status), one.Text)
	e.SeverityID, e.Severity = medium, "Medium"
	if one.Status == Violation {
		e.SeverityID, e.Severity = high, "High"
	}
	e.FindingInfo.Title = titles[one.Status]
	e.FindingInfo.Desc = fmt.Sprintf("%s: %s: %s", label(g), one.Text, one.Says)
	e.Message = e.FindingInfo.Title + ": " + one.Text
	e.Remediation = &remediation{Desc: remedy(g, one)}
	e.Unmapped = map[string]any{"rule": one.Text, "group_mode": cmp.Or(g.Mode, "none")}
	return e
}

func remedy(g Group, one Rule) string {
	switch one.Status {
	case Missing:
		return "put the rule back, or take it out of the baseline"
	case NotCanonical:
		return "look at the rule in EC2: sgwarden tells of it and does not judge it"
	case InGrace:
		return "revoke the rule, or approve it again before the grace period ends"
	}
	return fmt.Sprintf("revoke the rule, or approve it: deploy/baseline.sh allow %s '%s'", g.ID(), strings.ReplaceAll(one.Text, "'", ""))
}
