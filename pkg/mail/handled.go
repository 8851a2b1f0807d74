package mail

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// handled says whether sgwarden dealt with it: yes, no, or partly.
func (v *view) handled() string {
	if v.isAboutLists() {
		return v.handledLists()
	}
	c := v.count
	switch v.situation {
	case reverted, restored:
		return sentences("Yes.", v.didRevoke(), v.didRestore(), v.leftWaiting(), v.leftMissing())
	case partlyReverted:
		return sentences("Partly.", v.didRevoke(), v.didRestore(), v.leftOpen(), v.leftWaiting(), v.leftMissing())
	case notReverted, notRestored, reportedOnly, stillOpen:
		return sentences("No.", v.leftOpen(), v.leftWaiting(), v.leftMissing())
	case waiting:
		return sentences("Not yet.", v.leftWaiting(), v.leftMissing())
	case notLive:
		return fmt.Sprintf("Yes. %s gone before sgwarden could revoke %s.", either(c.notLive == 1, "The rule was", "The rules were"), either(c.notLive == 1, "it", "them"))
	case missing:
		return sentences("No.", v.leftMissing())
	case notLiveYet:
		return sentences("Nothing to handle.", v.leftMissing())
	case over:
		return "Yes. It is over."
	case canaryPassed:
		return "Yes. " + either(c.revoked > 0, "sgwarden revoked the test rule.", "The test rule was seen.")
	}
	return v.handledDocument()
}

// didRevoke is "sgwarden revoked both rules 20 seconds after they were opened."
func (v *view) didRevoke() string {
	c := v.count
	if c.revoked == 0 {
		return ""
	}
	text := "sgwarden revoked " + plural(c.revoked, "rule")
	switch all := c.revoked == c.violations; {
	case all && c.revoked == 1:
		text = "sgwarden revoked the rule"
	case all && c.revoked == 2:
		text = "sgwarden revoked both rules"
	case all:
		text = fmt.Sprintf("sgwarden revoked all %d rules", c.revoked)
	}
	seconds, known := v.exposure()
	if !known || c.revoked != c.revokedOpened {
		return text + "." + v.notLiveBefore()
	}
	return fmt.Sprintf("%s %s%s after %s opened.%s", text, either(len(v.story.Alerts) > 1 && seconds >= 1, "within ", ""), span(seconds), either(c.revoked == 1, "it was", "they were"), v.notLiveBefore())
}

func (v *view) notLiveBefore() string {
	if v.count.notLive == 0 {
		return ""
	}
	return fmt.Sprintf(" %s gone already.", either(v.count.notLive == 1, "1 rule was", plural(v.count.notLive, "rule")+" were"))
}

// exposure is the longest that a rule of the event was open, in seconds.
func (v *view) exposure() (seconds float64, known bool) {
	for _, a := range v.story.Alerts {
		if a.ExposureSeconds != nil {
			seconds, known = max(seconds, *a.ExposureSeconds), true
		}
	}
	return seconds, known
}

func (v *view) didRestore() string {
	if n := v.count.restored; n > 0 {
		return fmt.Sprintf("sgwarden put back %s.", either(n == 1, "the approved rule", plural(n, "approved rule")))
	}
	return ""
}

// leftOpen says what is open and why.
func (v *view) leftOpen() string {
	c, text := v.count, ""
	if n := c.failed; n > 0 {
		text = fmt.Sprintf("sgwarden could not revoke %s. %s still open.", ruleOrRules(n, c.violations), either(n == 1, "It is", "They are"))
	}
	if n := c.failedMissing; n > 0 {
		text = sentences(text, fmt.Sprintf("sgwarden could not put back %s.", either(n == 1, "an approved rule", plural(n, "approved rule"))))
	}
	if c.open == 0 {
		return text + either(c.revoked == 0, v.notLiveBefore(), "")
	}
	why := ""
	switch {
	case v.reportsOnly() && v.whyOnly() == "paused":
		why = "sgwarden is paused."
	case v.reportsOnly() && v.whyOnly() == "the baseline is new":
		why = "The baseline is new, and sgwarden could not read the version before. It revokes nothing yet."
	case v.reportsOnly() && v.whyOnly() == withoutTag:
		why = "The group lacks the tag without which sgwarden may change nothing."
	case v.reportsOnly():
		why = "sgwarden only reports here (mode alert)."
	case c.mayNotTouch > 0:
		why = "sgwarden may not change " + either(c.open == 1, "this rule.", "these rules.")
	}
	return sentences(text, why, fmt.Sprintf("%s still open.", either(c.open == 1 && c.violations == 1, "The rule is", either(c.open == c.violations, fmt.Sprintf("All %d rules are", c.open), either(c.open == 1, "1 rule is", plural(c.open, "rule")+" are"))))+either(c.revoked == 0, v.notLiveBefore(), ""))
}

func ruleOrRules(n, of int) string {
	switch {
	case n == 1 && of == 1:
		return "the rule"
	case n == of:
		return fmt.Sprintf("any of the %d rules", n)
	}
	return plural(n, "rule")
}

func (v *view) leftWaiting() string {
	n := v.count.pending
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s open until %s pending approval ends. Then sgwarden reverts %s.",
		either(n == v.count.violations, either(n == 1, "The rule stays", "The rules stay"), either(n == 1, "1 rule stays", plural(n, "rule")+" stay")),
		either(n == 1, "its", "their"), either(n == 1, "it", "them"))
}

// leftMissing says of approved rules that are not there why they were not put back.
func (v *view) leftMissing() string {
	if n := v.count.notYet; n > 0 && v.count.missing == 0 {
		return fmt.Sprintf("%s approved, and not live yet.", either(n == 1, "1 rule is", plural(n, "rule")+" are"))
	}
	n := v.count.missing
	if n == 0 {
		return ""
	}
	text := fmt.Sprintf("%s missing.", either(n == 1, "1 approved rule is", plural(n, "approved rule")+" are"))
	if v.situation == missing {
		text = either(n == 1, "The approved rule is still missing.", fmt.Sprintf("The %d approved rules are still missing.", n))
	}
	return sentences(text, v.whyMissing())
}

func (v *view) whyMissing() string {
	for _, a := range v.story.Alerts {
		switch {
		case a.Outcome == alert.WouldRevert && v.whyOnly() == "paused":
			return "sgwarden is paused and puts nothing back."
		case a.Outcome == alert.WouldRevert && v.whyOnly() == withoutTag:
			return "The group lacks the tag without which sgwarden may change nothing."
		case a.RestoreOff:
			return "sgwarden did not put anything back, because the baseline says restore: false."
		case a.Outcome == alert.WouldRevert:
			return "sgwarden only reports here (mode alert)."
		}
	}
	return ""
}
