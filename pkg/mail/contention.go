package mail

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Fight is a group that is reverted again and again: sgwarden and another tool undo
// each other's changes.
type Fight struct {
	Account, Region, GroupID, GroupName string

	// Reverts counts the acts that led to the reverts of rules that were reverted before.
	Reverts    int
	Within     time.Duration
	Principals []string // ARNs, or names of services
	Rules      []string // rule text, of those that were reverted at least twice
	SameRule   bool     // that all reverts are of one rule
}

// Contention tells that two tools are fighting about a group.
func Contention(f Fight) Mail {
	group := f.GroupName
	if group == "" {
		group = f.GroupID
	}
	within := span(f.Within.Seconds())
	t := title{
		outcome: "two tools are fighting", what: fmt.Sprintf("%s in %s", plural(f.Reverts, "revert"), within),
		group: group, place: strings.TrimSpace(clip(f.Account, 20) + " " + clip(f.Region, 24)),
	}
	what := fmt.Sprintf("sgwarden reverted changes to security group %s %s within %s. Another tool makes the changes again.", name(group), plural(f.Reverts, "time"), within)
	if f.SameRule {
		what = fmt.Sprintf("sgwarden reverted the same rule of security group %s %s within %s. Another tool opens the rule again.", name(group), plural(f.Reverts, "time"), within)
	}
	l := lead{
		what:    what,
		who:     f.who(),
		handled: "No. sgwarden reverts each time, but the other tool does not stop. The rules are open for a short time again and again.",
		todo:    "If the change is right, make it part of the group's baseline. If not, stop the other tool.",
	}
	return Mail{Subject: t.subject(), Body: assemble(l.String(), f.sections())}
}

// who names the principals as the other mails do.
func (f Fight) who() string {
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

func (f Fight) sections() []section {
	var s strings.Builder
	id := either(f.GroupName == "", "", " ("+name(f.GroupID)+")")
	fmt.Fprintf(&s, "Security group %s%s, account %s, region %s\n", label(f.alert()), id, name(f.Account), name(f.Region))
	for i, r := range f.Rules[:min(len(f.Rules), mostRules)] {
		if i == 0 {
			s.WriteString("Rules that were reverted again and again:\n")
		}
		fmt.Fprintf(&s, "  %s\n", line(r, 400))
	}
	if n := len(f.Rules) - mostRules; n > 0 {
		fmt.Fprintf(&s, "  and %s\n", plural(n, "more rule"))
	}
	for i, p := range f.Principals[:min(len(f.Principals), mostRules)] {
		if i == 0 {
			s.WriteString("Who made the changes:\n")
		}
		fmt.Fprintf(&s, "  %s\n", line(p, 400))
	}
	all := []section{{title: "the rules", text: s.String()}, {title: "what to do", text: afterFight}}
	if link := groupLink(f.alert()); link != "" {
		all = append(all, section{title: "the links", text: "In the AWS console\n  Security group " + name(f.GroupID) + ":\n  " + link + "\n"})
	}
	return all
}

const afterFight = `How to end it
  1. Find the other tool. The names above say who makes the changes.
  2. If its change is right, add the rules to the group's baseline and push the baseline.
  3. If its change is wrong, take the rules out of the other tool, or stop the tool.
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
func (f Fight) alert() alert.Alert {
	return alert.Alert{Account: f.Account, Region: f.Region, GroupID: f.GroupID, GroupName: f.GroupName}
}
