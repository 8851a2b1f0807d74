package simulation

import (
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

const approvalsPath = prefix + "/approvals/"

// approval is an approval as its author means it.
type approval struct {
	rules   []int
	expires time.Time
	broken  bool // a text that is no approval
}

func (a *approval) text() string {
	texts := make([]string, len(a.rules))
	for i, r := range a.rules {
		texts[i] = naive.Universe[r].Text
	}
	written := map[string]any{"schema": 1, "rules": texts, "expires": a.expires.UTC().Format(time.RFC3339), "reason": "repair"}
	if a.broken {
		delete(written, "reason")
	}
	return mustEncode(written)
}

// approvalNames are few, so that people overwrite each other's approvals.
var approvalNames = []string{"oncall", "repair.1"}

// changeApproval approves something for a while, or withdraws an approval.
func (w *world) changeApproval(t throw, g *group) {
	name := approvalsPath + g.id + "/" + pick(t, approvalNames)
	is := w.papers.approvals[w.ssm.value(name)]
	if is != nil && t.chance(0.5) {
		if t.chance(0.3) && !is.broken {
			w.approveForGood(g, is)
			time.AfterFunc(t.between(200*time.Millisecond, 5*time.Second), func() { w.locked(func() { w.unwrite(name) }) })
			return
		}
		w.unwrite(name)
		return
	}
	a := &approval{expires: time.Now().Add(t.between(-time.Minute, 20*time.Minute)).Truncate(time.Second), broken: t.chance(0.1)}
	for len(a.rules) == 0 || t.chance(0.3) {
		r := t.originalRule()
		if len(g.rules) > 0 && t.chance(0.7) {
			r = pick(t, g.rules).rule
		}
		if !slices.Contains(a.rules, r) {
			a.rules = append(a.rules, r)
		}
	}
	w.write(name, w.papers.addApproval(a), false)
	if t.chance(0.5) {
		time.AfterFunc(t.between(5*time.Second, 4*time.Minute), func() { w.locked(func() { w.unwrite(name) }) })
	}
}

// approveForGood adds to the baseline what an approval permits.
func (w *world) approveForGood(g *group, a *approval) {
	d := w.papers.documents[w.ssm.value(groupsPath+g.id)]
	if d == nil || !d.usable() {
		return
	}
	for _, r := range a.rules {
		d = d.with(r)
	}
	w.writeBaseline(d)
}

// everUnder are the parameters that there were under a path at any time, in the
// order in which they came.
func (s *ssm) everUnder(path string) []string {
	var names []string
	for _, c := range s.changes {
		if strings.HasPrefix(c.name, path) && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

// moment is what governed a group for some time, without a change.
type moment struct {
	baseline  string // the text; "" for none
	document  *document
	approvals []*approval
	until     time.Time
}

// moments are what governed a group from one time to another, moment by moment. A
// document permits what the approvals of the moment permit, too.
func (w *world) moments(group string, from, to time.Time) []moment {
	names := append([]string{groupsPath + group}, w.ssm.everUnder(approvalsPath+group+"/")...)
	ends := []time.Time{to}
	for _, name := range names {
		for _, h := range w.ssm.during(name, from, to) {
			if !slices.ContainsFunc(ends, h.until.Equal) {
				ends = append(ends, h.until)
			}
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	all := make([]moment, len(ends))
	for i, end := range ends {
		// The value up to an end is the one that is replaced then.
		m := moment{until: end, baseline: w.ssm.before(names[0], end, to)}
		var texts []string
		for _, name := range names[1:] {
			texts = append(texts, w.ssm.before(name, end, to))
		}
		m.approvals = w.papers.approvalsOf(texts)
		if d := w.papers.documents[m.baseline]; d != nil {
			m.document = d.approving(m.approvals).inGrace(w.formersOf(group, end, to), w.graceOf(d))
		}
		all[i] = m
	}
	return all
}

// before is a parameter's value just before a time, or at the time where this is
// the last one that counts.
func (s *ssm) before(name string, at, last time.Time) string {
	value := ""
	for _, c := range s.changes {
		if c.name == name && (c.at.Before(at) || at.Equal(last) && c.at.Equal(at)) {
			value = c.value
		}
	}
	return value
}

func (l *papers) approvalsOf(texts []string) []*approval {
	var all []*approval
	for _, text := range texts {
		if a := l.approvals[text]; a != nil && !a.broken {
			all = append(all, a)
		}
	}
	return all
}

// approving is the document with what approvals permit: they count like exceptions.
func (d *document) approving(approvals []*approval) *document {
	if d == nil || len(approvals) == 0 {
		return d
	}
	next := *d
	next.exceptions = slices.Clone(d.exceptions)
	for _, a := range approvals {
		for _, r := range a.rules {
			next.exceptions = append(next.exceptions, exception{r, a.expires})
		}
	}
	return &next
}

// approves says whether approvals permit a rule in a group without a baseline.
func approves(approvals []*approval, r naive.Rule, at time.Time) bool {
	return (&document{}).approving(approvals).approvesAll(r, at)
}

func (d *document) approvesAll(r naive.Rule, at time.Time) bool {
	return r.Carried.Without(naive.Together(d.permitted(at))).Empty()
}

// unapproved are the rules that approvals do not permit at a time.
func unapproved(rules []int, approvals []*approval, at time.Time) []int {
	return slices.DeleteFunc(slices.Clone(rules), func(r int) bool { return approves(approvals, naive.Universe[r], at) })
}

// sawApprovals notes a page of the approvals of one group, or of all groups.
func (i *invocation) sawApprovals(path, token string, page []version, last bool) {
	rest, _ := strings.CutPrefix(path+"/", approvalsPath)
	group, _, _ := strings.Cut(rest, "/")
	if group == "" {
		for _, v := range page {
			of, _, _ := strings.Cut(strings.TrimPrefix(v.Name, approvalsPath), "/")
			i.listedApprovals[of] = append(i.listedApprovals[of], v.Value)
		}
		return
	}
	s := i.sighting(group)
	if s.written {
		return
	}
	if token == "" {
		s.documents.approvals = nil
	}
	for _, v := range page {
		s.documents.approvals = append(s.documents.approvals, v.Value)
	}
	if last {
		s.documents.approvalsAt = time.Now()
	}
}

// effective is the baseline that an answer said, with the answer's approvals and the
// versions before the answer.
func (w *world) effective(by answered) *document {
	d := w.papers.documents[by.baseline]
	if d == nil {
		return nil
	}
	d = d.approving(w.papers.approvalsOf(by.approvals))
	return d.inGrace(w.formersOf(d.group, by.baselineAt, by.baselineAt), w.graceOf(d))
}

// inForce is the baseline of a group, with the approvals that there are.
func (w *world) inForce(group string) *document {
	now := time.Now()
	return w.moments(group, now, now)[0].document
}

// judgeApprovalReported: what people do to an approval is reported, and so is a parameter that is no
// approval. A parameter that was deleted again has an event of its own.
func (w *world) judgeApprovalReported(reported reports, i *invocation) {
	e := i.delivery.event
	if e == nil || !strings.HasPrefix(e.parameter, approvalsPath) || i.err != nil {
		return
	}
	kinds := reported.kinds[e]
	deleted := func(h heldValue) bool { return h.value == "" }
	switch {
	case strings.Contains(e.parameter, "/pending-"): // the reason names who wrote it
	case kinds[[2]string{e.group, "approval-changed"}], kinds[[2]string{e.group, "baseline-error"}]:
	case e.name != "ParameterDelete" && slices.ContainsFunc(w.ssm.during(e.parameter, i.started, i.deadline), deleted):
	default:
		w.broken("no silent violation", "%v was of %s, succeeded, and nobody was told", i, e.parameter)
	}
}
