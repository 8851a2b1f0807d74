package mail

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// outcomes are the first words of a subject.
var outcomes = map[situation]string{
	reverted: "reverted", partlyReverted: "only partly reverted", notReverted: "NOT reverted", stillOpen: "still open",
	waiting: "waits for approval", notLive: "already gone", restored: "put back", notRestored: "NOT put back", missing: "missing",
	notLiveYet: "approved, not live yet", notJudged: "NOT judged", notPaused: "NOT paused", approvalGiven: "approval given",
	approvalChanged: "approval changed", approvalWithdrawn: "approval withdrawn", approvalOver: "approval ended",
	pauseBegan: "paused", pauseOver: "not paused any more", groupDeleted: "group deleted, its baseline is left",
	useChanged: "use in another VPC changed", unclear: "a note", canaryPassed: "canary: all is well", over: "closed",
}

// outcome is the first words of the subject. Where a document led to what was done,
// that is said before.
func (v *view) outcome() string {
	words := outcomes[v.situation]
	if v.situation == groupDeleted && v.worst.PrefixListID != "" {
		words = "prefix list deleted, its document is left"
	}
	switch v.situation {
	case reportedOnly:
		words = either(v.isReminder(), "still open", "not reverted") + " (" + v.whyOnly() + ")"
	case documentBroken:
		words = v.brokenWords()
	case documentChanged:
		return v.changedWords()
	case missing, notReverted:
		if v.isReminder() {
			words = either(v.situation == missing, "still missing", "still NOT reverted")
		}
		if v.situation == missing && v.reportsOnly() {
			words += " (" + v.whyOnly() + ")"
		}
	}
	switch {
	case v.late() && v.situation != canaryPassed:
		words = "told late, " + words
	case v.worst.Kind == alert.CanaryKind && v.situation != canaryPassed:
		words = "canary " + words
	case v.situation == reverted && v.expired():
		words = "expired and reverted"
	case v.change != nil && !v.isAboutDocuments():
		words = v.changedWords() + ", " + words
	}
	return words
}

// withoutTag is whyOnly of a group or prefix list that lacks the tag without which
// sgwarden may change nothing.
const withoutTag = "not tagged"

// whyOnly says why nothing was changed: the mode, a pause, a new document or a tag.
func (v *view) whyOnly() string {
	switch {
	case v.reasonBegins("sgwarden is paused"):
		return "paused"
	case v.reasonBegins("the baseline is new"):
		return "the baseline is new"
	case v.reasonBegins("the document is new"):
		return "the document is new"
	case v.reasonBegins("sgwarden only reports this"):
		return withoutTag
	}
	return "alert mode"
}

func (v *view) brokenWords() string {
	still := either(v.isReminder(), "still ", "")
	switch kindOf(v.worst.Baseline.Parameter) {
	case approvalDocument:
		return still + "NOT approved, approval broken"
	case guardrailDocument:
		return still + "NOT guarded, guardrail broken"
	case trustDocument:
		return still + "nobody trusted, trust document broken"
	case listDocument:
		return still + "NOT guarded, prefix list's document broken"
	}
	return still + "NOT guarded, baseline broken"
}

// changedWords are "baseline changed", "11 baselines changed", "guardrail deleted".
func (v *view) changedWords() string {
	changes := v.changes()
	first := *v.change
	if s := changeSituation(first); s != documentChanged {
		return outcomes[s]
	}
	what := v.operation()
	if len(changes) > 1 {
		return fmt.Sprintf("%d %s %s", len(changes), documentsOf(changes), what)
	}
	return string(kindOf(first.Baseline.Parameter)) + " " + what
}

// operation is what was done to all of the documents: "created", "deleted", or
// "changed".
func (v *view) operation() string {
	what := operation(*v.change)
	for _, a := range v.changes() {
		if operation(a) != what {
			return "changed"
		}
	}
	return what
}

// documentsOf is what some documents are, together.
func documentsOf(changes []alert.Alert) string {
	kind := kindOf(changes[0].Baseline.Parameter)
	for _, a := range changes {
		if kindOf(a.Baseline.Parameter) != kind {
			return "documents"
		}
	}
	if kind == listDocument {
		return "prefix lists' documents"
	}
	return string(kind) + "s"
}
