package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

// badness is how bad a status of a rule is.
var badness = map[Status]page.Status{Violation: page.High, InGrace: page.Medium, Missing: page.Medium, NotCanonical: page.Medium, Approved: page.Good}

// nameCell says which group, with its id below.
func nameCell(name, id string) page.Cell {
	if name == "" {
		return page.Code(id)
	}
	body, err := page.Execute(templates, "named", map[string]string{"Name": name, "ID": id})
	if err != nil {
		panic(err) // the template takes any text
	}
	return page.Cell{Text: name, Body: body, Sort: name}
}

// ruleCell writes a rule, with its description below.
func ruleCell(text, note string) page.Cell { return page.Cell{Text: text, Note: note, Code: true} }

func (w writer) drift() (page.Section, error) {
	t := page.Table{
		Caption: w.T("drift-caption"), Empty: w.T("drift-none"),
		Columns: []page.Column{{Name: w.T("group")}, {Name: w.T("rule")}, {Name: w.T("status")}, {Name: w.T("meaning")}},
	}
	var others []string
	for _, g := range w.Groups {
		for _, one := range g.Rows {
			if one.Status.IsDrift() {
				status := page.Cell{Text: w.T("status-" + string(one.Status)), Status: badness[one.Status]}
				t.Rows = append(t.Rows, page.Row{nameCell(g.Name(), g.ID()), ruleCell(one.Text, one.Description), status, saysCell(w.Language, one.Says)})
			}
		}
		others = append(others, w.looks(g)...)
	}
	parts := []page.Part{t}
	if len(others) > 0 {
		parts = append(parts, page.Heading{Text: w.T("other-looks")}, page.List{Items: others})
	}
	return w.section("drift", w.count(len(t.Rows)+len(others)), parts...)
}

// looks says what else people should look at in a group.
func (w writer) looks(g Group) []string {
	var all []string
	switch g.Status {
	case overview.NoGroup:
		all = append(all, label(g)+": "+w.T("group-no-group"))
	case overview.NoList:
		all = append(all, label(g)+": "+w.T("group-no-list"))
	case overview.Broken:
		return []string{label(g) + ": " + w.T("group-broken") + " " + strings.Join(g.Remarks, "; ")}
	}
	for _, remark := range g.Remarks {
		all = append(all, label(g)+": "+remark)
	}
	return all
}

// ending is one permission that ends.
type ending struct {
	group, id string
	Rule
	isOver bool // known from the last review only
}

// endings are the permissions that end, and those that ended in the period, by their ends.
func (w writer) endings() []ending {
	var all []ending
	for _, g := range w.Groups {
		for _, one := range g.Rows {
			inForce := one.Status == Approval || one.Status == Exception
			if inForce || one.Status == Ended && one.Expires.After(w.Since) {
				all = append(all, ending{g.Name(), g.ID(), one, false})
			}
		}
	}
	for _, e := range w.Ended {
		for _, text := range e.Rules {
			one := Rule{Text: text, Status: Ended, Expires: &e.Expires, Name: e.Name, Reason: e.Reason, Origin: Origin{By: e.By}}
			all = append(all, ending{e.GroupName, e.GroupID, one, true})
		}
	}
	slices.SortStableFunc(all, func(a, b ending) int {
		return cmp.Or(cmp.Compare(rank(a.Status)/rank(Ended), rank(b.Status)/rank(Ended)), a.Expires.Compare(*b.Expires), cmp.Compare(a.group, b.group))
	})
	return all
}

func (w writer) approvals() (page.Section, error) {
	t := page.Table{
		Caption: w.T("approvals-caption"), Empty: w.T("approvals-none"),
		Columns: []page.Column{{Name: w.T("group")}, {Name: w.T("rule")}, {Name: w.T("ends")}, {Name: w.T("status")}, {Name: w.T("approved-by")}, {Name: w.T("reason")}},
	}
	for _, e := range w.endings() {
		t.Rows = append(t.Rows, page.Row{
			nameCell(e.group, e.id), ruleCell(e.Text, e.Description), w.timeCell(*e.Expires), w.endingStatus(e), w.approverOf(e.Rule), page.Text(e.Reason),
		})
	}
	return w.section("approvals", w.count(len(t.Rows)), t)
}

func (w writer) timeCell(at time.Time) page.Cell {
	return page.Cell{Text: w.Time(at), Sort: stamp(at)}
}

func (w writer) endingStatus(e ending) page.Cell {
	c := page.Cell{Text: w.T("in-force"), Status: page.Good, Note: w.T("exception-of")}
	if e.Name != "" {
		c.Note = w.T("approval-name", e.Name)
	}
	switch {
	case e.isOver:
		c.Text, c.Status, c.Note = w.T("status-ended"), page.Plain, c.Note+"; "+w.T("gone")
	case e.Status == Ended:
		c.Text, c.Status = w.T("status-ended"), page.Plain
	case e.Expires.Sub(w.MadeAt) < soon:
		c.Text, c.Status = w.T("soon"), page.Medium
	}
	return c
}

// approverOf says who approved a rule that ends: who wrote the parameter, and whom an
// exception names.
func (w writer) approverOf(r Rule) page.Cell {
	c := w.byCell(r.Origin)
	if r.ApprovedBy != "" {
		c.Note = strings.TrimPrefix(c.Note+"; "+w.T("claims", r.ApprovedBy), "; ")
	}
	return c
}

// byCell says who approved a rule since when.
func (w writer) byCell(o Origin) page.Cell {
	c := page.Cell{Text: w.T("not-known")}
	if o.By != "" {
		c.Text = w.principal(o.By)
	}
	if !o.At.IsZero() {
		c.Note, c.Sort = w.Time(o.At), ""
	}
	return c
}

// principal writes an ARN as people know its owner: operator/ana for
// arn:aws:sts::111122223333:assumed-role/operator/ana. An owner in another account has that account behind the name.
func (w writer) principal(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" { // such as a service of AWS
		return arn
	}
	short := parts[5]
	session, is := strings.CutPrefix(short, "assumed-role/")
	if role, _, _ := strings.Cut(session, "/"); is && !slices.Contains(kindsOfPrincipals, role) {
		short = session
	}
	if of := parts[4]; of != "" && of != w.Where.Account {
		short += " (" + w.T("of-account", of) + ")"
	}
	return short
}

// kindsOfPrincipals begin the names of other principals. A session of a role that is called user would read as a user.
var kindsOfPrincipals = []string{"user", "role", "federated-user", "assumed-role"}
