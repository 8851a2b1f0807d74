package mail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// mostActs is how many acts a digest describes.
const mostActs = 100

// digest is several stories as one mail has them, the worst first.
type digest struct {
	views []*view
	rules []item // the worst of all stories
	total int    // rules
}

// Digest writes many stories as one mail: a line of each, and the worst rules.
func Digest(stories []Story) Mail {
	d := newDigest(stories)
	sections := append(d.actSections(), d.ruleSection(), section{title: "a note", text: whereTheRestIs})
	return Mail{Subject: d.title().subject(), Body: assemble(d.lead().String(), sections)}
}

const whereTheRestIs = "This mail holds no commands. All alerts are in the log group of the notifier and on the alert topic, each with its commands.\n"

func newDigest(stories []Story) *digest {
	d := &digest{}
	for _, s := range stories {
		d.views = append(d.views, newView(s))
	}
	slices.SortStableFunc(d.views, func(a, b *view) int {
		return cmp.Or(cmp.Compare(severityRank(a.severity()), severityRank(b.severity())), cmp.Compare(a.state(), b.state()))
	})
	seen := map[Ref]bool{}
	for _, v := range d.views {
		for _, i := range v.items {
			if !seen[i.ref()] {
				seen[i.ref()] = true
				d.rules = append(d.rules, i)
			}
		}
	}
	slices.SortStableFunc(d.rules, func(a, b item) int { return cmp.Compare(a.rank(), b.rank()) })
	d.total = len(d.rules)
	return d
}

// state is the first word of "handled": 0 for no, 1 for partly, 2 for not yet, 3 for
// what is done or asks for nothing.
func (v *view) state() int {
	text := v.handled()
	for i, word := range []string{"No.", "Partly.", "Not yet."} {
		if strings.HasPrefix(text, word) {
			return i
		}
	}
	return 3
}

// open counts the acts that are not handled, or only partly, and those that wait.
func (d *digest) open() (unhandled, waiting int) {
	for _, v := range d.views {
		switch v.state() {
		case 0, 1:
			unhandled++
		case 2:
			waiting++
		}
	}
	return unhandled, waiting
}

func (d *digest) title() title {
	t := title{outcome: plural(len(d.views), "act"), origin: d.origin()}
	switch unhandled, waiting := d.open(); {
	case unhandled > 0:
		t.outcome += fmt.Sprintf(", %d NOT handled", unhandled)
	case waiting > 0:
		t.outcome += fmt.Sprintf(", %d waiting", waiting)
	}
	if len(d.views) > 0 {
		first := d.views[0].title()
		t.what, t.group = first.outcome+either(first.what == "", "", " "+first.what), first.group
	}
	return t
}

func (d *digest) origin() string {
	if len(d.views) == 0 {
		return ""
	}
	accounts, origins := map[string]bool{}, map[string]bool{}
	for _, v := range d.views {
		accounts[v.worst.Account], origins[originOf(v.worst)] = true, true
	}
	switch {
	case len(accounts) > 1:
		return plural(len(accounts), "account")
	case len(origins) > 1:
		return strings.TrimSpace(truncate(d.views[0].worst.Account, 20) + " " + plural(len(origins), "region"))
	}
	return originOf(d.views[0].worst)
}

// isOfOneOrigin reports whether all acts are of one account and region, which the subject
// names then.
func (d *digest) isOfOneOrigin() bool {
	return len(d.views) == 0 || d.origin() == originOf(d.views[0].worst)
}

func (d *digest) lead() lead {
	groups, actors := map[string]bool{}, map[string]bool{}
	for _, v := range d.views {
		for _, b := range v.blocks {
			groups[b.alerts[0].GroupID] = true
		}
		actors[v.who()] = true
	}
	delete(groups, "")
	l := lead{
		what: fmt.Sprintf("%s came at about the same time. They concern %s in %s.", plural(len(d.views), "act"), plural(d.total, "rule"), plural(len(groups), "security group")),
		who:  "see each act below",
		todo: "Begin with the first act below. It is the worst.",
	}
	if len(actors) == 1 && len(d.views) > 0 {
		l.who = d.views[0].who()
	}
	switch n, waiting := d.open(); {
	case n == 0 && waiting > 0:
		l.handled = fmt.Sprintf("Not yet. %d of %s %s for a decision, or for a grace period to end.", waiting, plural(len(d.views), "act"), either(waiting == 1, "waits", "wait"))
		l.todo = "Read the acts below. Begin with those that wait."
	case n == 0:
		l.handled = "Yes. Every act is handled, or asks for nothing."
		l.todo = "Read the acts below. Ask those who are named there whether the changes were meant."
	case n == len(d.views):
		l.handled = "No. None of the acts is handled."
	default:
		l.handled = fmt.Sprintf("Partly. %d of %s %s not handled.", n, plural(len(d.views), "act"), either(n == 1, "is", "are"))
	}
	return l
}

// actSections are the acts, each with who did it and whether it is handled.
func (d *digest) actSections() (all []section) {
	for i, v := range d.views[:min(len(d.views), mostActs)] {
		t := v.title()
		what := truncate(t.outcome+join(t.what, name(t.group), t.more), 300)
		text := fmt.Sprintf("%3d. %s\n     Who: %s\n     Handled? %s\n", i+1, printable(what), truncate(printable(v.who()), 300), truncate(printable(v.handled()), 300))
		if !d.isOfOneOrigin() {
			text += fmt.Sprintf("     Where: account %s, region %s\n", name(v.worst.Account), name(v.worst.Region))
		}
		if i == 0 {
			text = "The acts, the worst first\n" + text
		}
		all = append(all, section{title: fmt.Sprintf("act %d", i+1), text: text, joined: i > 0})
	}
	if n := len(d.views) - mostActs; n > 0 {
		all = append(all, section{title: "a note", text: fmt.Sprintf("     and %s.\n", plural(n, "more act")), joined: true})
	}
	return all
}

// ruleSection lists the worst rules of all acts.
func (d *digest) ruleSection() section {
	var s strings.Builder
	for i, r := range d.rules[:min(len(d.rules), mostRules)] {
		if i == 0 {
			s.WriteString("The worst rules\n")
		}
		id := either(r.alert.GroupName == "", "", " ("+name(r.alert.GroupID)+")")
		if !d.isOfOneOrigin() {
			id += ", account " + name(r.alert.Account) + ", region " + name(r.alert.Region)
		}
		fmt.Fprintf(&s, "  %-14s %s\n  %-14s in %s%s\n", r.label(), truncate(printable(r.Rule), 400), "", label(r.alert), id)
	}
	if n := len(d.rules) - mostRules; n > 0 {
		fmt.Fprintf(&s, "  and %s\n", plural(n, "more rule"))
	}
	return section{title: "the worst rules", text: s.String()}
}
