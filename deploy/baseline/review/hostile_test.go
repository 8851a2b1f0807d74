package review

import (
	"strings"
	"testing"
)

// hostileNames are what an attacker may have a group, a person or a reason called.
var hostileNames = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</script><script>alert(2)</script>`, `=HYPERLINK("http://evil.example","x")`,
	"web\u202egnp.exe", `javascript:alert(1)`, `{{.}}`, "x\x00\x1b[31m", strings.Repeat("long-", 60), "@SUM(1)", "-1+1", "＝1+1", " =1", "日本語の名前",
}

// hostileSample is the sample with such names wherever somebody else chooses one.
func hostileSample(t *testing.T) Read {
	t.Helper()
	in := sample(t)
	name := func(i int) string { return hostileNames[i%len(hostileNames)] }
	template := in.Overview.Groups
	in.Overview.Groups = nil
	for i := range hostileNames {
		row := template[i%len(template)]
		row.GroupName, row.Remarks = name(i), []string{name(i + 1)}
		in.Overview.Groups = append(in.Overview.Groups, row)
	}
	for i := range in.Reverts.Events {
		e := &in.Reverts.Events[i]
		e.Actor, e.EventName, e.EventID, e.GroupName = name(0), name(1), name(2), name(3)
		e.Rules[0].Text = name(3)
	}
	in.Reverts.From, in.Reverts.Skipped = name(1), []string{name(2)}
	for id, about := range in.Of {
		for i := range about.Approvals {
			about.Approvals[i].Approval.Reason, about.Approvals[i].Origin.By = name(2), name(0)
		}
		for i := range about.Versions {
			about.Versions[i].ModifiedBy = name(i)
		}
		for i := range about.Commits {
			about.Commits[i].Author = name(i + 3)
		}
		about.File = name(1)
		in.Of[id] = about
	}
	in.Last.Approvals[0].Reason, in.Last.Approvals[0].GroupName, in.Last.Approvals[0].Name = name(2), name(0), name(3)
	in.Overview.Identity.Alias, in.Overview.Remarks = name(0), []string{name(2)}
	return in
}
