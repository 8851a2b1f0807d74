package simulation

import "github.com/sgwarden/sgwarden/functions/simulation/naive"

// reports is what the delivered alerts reported.
type reports struct {
	rules map[[3]string]bool         // group, id, text
	ids   map[[2]string]bool         // group, id
	texts map[any]map[[2]string]bool // by event or run: group, text
	kinds map[any]map[[2]string]bool // by event or run: group, kind
}

func (w *world) reports() reports {
	r := reports{map[[3]string]bool{}, map[[2]string]bool{}, map[any]map[[2]string]bool{}, map[any]map[[2]string]bool{}}
	events := map[string]*event{}
	for _, i := range w.runs {
		if e := i.delivery.event; e != nil && e.id != "" {
			events[e.id] = e
		}
	}
	for _, d := range w.alerts {
		source := d.by.source()
		if e := events[d.alert.Event.ID]; e != nil {
			source = e // a sweep may report it late
		}
		if r.texts[source] == nil {
			r.texts[source], r.kinds[source] = map[[2]string]bool{}, map[[2]string]bool{}
		}
		r.kinds[source][[2]string{d.alert.GroupID, d.alert.Kind}] = true
		for _, f := range d.alert.Findings {
			r.ids[[2]string{d.alert.GroupID, f.RuleID}] = true // also what was permitted and in the way
			if f.Verdict != "violation" {
				continue
			}
			r.rules[[3]string{d.alert.GroupID, f.RuleID, f.Rule}] = true
			r.texts[source][[2]string{d.alert.GroupID, f.Rule}] = true
		}
	}
	return r
}

func (r reports) have(i *invocation, group string, o owed) bool {
	text := naive.Universe[o.rule].Text
	if o.id != "" && r.rules[[3]string{group, o.id, text}] {
		return true
	}
	texts := r.texts[i.source()]
	return o.byEvent && (texts[[2]string{group, text}] || texts[[2]string{group, naive.Universe[o.rule].OtherDirection().Text}])
}

// source is the event for which an invocation was made, or the sweep itself.
func (i *invocation) source() any {
	if i.delivery.event == nil {
		return i
	}
	return i.delivery.event
}
