package mail

import (
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// maxSubject is what SNS takes: "less than 100 characters" (SNS API reference,
// Publish).
const maxSubject = 99

// title is the parts of a subject. The outcome and the origin are never shortened.
type title struct {
	outcome string // such as "reverted"
	what    string // such as "tcp 22 open to 0.0.0.0/0"; may be empty
	group   string // its name or id; may be empty
	more    string // such as " and 29 more rules in 6 groups"
	origin  string // "123456789012 us-east-1"
}

func (v *view) subject() string { return v.title().subject() }

func (v *view) title() title {
	t := title{outcome: v.outcome(), origin: originOf(v.worst)}
	t.what, t.group, t.more = v.about()
	return t
}

// originOf is the account and the region of an alert, of bounded length.
func originOf(a alert.Alert) string {
	return strings.TrimSpace(truncate(a.Account, 20) + " " + truncate(a.Region, 24))
}

// subject joins the parts. Where they are too long, the group's name is shortened
// first, then the count of the rest (" and 29 more", " +29"), then the rule.
func (t title) subject() string {
	head, tail := ascii("[sgwarden] "+t.outcome), ""
	if t.origin != "" {
		tail = ascii(" (" + t.origin + ")")
	}
	head = truncate(head, maxSubject-len(tail)) // with the accounts and regions that exist, it fits
	what, group, more := ascii(t.what), ascii(t.group), ascii(t.more)
	room := maxSubject - len(head) - len(tail)
	length := func() int { return len(join(what, group, more)) }
	const shortest = 12 // of a group's name: most groups differ at the beginning
	if over := length() - room; over > 0 && len(group) > shortest {
		group = truncate(group, max(shortest, len(group)-over))
	}
	if length() > room { // a shorter count of the rest: " and 29 more"
		more, _, _ = strings.Cut(more, " rule")
	}
	if length() > room {
		what = strings.Replace(what, " open to ", " from ", 1)
	}
	if length() > room {
		more = strings.Replace(strings.TrimSuffix(more, " more"), " and ", " +", 1)
	}
	if over := length() - room; over > 0 && what != "" {
		what = truncate(what, max(len("..."), len(what)-over))
	}
	return head + truncate(join(what, group, more), room) + tail
}

func join(what, group, more string) string {
	switch {
	case what != "" && group != "":
		return ": " + what + " on " + group + more
	case what+group+more != "":
		return ": " + what + group + more
	}
	return ""
}

// about says what the outcome is about: the worst finding, its group, and how many
// more there are.
func (v *view) about() (what, group, more string) {
	group = groupName(v.worst)
	switch {
	case v.situation == over:
		closed := v.worst.Closed
		if len(closed) > 0 && closed[0].Rule != "" {
			what = closedPhrase(closed[0], nil)
		}
		return what, group, andMore(v.closedCount()-1, len(v.blocks), "finding")
	case v.isAboutDocuments():
		return v.aboutDocuments()
	case len(v.items) == 0:
		return "", group, ""
	}
	first := v.items[0]
	more = andMore(len(v.items)-1, v.groupsWithItems(), "rule")
	if v.isAboutLists() && len(v.items) > 1 {
		more = " and " + either(len(v.items) == 2, "1 more entry", fmt.Sprintf("%d more entries", len(v.items)-1))
	}
	return first.phrase(nil), groupName(first.alert), more
}

// isAboutDocuments reports whether the mail is about a document, not about rules.
func (v *view) isAboutDocuments() bool {
	switch v.situation {
	case documentChanged, documentBroken, notPaused, approvalGiven, approvalChanged, approvalWithdrawn, approvalOver, pauseBegan, pauseOver:
		return true
	}
	return false
}

func (v *view) aboutDocuments() (what, group, more string) {
	a := v.worst
	if v.situation != documentBroken && v.situation != notPaused && v.change != nil {
		a = *v.change
	}
	switch {
	case v.situation == documentChanged && v.count.willGo > 0:
		what = v.things(v.count.willGo, "live ") + " will be " + either(v.thing() == "rule", "revoked", "removed")
	case v.situation == approvalGiven:
		what = either(len(a.PermitsMore) == 1, permitted(a.PermitsMore[0]), plural(len(a.PermitsMore), "rule"))
	}
	if v.situation == documentChanged && len(v.changes()) > 1 {
		return what, "", ""
	}
	if kind := kindOf(a.Baseline.Parameter); a.Subject() == "" && (kind == guardrailDocument || kind == trustDocument || kind == pauseDocument) {
		return what, "", ""
	}
	return what, groupName(a), ""
}

func andMore(n, groups int, thing string) string {
	if n < 1 {
		return ""
	}
	text := fmt.Sprintf(" and %d more %s", n, either(n == 1, thing, thing+"s"))
	if groups > 1 {
		text += fmt.Sprintf(" in %d groups", groups)
	}
	return text
}

// groupsWithItems counts the security groups that have a finding.
func (v *view) groupsWithItems() (n int) {
	for _, b := range v.blocks {
		if len(b.items) > 0 {
			n++
		}
	}
	return n
}

func (v *view) closedCount() (n int) {
	for _, a := range v.story.Alerts {
		n += len(a.Closed)
	}
	return n
}
