package mail

import (
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// headline says what happened.
func (v *view) headline() string {
	text := v.ofDocument()
	if !v.isAboutDocuments() && !v.withdrawn() {
		text = sentences(text, v.ofRules())
	}
	if v.late() {
		text += " This is told late."
	}
	if v.situation != over && v.closedCount() > 0 {
		text += fmt.Sprintf(" %s over.", either(v.closedCount() == 1, "1 earlier finding is", plural(v.closedCount(), "earlier finding")+" are"))
	}
	return text
}

// ofRules says what happened to rules.
func (v *view) ofRules() string {
	if v.isAboutLists() {
		return v.ofLists()
	}
	switch v.situation {
	case over:
		return v.ofClosings()
	case canaryPassed:
		return "The canary opened its harmless test rule. sgwarden saw it and told so. All is well."
	case notJudged:
		return fmt.Sprintf("AWS refused an answer that sgwarden needs, so sgwarden could not judge %s.", v.groupOrCount())
	case unclear:
		return fmt.Sprintf("sgwarden has a note about %s.", v.groupOrCount())
	case useChanged:
		return fmt.Sprintf("Somebody changed in which VPCs security group %s can be used.", label(v.worst))
	case groupDeleted:
		return fmt.Sprintf("Security group %s was deleted. Its baseline is still there.", label(v.worst))
	case missing, restored, notRestored, notLiveYet:
		return v.ofMissing()
	}
	return v.ofViolations()
}

// ofViolations is about rules that are not approved.
func (v *view) ofViolations() string {
	n := v.count.violations
	verb := "were found"
	switch {
	case v.isReminder():
		verb = "are still open"
	case v.count.opened > 0:
		verb = "were opened"
	}
	whose := "not approved"
	switch {
	case v.worst.Kind == alert.GuardrailKind:
		whose = "against the guardrail"
	case v.expired():
		return v.ofExpiry()
	}
	if v.worst.Kind == alert.CanaryKind {
		return "The canary opened its harmless test rule, and sgwarden could not revoke it. Real changes may stay open too."
	}
	if v.situation == waiting {
		return v.counted(n, "that "+either(n == 1, "waits", "wait")+" for approval", either(n == 1, "was", "were")+" opened by somebody trusted")
	}
	if n == 1 {
		verb = strings.NewReplacer("were", "was", "are", "is").Replace(verb)
	}
	return v.counted(n, "that "+either(n == 1, "is ", "are ")+whose, verb)
}

// ofExpiry is about rules that were permitted until something ended.
func (v *view) ofExpiry() string {
	const ended = "An exception or an approval ended, so "
	first := v.items[0]
	if len(v.items) == 1 {
		return fmt.Sprintf(ended+"a rule in %s is not approved any more: %s.", v.groupOrCount(), first.phrase(first.alert.Peers))
	}
	return fmt.Sprintf(ended+"%s in %s are not approved any more. The worst is %s.", plural(len(v.items), "rule"), v.groupOrCount(), first.phrase(first.alert.Peers))
}

// counted makes a sentence of what some rules are, and names the worst.
func (v *view) counted(n int, which, verb string) string {
	first := v.items[0]
	text := first.phrase(first.alert.Peers)
	if n == 1 && v.groupsWithItems() == 1 {
		return fmt.Sprintf("A rule %s %s in %s: %s.", which, verb, v.groupOrCount(), text)
	}
	worst := fmt.Sprintf("The worst is %s", text)
	if v.groupsWithItems() > 1 {
		worst += " in " + name(groupName(first.alert))
	}
	return fmt.Sprintf("%s %s %s in %s. %s.", plural(n, "rule"), which, verb, v.groupOrCount(), worst)
}

// ofMissing is about approved rules that were not there.
func (v *view) ofMissing() string {
	n, verb := v.count.missing+v.count.restored+v.count.failedMissing+v.count.notYet, "missing"
	switch {
	case v.situation == notLiveYet:
		verb = "not live yet"
	case v.isReminder():
		verb = "still missing"
	}
	first := v.items[0]
	text := first.phrase(first.alert.Peers)
	removed := v.count.removed == n
	if n == 1 {
		return fmt.Sprintf("An approved rule %s %s: %s.", either(removed, "was removed from", either(v.situation == restored, "was ", "is ")+verb+" in"), v.groupOrCount(), text)
	}
	return fmt.Sprintf("%s %s %s. One of them: %s.", plural(n, "approved rule"), either(removed, "were removed from", either(v.situation == restored, "were ", "are ")+verb+" in"), v.groupOrCount(), text)
}

func (v *view) ofClosings() string {
	n := v.closedCount()
	first := v.worst.Closed[0]
	if n > 1 {
		return fmt.Sprintf("%s that you were told of are over.", plural(n, "finding"))
	}
	if first.Rule == "" {
		return fmt.Sprintf("The document %s %s.", name(v.worst.Baseline.Parameter), closedHow(first))
	}
	return fmt.Sprintf("A finding that you were told of is over in %s: %s is %s.", v.groupOrCount(), closedPhrase(first, v.worst.Peers), closedHow(first))
}

// groupOrCount is the security group, or the number of groups.
func (v *view) groupOrCount() string {
	if n := v.groupsWithItems(); n > 1 {
		return plural(n, "security group")
	}
	a := v.worst
	if len(v.items) > 0 {
		a = v.items[0].alert
	}
	switch {
	case a.PrefixListID != "":
		return listLabel(a)
	case a.GroupID == "":
		return "a security group"
	}
	return "security group " + label(a)
}

// label is a group's name, or its id where the name is not known.
func label(a alert.Alert) string { return name(groupName(a)) }
