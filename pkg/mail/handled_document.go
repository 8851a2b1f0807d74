package mail

import (
	"fmt"
	"time"
)

// handledDocument is handled for what is about a document, or about nothing that
// sgwarden could judge.
func (v *view) handledDocument() string {
	switch v.situation {
	case notJudged:
		return "No. Nothing was judged and nothing was changed. What was opened is still open."
	case documentBroken:
		return v.handledBroken()
	case notPaused:
		return "No. sgwarden ignores the pause and goes on."
	case unclear:
		return "Not known. The note below says more."
	case useChanged:
		return "Nothing to handle. The rules of the group are the same as before."
	case groupDeleted:
		return "Nothing to handle. The " + either(v.worst.PrefixListID != "", "document", "baseline") + " does no harm, but it guards nothing."
	case documentChanged:
		return v.handledChange()
	case approvalGiven:
		return sentences("Nothing to handle. The approval is in force and ends by itself.", v.leftMissing())
	case approvalChanged, approvalOver:
		return "Nothing to handle. sgwarden judged the group again."
	case approvalWithdrawn:
		return "Nothing to handle. No live rule depends on the approval."
	case pauseBegan:
		return "No. Nobody's changes are reverted until the pause ends."
	}
	return "Yes. The next sweep judges what was opened meanwhile."
}

func (v *view) handledBroken() string {
	switch kindOf(v.worst.Baseline.Parameter) {
	case approvalDocument:
		return "No. The rules that it should permit are reverted."
	case guardrailDocument:
		return "No. sgwarden judges no group without a baseline until the guardrail is repaired."
	case listDocument:
		return "No. sgwarden judges and changes nothing in this prefix list until its document is repaired."
	case trustDocument:
		return "No. Nobody's changes wait for approval until the trust document is repaired."
	}
	return "No. sgwarden judges and changes nothing in this group until the baseline is repaired."
}

func (v *view) handledChange() string {
	if n := v.count.willGo; n > 0 {
		when := "when its grace ends"
		if t := v.graceEnd(); !t.IsZero() {
			when = "after " + clock(t)
		}
		return sentences(fmt.Sprintf("Not yet. sgwarden will %s %s %s, unless somebody undoes the change.",
			either(v.thing() == "rule", "revoke", "remove"), either(n == 1, "the live "+v.thing(), v.things(n, "live ")), when), v.leftMissing())
	}
	if operation(*v.change) == "deleted" {
		return "No. The document is gone. sgwarden does not bring a document back."
	}
	return sentences("Nothing to handle. The change is in force.", v.leftMissing())
}

// permittedUntil is how the reason of a live rule in its grace names the grace's end.
var permittedUntil = lazily(`permitted until (\S+) only`)

// graceEnd is when the first live rule will be revoked; zero where no reason says so.
func (v *view) graceEnd() (end time.Time) {
	for _, i := range v.items {
		if found := permittedUntil().FindStringSubmatch(i.Reason); i.willGo && found != nil {
			if t, err := time.Parse(time.RFC3339, found[1]); err == nil && (end.IsZero() || t.Before(end)) {
				end = t
			}
		}
	}
	return end
}
