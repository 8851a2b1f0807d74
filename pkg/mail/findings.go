package mail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// mostRules is how many rules a mail lists: the worst. A person reads no more, and
// the alert's JSON has them all.
const mostRules = 25

// mostOtherGroups is how many groups a mail names without a rule of them.
const mostOtherGroups = 50

// blockSections are two sections for each security group, the worst first: where it
// matters, the rules, and what is over.
func (v *view) blockSections() []section {
	listed := v.listed()
	var all []section
	var others []*block
	for _, b := range v.blocks {
		if b.isOneLine(listed) {
			others = append(others, b)
			continue
		}
		about := label(b.alertWithName())
		var s strings.Builder
		fmt.Fprintf(&s, "%s\n%s", b.title(), b.surroundings())
		b.writeDocuments(&s, v)
		all = append(all, section{title: "the documents of " + about, text: s.String()})
		s.Reset()
		if left := b.writeRules(&s, listed); left > 0 {
			fmt.Fprintf(&s, "  and %s. The JSON of the alert has all of them.\n", plural(left, "more rule"))
		}
		b.writeClosed(&s)
		all = append(all, section{title: "the rules of " + about, text: s.String(), joined: true})
	}
	return append(all, otherGroups(others))
}

// isOneLine reports whether a line is enough for a group: the mail lists none of its
// rules, and has nothing else to say of it.
func (b *block) isOneLine(listed map[Ref]bool) bool {
	for _, a := range b.alerts {
		if isChange(a) || len(a.Closed) > 0 || a.Reason != "" {
			return false
		}
	}
	return len(b.items) > 0 && !slices.ContainsFunc(b.items, func(i item) bool { return listed[i.ref()] })
}

// otherGroups names groups of whose rules none is listed.
func otherGroups(blocks []*block) section {
	var s strings.Builder
	for i, b := range blocks {
		if i == 0 {
			s.WriteString("Other security groups. The JSON of the alerts has their rules.\n")
		}
		if i == mostOtherGroups {
			fmt.Fprintf(&s, "  and %s\n", plural(len(blocks)-i, "more group"))
			break
		}
		fmt.Fprintf(&s, "  %s: %s\n", strings.TrimPrefix(b.title(), "Security group "), plural(len(b.items), "rule"))
	}
	return section{title: "the other groups", text: s.String()}
}

// listed are the worst rules, by group and rule.
func (v *view) listed() map[Ref]bool {
	listed := map[Ref]bool{}
	for _, i := range v.items[:min(len(v.items), mostRules)] {
		listed[i.ref()] = true
	}
	return listed
}

func (i item) ref() Ref { return Ref{GroupID: i.alert.Subject(), Rule: i.Rule, Verdict: i.Verdict} }

// writeRules lists those of the block's rules that the mail lists, and returns the
// number of the others.
func (b *block) writeRules(s *strings.Builder, listed map[Ref]bool) (left int) {
	for _, i := range b.items {
		if !listed[i.ref()] {
			left++
			continue
		}
		fmt.Fprintf(s, "  %-14s %s\n", i.label(), truncate(printable(i.Rule), 400))
		for _, text := range i.lines() {
			fmt.Fprintf(s, "  %-14s %s\n", "", line(text, 400))
		}
	}
	return left
}

// lines are what a mail says of a rule beside its text.
func (i item) lines() []string {
	var lines []string
	if i.notYet {
		lines = append(lines, "approved, and not live yet")
	} else if i.Reason != "" {
		lines = append(lines, i.Reason)
	}
	if peer := i.alert.Peers[i.Canonical.Peer.ID]; peer != "" {
		lines = append(lines, i.Canonical.Peer.ID+" is the security group "+name(peer))
	}
	if i.reminder.Notified > 0 {
		lines = append(lines, remind(i.reminder, either(i.Verdict == alert.Missing, "still missing", "still open")))
	}
	var about []string
	if i.RuleID != "" {
		about = append(about, i.RuleID)
	}
	if i.Description != "" {
		about = append(about, fmt.Sprintf("description %q", i.Description))
	}
	if len(about) > 0 {
		lines = append(lines, strings.Join(about, ", "))
	}
	if i.Error != "" {
		lines = append(lines, "error: "+i.Error)
	}
	return lines
}

// remind is "still open since 2026-11-29 07:10 UTC, told 3 times".
func remind(r Reminder, still string) string {
	return fmt.Sprintf("%s since %s, told %s", still, clock(r.Since), either(r.Notified == 1, "once", plural(r.Notified, "time")))
}

// label is what became of a rule, in one or two words.
func (i item) label() string {
	switch {
	case i.willGo: // when its grace ends
		return "will go"
	case i.notYet:
		return "not live yet"
	case i.Action == alert.ActionNone && i.Verdict == alert.Missing:
		return "missing"
	case i.Action == alert.ActionNone:
		return "open"
	case i.Action == alert.ActionFailed && i.Verdict == alert.Missing:
		return "NOT PUT BACK"
	case i.Action == alert.ActionFailed:
		return "STILL OPEN"
	}
	return map[alert.Action]string{
		alert.ActionRevoked: "revoked", alert.ActionRestored: "put back",
		alert.ActionAlreadyGone: "gone", alert.ActionPending: "waits",
	}[i.Action]
}
