package alert

import "strings"

// actions are what a person can do about an alert, the most urgent first. There is at
// least one, unless the alert names neither a group nor a document nor an event.
func actions(a Alert) []Command {
	all := []Command{}
	if !isRegion(a.Region) {
		return all
	}
	add := func(label string, commands ...string) {
		if len(commands) > 0 {
			all = append(all, Command{Label: label, Command: strings.Join(commands, " && ")})
		}
	}
	addRuleActions(a, add)
	addEntryActions(a, add)
	addDocumentActions(a, add)
	if !isLeftOver(a) {
		add("look at the rules of the group", lookAtRules(a)...)
		add("look at the entries of the prefix list", lookAtEntries(a)...)
	}
	if isDrift(a) && (len(a.Findings) > 0 || a.Outcome == Failed) {
		add("pause sgwarden for one hour", pause(a)...)
	}
	if len(all) == 0 {
		add("look at the event", lookAtEvent(a)...)
	}
	return all
}

// adding takes an action. It does nothing where there are no commands.
type adding func(label string, commands ...string)

// addRuleActions adds what can be done about findings.
func addRuleActions(a Alert, add adding) {
	add("close what is open", closing(a)...)
	add(approveLabel(a), approveAndPutBack(a)...)
	add(putBackLabel(a), putBack(a)...)
	add("revert what is pending now", withdrawal(a)...)
}

func approveLabel(a Alert) string {
	switch {
	case a.Kind == PendingKind:
		return "approve for 89 days (deploy/baseline.sh allow --for-good approves for good)"
	case len(undo(a)) > 0:
		return "approve for 8 hours and put back"
	}
	return "approve for 8 hours"
}

func putBackLabel(a Alert) string {
	if a.RestoreOff {
		document := "baseline"
		if hasPrefixList(a) {
			document = "document"
		}
		return "put back what is missing (sgwarden does not do it, because the " + document + " has restore: false)"
	}
	return "put back what is missing"
}

// isDrift reports whether the alert is about rules that sgwarden acts on by itself.
func isDrift(a Alert) bool {
	return a.Kind == Drift || a.Kind == GuardrailKind || a.Kind == ExceptionExpired || a.Kind == PendingKind || a.Kind == PrefixListKind
}

// lookAtEvent finds the event in CloudTrail, where it is a call of the AWS API.
func lookAtEvent(a Alert) []string {
	if !isEventID(a.Event.ID) {
		return nil
	}
	return []string{aws(a, "cloudtrail lookup-events", "--lookup-attributes AttributeKey=EventId,AttributeValue="+a.Event.ID)}
}
