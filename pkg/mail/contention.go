package mail

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Contention is a group that is reverted again and again: sgwarden and another tool undo
// each other's changes. For a managed prefix list, GroupID and GroupName are the list's.
type Contention struct {
	Account, Region, GroupID, GroupName string

	// Reverts counts the acts that led to the reverts of rules that were reverted before.
	Reverts    int
	Within     time.Duration
	Principals []string // ARNs, or names of services
	Rules      []string // rule text, of those that were reverted at least twice
	SameRule   bool     // that all reverts are of one rule
}

// contentionWords are how a mail calls what two tools are fighting about.
type contentionWords struct{ subject, rule, rules, opens, document string }

func (f Contention) words() contentionWords {
	if rule.IsPrefixListID(f.GroupID) {
		return contentionWords{subject: "prefix list", rule: "entry", rules: "entries", opens: "adds", document: "the document of the prefix list"}
	}
	return contentionWords{subject: "security group", rule: "rule", rules: "rules", opens: "opens", document: "the group's baseline"}
}

// RenderContention says that two tools are fighting about a group or a prefix list.
func RenderContention(f Contention) Mail {
	group := f.GroupName
	if group == "" {
		group = f.GroupID
	}
	w := f.words()
	within := span(f.Within.Seconds())
	t := title{
		outcome: "two tools are fighting", what: fmt.Sprintf("%s in %s", plural(f.Reverts, "revert"), within),
		group: group, origin: strings.TrimSpace(truncate(f.Account, 20) + " " + truncate(f.Region, 24)),
	}
	what := fmt.Sprintf("sgwarden reverted changes to %s %s %s within %s. Another tool makes the changes again.", w.subject, name(group), plural(f.Reverts, "time"), within)
	if f.SameRule {
		what = fmt.Sprintf("sgwarden reverted the same %[2]s of %[1]s %[3]s %[4]s within %[5]s. Another tool %[6]s the %[2]s again.", w.subject, w.rule, name(group), plural(f.Reverts, "time"), within, w.opens)
	}
	l := lead{
		what:    what,
		who:     f.who(),
		handled: fmt.Sprintf("No. sgwarden reverts each time, but the other tool does not stop. The %s are open for a short time again and again.", w.rules),
		todo:    fmt.Sprintf("If the change is right, make it part of %s. If not, stop the other tool.", w.document),
	}
	return Mail{Subject: t.subject(), Body: assemble(l.String(), f.sections())}
}

// who names the principals as the other mails do.
func (f Contention) who() string {
	var names []string
	for _, p := range f.Principals[:min(len(f.Principals), 3)] {
		names = append(names, principalText(p, f.Account))
	}
	if n := len(f.Principals) - len(names); n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	if len(names) == 0 {
		return unknown
	}
	return strings.Join(names, "; ")
}

func (f Contention) sections() []section {
	var s strings.Builder
	w := f.words()
	id := either(f.GroupName == "", "", " ("+name(f.GroupID)+")")
	fmt.Fprintf(&s, "%s %s%s, account %s, region %s\n", capital(w.subject), label(f.alert()), id, name(f.Account), name(f.Region))
	for i, r := range f.Rules[:min(len(f.Rules), mostRules)] {
		if i == 0 {
			fmt.Fprintf(&s, "%s that were reverted again and again:\n", capital(w.rules))
		}
		fmt.Fprintf(&s, "  %s\n", line(r, 400))
	}
	if n := len(f.Rules) - mostRules; n > 0 {
		fmt.Fprintf(&s, "  and %d more %s\n", n, either(n == 1, w.rule, w.rules))
	}
	for i, p := range f.Principals[:min(len(f.Principals), mostRules)] {
		if i == 0 {
			s.WriteString("Who made the changes:\n")
		}
		fmt.Fprintf(&s, "  %s\n", line(p, 400))
	}
	all := []section{{title: "the rules", text: s.String()}, {title: "what to do", text: fmt.Sprintf(afterContention, w.rules, w.document)}}
	if link := cmp.Or(groupLink(f.alert()), listLink(f.alert())); link != "" {
		all = append(all, section{title: "the links", text: "In the AWS console\n  " + capital(w.subject) + " " + name(f.GroupID) + ":\n  " + link + "\n"})
	}
	return all
}

const afterContention = `How to end it
  1. Find the other tool. The names above say who makes the changes.
  2. If its change is right, add the %[1]s to %[2]s and push the file.
  3. If its change is wrong, take the %[1]s out of the other tool, or stop the tool.
  4. If you need time, pause sgwarden. While it is paused, it reports and changes nothing.
`

// principalText names a principal: an ARN as in other mails, a service by its name.
func principalText(principal, account string) string {
	if strings.HasPrefix(principal, "arn:") {
		return actorText(alert.Actor{ARN: principal}, account)
	}
	return name(principal)
}

// alert is what the links need to know.
func (f Contention) alert() alert.Alert {
	a := alert.Alert{Account: f.Account, Region: f.Region, GroupID: f.GroupID, GroupName: f.GroupName}
	if rule.IsPrefixListID(f.GroupID) {
		a.GroupID, a.GroupName, a.PrefixListID, a.PrefixListName = "", "", f.GroupID, f.GroupName
	}
	return a
}
