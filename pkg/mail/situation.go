package mail

import (
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// situation is what a mail is about. It decides the words.
type situation uint8

const (
	reverted situation = iota
	partlyReverted
	notReverted
	reportedOnly // mode alert, a pause, or a grace that nobody knows
	stillOpen    // sgwarden may not change the rules, or reported late
	waiting      // a trusted principal's change waits for approval
	notLive
	restored
	notRestored // an approved rule could not be put back
	missing
	notLiveYet
	notJudged // AWS refused what sgwarden needs to know
	documentBroken
	notPaused
	documentChanged
	approvalGiven
	approvalChanged // it permits the same as before, or less
	approvalWithdrawn
	approvalOver
	pauseBegan
	pauseOver
	groupDeleted
	useChanged // the group can be used in another VPC, or no longer
	unclear    // an alert that says nothing but its reason
	canaryPassed
	over // closings only
)

// documentKind names a document of sgwarden's, as people call it.
type documentKind string

const (
	baselineDocument  documentKind = "baseline"
	guardrailDocument documentKind = "guardrail"
	approvalDocument  documentKind = "approval"
	pauseDocument     documentKind = "pause"
	trustDocument     documentKind = "trust document"
	listDocument      documentKind = "prefix list's document"
)

// kindOf returns the kind of a document by its parameter's name.
func kindOf(parameter string) documentKind {
	switch {
	case strings.Contains(parameter, "/approvals/"):
		return approvalDocument
	case strings.Contains(parameter, "/prefix-lists/"):
		return listDocument
	case strings.HasSuffix(parameter, "/guardrail"):
		return guardrailDocument
	case strings.HasSuffix(parameter, "/pause"):
		return pauseDocument
	case strings.HasSuffix(parameter, "/trust"):
		return trustDocument
	}
	return baselineDocument
}

// classify finds out what the mail is about. Open rules, and what was done, matter
// more than the document that led to it: the words for the document are put before.
func (v *view) classify() situation {
	a := v.worst
	switch {
	case isClosing(a):
		return over
	case a.Kind == alert.CanaryKind && a.Severity != alert.Critical:
		return canaryPassed
	case a.Kind == alert.BaselineError && kindOf(a.Baseline.Parameter) == pauseDocument, a.Kind == alert.Paused && a.Outcome == alert.Failed:
		return notPaused
	case a.Kind == alert.BaselineError:
		return documentBroken
	case a.Outcome == alert.Failed && len(a.Findings) == 0:
		return notJudged
	}
	if s, found := v.classifyRules(); found {
		return s
	}
	if v.change != nil {
		return changeSituation(*v.change)
	}
	switch {
	case v.count.restored > 0:
		return restored
	case v.count.missing > 0:
		return missing
	case v.count.notYet > 0:
		return notLiveYet
	case v.count.notLive > 0:
		return notLive
	case strings.HasPrefix(a.Reason, "the group was deleted"), strings.HasPrefix(a.Reason, "the prefix list was deleted"):
		return groupDeleted
	case alert.IsAboutUse(a):
		return useChanged
	}
	return unclear
}

// classifyRules looks at what became of rules that are not approved.
func (v *view) classifyRules() (s situation, found bool) {
	c := v.count
	done := c.revoked + c.restored
	switch {
	case c.failed+c.open > 0 && done > 0:
		return partlyReverted, true
	case c.failed > 0:
		return notReverted, true
	case c.failedMissing > 0 && done > 0:
		return partlyReverted, true
	case c.failedMissing > 0:
		return notRestored, true
	case c.open > 0 && v.reportsOnly():
		return reportedOnly, true
	case c.open > 0:
		return stillOpen, true
	case c.revoked > 0:
		return reverted, true
	case c.pending > 0:
		return waiting, true
	case c.notLive > 0 && v.change == nil && c.restored+c.missing == 0:
		return notLive, true
	}
	return 0, false
}

func (v *view) reportsOnly() bool {
	return slices.ContainsFunc(v.story.Alerts, func(a alert.Alert) bool { return a.Outcome == alert.WouldRevert })
}

// changeSituation says what somebody did to a document. The alert's reason says it
// by itself.
func changeSituation(a alert.Alert) situation {
	switch {
	case a.Kind == alert.Paused && a.Weakens:
		return pauseBegan
	case a.Kind == alert.Paused:
		return pauseOver
	case a.Kind != alert.ApprovalChanged:
		return documentChanged
	case len(a.PermitsMore) > 0:
		return approvalGiven
	case strings.Contains(a.Reason, " is deleted: "):
		return approvalWithdrawn
	case strings.Contains(a.Reason, " permits nothing: it ended"):
		return approvalOver
	}
	return approvalChanged
}

// operation is "created", "deleted" or "changed": the reason of a changed document
// begins with it, "updated" for the last.
func operation(a alert.Alert) string {
	for _, o := range []string{"created", "deleted"} {
		if strings.HasPrefix(a.Reason, o) {
			return o
		}
	}
	return "changed"
}

// changes are the alerts of the documents that somebody wrote or deleted.
func (v *view) changes() []alert.Alert {
	return slices.DeleteFunc(slices.Clone(v.story.Alerts), func(a alert.Alert) bool { return !isChange(a) })
}

// withdrawn reports whether an approval was withdrawn.
func (v *view) withdrawn() bool {
	return v.change != nil && changeSituation(*v.change) == approvalWithdrawn
}

// expired reports whether all that was not approved was permitted until an exception
// or an approval ended.
func (v *view) expired() bool {
	rules := slices.DeleteFunc(slices.Clone(v.story.Alerts), func(a alert.Alert) bool { return isChange(a) || isClosing(a) })
	return len(rules) > 0 && !slices.ContainsFunc(rules, func(a alert.Alert) bool { return a.Kind != alert.ExceptionExpired })
}

// isReminder reports whether people know all of it already.
func (v *view) isReminder() bool {
	if len(v.items) == 0 {
		return v.documentReminder(v.worst).Notified > 0
	}
	return v.count.reminded == len(v.items)
}

// late reports whether a sweep reports what an earlier run could not.
func (v *view) late() bool {
	return slices.ContainsFunc(v.story.Alerts, func(a alert.Alert) bool { return a.Late })
}
