package simulation

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// verdict is the judge's opinion of a rule, by the documents that AWS answered.
type verdict func(rule universeRule) bool

// verdict returns what was a violation by the documents, and whether there was a
// document to judge by at all.
func (w *world) verdict(by answered, at time.Time) (violates verdict, judged bool) {
	if by.baseline != "" {
		d := w.papers.documents[by.baseline]
		return func(r universeRule) bool { return !d.permitsRule(r, at) }, d.usable()
	}
	g := w.papers.guardrails[by.guardrail]
	return func(r universeRule) bool { return r.tooWide }, g != nil && !g.broken
}

// reports is what the delivered alerts told.
type reports struct {
	rules  map[[3]string]bool         // group, id, text
	ids    map[[2]string]bool         // group, id
	texts  map[any]map[[2]string]bool // by event or run: group, text
	kindOf map[any]map[string]bool    // by event or run: kind
}

func (w *world) reports() reports {
	r := reports{map[[3]string]bool{}, map[[2]string]bool{}, map[any]map[[2]string]bool{}, map[any]map[string]bool{}}
	for _, d := range w.alerts {
		source := d.by.source()
		if r.texts[source] == nil {
			r.texts[source], r.kindOf[source] = map[[2]string]bool{}, map[string]bool{}
		}
		r.kindOf[source][d.alert.Kind] = true
		for _, f := range d.alert.Findings {
			if f.Verdict != "violation" {
				continue
			}
			r.rules[[3]string{d.alert.GroupID, f.RuleID, f.Rule}] = true
			r.ids[[2]string{d.alert.GroupID, f.RuleID}] = true
			r.texts[source][[2]string{d.alert.GroupID, f.Rule}] = true
		}
	}
	return r
}

// source is the event for which an invocation was made, or the sweep itself.
func (i *invocation) source() any {
	if i.delivery.event == nil {
		return i
	}
	return i.delivery.event
}

// owed is a violation that an invocation has come to know of.
type owed struct {
	owned
	named bool // by the event, or by a sweep's first look; else shown live by EC2
}

// owes lists the violations that an invocation has come to know of in a group.
func (w *world) owes(i *invocation, group string, s *sighting) []owed {
	violates, judged := w.verdict(s.documents, s.judgedAt())
	if !judged {
		return nil
	}
	var all []owed
	for _, o := range s.rules {
		if violates(universe[o.rule]) {
			all = append(all, owed{o, false})
		}
	}
	if e := i.delivery.event; e != nil && e.group == group {
		for _, o := range e.named {
			if violates(universe[o.rule]) && (!e.modified || s.shows(o.id) || violates(universe[o.rule].otherDirection())) {
				all = append(all, owed{o, true})
			}
		}
	}
	if before, listed := i.listed[group]; listed {
		violated, judged := w.verdict(before, before.at)
		for _, o := range i.inventory[group] {
			if judged && violated(universe[o.rule]) && violates(universe[o.rule]) {
				all = append(all, owed{o, true})
			}
		}
	}
	return all
}

// shows says whether the live rules tell the direction of a modified rule.
func (s *sighting) shows(id string) bool {
	return slices.ContainsFunc(s.rules, func(o owned) bool { return o.id == id })
}

// otherDirection is a rule with the direction turned round.
func (r universeRule) otherDirection() universeRule {
	if r.egress {
		r.text = strings.Replace(r.text, "egress", "ingress", 1)
	} else {
		r.text = strings.Replace(r.text, "ingress", "egress", 1)
	}
	r.egress = !r.egress
	r.carried = trafficOf(r)
	r.tooWide = !r.egress && r.tooWide
	return r
}

func (r reports) hold(i *invocation, group string, o owed) bool {
	text := universe[o.rule].text
	if o.id != "" && r.rules[[3]string{group, o.id, text}] {
		return true
	}
	texts := r.texts[i.source()]
	return o.named && (texts[[2]string{group, text}] || texts[[2]string{group, universe[o.rule].otherDirection().text}])
}

// judgeSilence holds a history to the third promise.
func (w *world) judgeSilence() {
	told := w.reports()
	for _, i := range w.runs {
		for _, group := range slices.Sorted(maps.Keys(i.seen)) {
			if i.seen[group].complete() {
				w.judgeSighting(told, i, group, i.seen[group])
			}
		}
	}
	for _, r := range w.revoked {
		w.judgeRevoked(told, r)
	}
}

// judgeRevoked: what a function revoked is told, whatever became of its run.
func (w *world) judgeRevoked(told reports, r revoked) {
	e := r.by.delivery.event
	// By its id too: it may have been modified between the decision and the revoke.
	named := e != nil && slices.ContainsFunc(e.named, func(o owned) bool { return o.rule == r.rule || o.id == r.id })
	switch {
	case told.ids[[2]string{r.group, r.id}]:
	case named && (e.dead || told.texts[e][[2]string{r.group, universe[r.rule].text}]):
	case named && w.overruled(r):
		w.tally.counts[countOverruled]++
	default:
		w.broken("no silent violation", "%v revoked %s (%s) of %s, and nobody was told", r.by, r.id, universe[r.rule].text, r.group)
	}
}

// overruled says whether a retry found another document, by which the rule that
// the event names was no violation, or not to be judged.
func (w *world) overruled(r revoked) bool {
	return slices.ContainsFunc(w.runs, func(i *invocation) bool {
		if i.delivery != r.by.delivery || i.number <= r.by.number || i.seen[r.group] == nil {
			return false
		}
		s := i.seen[r.group]
		violates, judged := w.verdict(s.documents, s.judgedAt())
		return !judged || !violates(universe[r.rule]) || i.delivery.event.modified && !s.shows(r.id) && !violates(universe[r.rule].otherDirection())
	})
}

func (w *world) judgeSighting(told reports, i *invocation, group string, s *sighting) {
	for _, o := range w.owes(i, group, s) {
		w.tally.counts[countKnown]++
		dead := i.delivery.event != nil && i.delivery.event.dead
		switch {
		case told.hold(i, group, o), dead && o.named:
		case i.err == nil:
			w.broken("no silent violation", "%v knew of %s (%s) of %s, succeeded, and nobody was told", i, o.id, universe[o.rule].text, group)
		default:
			w.tally.counts[countOvertaken]++
		}
	}
	d := w.papers.documents[s.documents.baseline]
	if d != nil && !d.usable() && i.err == nil && !told.kindOf[i.source()]["baseline-error"] {
		w.broken("no silent violation", "%v could not read the baseline of %s, succeeded, and nobody was told", i, group)
	}
}
