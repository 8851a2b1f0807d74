package backtestpage

import (
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// openApprovals are shown at once. A reader opens the others.
const openApprovals = 10

func (v view) approvalsSection() (page.Section, error) {
	needed := v.Result.ApprovalsNeed
	var shown, closed []page.Part
	for i, a := range needed[:min(len(needed), mostApprovals)] {
		p, err := part("approval", v.approval(a))
		if err != nil {
			return page.Section{}, err
		}
		if i < openApprovals {
			shown = append(shown, p)
		} else {
			closed = append(closed, p)
		}
	}
	if len(closed) > 0 {
		body, err := page.Compose(closed...)
		if err != nil {
			return page.Section{}, err
		}
		shown = append(shown, page.Details{Title: v.N("approvals-more", len(closed)), Body: body})
	}
	if more := v.more(len(needed), mostApprovals); more != "" {
		shown = append(shown, page.Paragraph{Text: more})
	}
	if len(shown) == 0 {
		shown = append(shown, page.Paragraph{Text: v.T("approvals-none")})
	}
	return v.section("approvals", len(needed), shown...)
}

func (v view) approval(a replay.ApprovalNeeded) approval {
	shown := approval{Rule: a.Rule, Group: a.GroupID, Times: v.N("times", int(a.Times)), Command: page.Command{Text: a.Command}}
	if a.GroupName != "" {
		shown.Group = v.T("with-count", page.Visible(a.GroupName), a.GroupID)
	}
	if a.Entry != "" {
		shown.Entry = &page.Command{Label: v.T("entry"), Text: a.Entry}
	}
	return shown
}

// openReverts are shown at once. A reader opens a longer list.
const openReverts = 50

func (v view) revertsSection() (page.Section, error) {
	list := v.Reverts.newest()
	t := page.Table{
		Caption: v.T("reverts-caption"), Empty: v.T("nothing-at-all"), More: v.more(int(v.Reverts.total), mostReverts),
		Columns: []page.Column{{Name: v.T("col-time")}, {Name: v.T("col-rule")}, {Name: v.T("col-group")}, {Name: v.T("col-event")}, {Name: v.T("col-outcome")}},
	}
	for _, r := range list {
		who := v.actorCell(r.Actor)
		who.Note = strings.TrimSpace(r.EventName + " " + r.EventID) // the table of actors has the ARN
		t.Rows = append(t.Rows, page.Row{
			v.moment(r.Time), {Text: r.Rule, Code: true, Note: r.Reason}, groupCell(r.GroupID, r.GroupName), who, v.outcome(r.Outcome),
		})
	}
	if len(list) <= openReverts {
		return v.section("reverts", int(v.Reverts.total), t)
	}
	body, err := page.Compose(t)
	if err != nil {
		return page.Section{}, err
	}
	return v.section("reverts", int(v.Reverts.total), page.Details{Title: v.N("reverts-open", len(list)), Body: body})
}

func (v view) outcome(o alert.Outcome) page.Cell {
	switch o {
	case alert.Reverted:
		return page.Cell{Text: v.T("col-reverted"), Status: page.High}
	case alert.Pending:
		return page.Cell{Text: v.T("col-pending"), Status: page.Medium}
	case alert.WouldRevert:
		return page.Cell{Text: v.T("col-reported"), Status: page.Low}
	}
	return page.Text(string(o))
}

func (v view) notJudgedSection() (page.Section, error) {
	r := v.Result
	why := page.Table{Caption: v.T("not-judged-caption"), Columns: []page.Column{{Name: v.T("col-reason")}, {Name: v.T("col-calls"), Number: true}, {Name: v.T("col-example")}}}
	for _, n := range r.NotJudged {
		why.Rows = append(why.Rows, page.Row{page.Text(n.Reason), v.number(n.Calls), {Text: n.Example.EventName, Note: v.Time(n.Example.Time) + " · " + n.Example.EventID}})
	}
	where := page.Table{
		Caption: v.T("elsewhere-caption"), Columns: []page.Column{{Name: v.T("col-account")}, {Name: v.T("col-region")}, {Name: v.T("col-calls"), Number: true}},
		More: v.more(len(r.Elsewhere), mostRows),
	}
	for _, p := range r.Elsewhere[:min(len(r.Elsewhere), mostRows)] {
		where.Rows = append(where.Rows, page.Row{page.Text(p.Account), page.Text(p.Region), v.number(p.Calls)})
	}
	parts := []page.Part{why, where}
	if r.Unguarded > 0 {
		parts = append(parts, page.Paragraph{Text: v.N("unguarded", int(r.Unguarded))})
	}
	if r.Own > 0 {
		parts = append(parts, page.Paragraph{Text: v.N("own", int(r.Own))})
	}
	if len(why.Rows)+len(where.Rows) == 0 && r.Unguarded+r.Own == 0 {
		return page.Section{}, nil
	}
	return v.section("not-judged", 0, parts...)
}

func (v view) skippedSection() (page.Section, error) {
	if len(v.Skipped) == 0 {
		return page.Section{}, nil
	}
	t := page.Table{Caption: v.T("skipped-caption"), Columns: []page.Column{{Name: v.T("col-file")}, {Name: v.T("col-reason")}}, More: v.more(len(v.Skipped), mostSkipped)}
	for _, s := range v.Skipped[:min(len(v.Skipped), mostSkipped)] {
		t.Rows = append(t.Rows, page.Row{page.Code(s.File), page.Text(s.Reason)})
	}
	return v.section("skipped", len(v.Skipped), t)
}

func (v view) assumptionsSection() (page.Section, error) {
	if len(v.Result.Assumptions) == 0 {
		return page.Section{}, nil
	}
	return v.section("assumptions", 0, page.List{Items: v.Result.Assumptions})
}
