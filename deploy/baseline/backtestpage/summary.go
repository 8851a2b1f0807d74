package backtestpage

import (
	"html/template"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

func (v view) facts() []page.Fact {
	r := v.Result
	facts := []page.Fact{
		{Name: v.T("fact-time"), Value: v.T("range", v.Day(r.From), v.Day(r.To))},
		{Name: v.T("fact-history"), Value: listed(v.History, 3, v.Language)},
		{Name: v.T("fact-records"), Value: v.N("records", int(v.Records), v.Size(v.Bytes))},
		{Name: v.T("fact-documents"), Value: v.Documents},
	}
	kept := facts[:0]
	for _, f := range facts {
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// listed joins the first few names, and says how many more there are.
func listed(names []string, most int, l page.Language) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return l.T("and-more", strings.Join(names[:most], ", "), l.Number(len(names)-most))
}

// total counts the rules that would have been acted on.
func (v view) total() (t replay.Tally) {
	for _, g := range v.Result.ByGroup {
		t.Reverted += g.Reverted
		t.Reported += g.Reported
		t.Pending += g.Pending
	}
	return t
}

// busy returns the actors whose rules would have been acted on, the busiest first.
func (v view) busy() []replay.ActorCount {
	var busy []replay.ActorCount
	for _, a := range v.Result.ByActor {
		if a.Sum() > 0 {
			busy = append(busy, a)
		}
	}
	return busy
}

func (v view) summary() (template.HTML, error) {
	says := v.answer()
	answer, err := part("answer", map[string]any{"Answer": says[0], "Rest": says[1:]})
	if err != nil {
		return "", err
	}
	next, err := part("steps", map[string]any{"Title": v.T("next"), "Steps": v.steps()})
	if err != nil {
		return "", err
	}
	parts := append([]page.Part{answer}, v.warnings()...)
	return page.Compose(append(parts, v.figures(), next)...)
}

// answer says in a few sentences what a reader came for.
func (v view) answer() []string {
	r := v.Result
	changes := v.N("changes", int(r.Changes))
	switch {
	case r.Changes == 0:
		return []string{v.T("answer-no-changes")}
	case r.Judged == 0:
		return []string{v.T("answer-not-judged", changes)}
	}
	if v.total().Sum() == 0 {
		return []string{v.T("answer-none", changes, v.Number(int(r.Judged)))}
	}
	says := []string{v.T("answer", v.Number(int(r.Calls.Reverted)), changes)}
	if n := r.Calls.Reported; n > 0 {
		says = append(says, v.N("answer-reported", int(n)))
	}
	if n := r.Calls.Pending; n > 0 {
		says = append(says, v.N("answer-pending", int(n)))
	}
	if n := len(v.busy()); n > 0 {
		says = append(says, v.T("answer-who", v.N("actors-n", n)))
	}
	if n := r.OpenedBefore; n > 0 {
		says = append(says, v.N("answer-before", int(n)))
	}
	return says
}

// warnings say what the answer does not cover.
func (v view) warnings() []page.Part {
	var parts []page.Part
	warn := func(key string, n int) {
		if n > 0 {
			parts = append(parts, page.Notice{Status: page.High, Label: v.T("note"), Text: v.N(key, n)})
		}
	}
	warn("warn-skipped", len(v.Skipped))
	warn("warn-not-judged", int(v.notJudged()))
	warn("warn-elsewhere", int(v.elsewhere()))
	return parts
}

func (v view) notJudged() (n int64) {
	for _, row := range v.Result.NotJudged {
		n += row.Calls
	}
	return n
}

func (v view) elsewhere() (n int64) {
	for _, row := range v.Result.Elsewhere {
		n += row.Calls
	}
	return n
}

func (v view) figures() page.Figures {
	t := v.total()
	var figures page.Figures
	add := func(n int, key, link string, status page.Status) {
		f := page.Figure{Value: v.Number(n), Label: v.N(key, n)}
		if n > 0 {
			f.Link, f.Status = link, status
		}
		figures = append(figures, f)
	}
	add(int(t.Reverted), "fig-reverted", "reverts", page.High)
	if t.Reported > 0 {
		add(int(t.Reported), "fig-reported", "reverts", page.Low)
	}
	if t.Pending > 0 {
		add(int(t.Pending), "fig-pending", "reverts", page.Medium)
	}
	add(len(v.busy()), "fig-actors", "actors", page.Plain)
	add(len(v.Result.ByGroup), "fig-groups", "groups", page.Plain)
	add(len(v.Result.Contentions), "fig-fights", "fights", page.Medium)
	add(len(v.Result.ApprovalsNeed), "fig-approvals", "approvals", page.Plain)
	add(int(v.Result.Changes), "fig-changes", "timeline", page.Plain)
	return figures
}

// steps say what to do next.
func (v view) steps() []step {
	r := v.Result
	if r.Judged == 0 {
		return []step{{Label: v.T("step-history")}}
	}
	var steps []step
	if busy := v.busy(); len(busy) > 0 {
		var names []string
		for _, a := range busy {
			names = append(names, v.T("with-count", page.Visible(shortActor(a.Actor)), v.Number(int(a.Sum()))))
		}
		steps = append(steps, step{"actors", v.T("step-talk"), listed(names, 3, v.Language)})
	}
	if n := len(r.Contentions); n > 0 {
		steps = append(steps, step{"fights", v.N("step-fights", n), ""})
	}
	if n := len(r.ApprovalsNeed); n > 0 {
		steps = append(steps, step{"approvals", v.N("step-approve", n), ""})
	}
	if len(v.Skipped) > 0 {
		steps = append(steps, step{"skipped", v.T("step-skipped"), ""})
	}
	if len(steps) > 0 {
		steps = append(steps, step{Label: v.T("step-again")})
	}
	return append(steps, step{Label: v.T("step-alert")})
}
