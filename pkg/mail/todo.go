package mail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// todo says what a person should do now.
func (v *view) todo() string {
	if v.isAboutLists() {
		return v.todoLists()
	}
	switch v.situation {
	case reverted, notLive:
		return sentences(v.ask(), v.ifMeant())
	case notReverted, partlyReverted, stillOpen, notRestored:
		if v.worst.Kind == alert.CanaryKind {
			return v.closeIt()
		}
		return sentences(v.closeIt(), v.ask())
	case reportedOnly:
		return sentences(v.ask(), "If not, close "+either(v.count.open == 1, "the rule", "the rules")+either(v.can("close"), " with the command below.", " in the EC2 console."), v.ifMeant())
	case waiting:
		return sentences("Decide whether the change is right.", v.ifMeant(), either(v.can("revert what is pending"), "If not, revert the change with the command below.", ""))
	case restored:
		return sentences(v.askWhyRemoved(), "If the rule is not needed any more, take it out of the baseline.")
	case missing:
		return v.todoMissing()
	case notLiveYet:
		return "Nothing, if somebody makes the rules soon. Else take them out of the baseline."
	case notJudged:
		return "Look at the group in the EC2 console now. Then give sgwarden's role the permission that the note below names."
	case useChanged:
		return v.ask()
	case groupDeleted:
		return "If the group was deleted on purpose, delete its baseline too" + either(v.can("delete"), " with the command below.", ".")
	case canaryPassed, over:
		return "Nothing."
	case unclear:
		return "Read the note below. If there is none, look at the group in the EC2 console."
	}
	return v.todoDocument()
}

func (v *view) todoMissing() string {
	text := "Put the rule back"
	if v.count.missing > 1 {
		text = "Put the rules back"
	}
	return text + either(v.can("put back"), " with the command below.", " in the EC2 console.") +
		either(v.count.missing > 1, " If they are", " If it is") + " not needed any more, take" + either(v.count.missing > 1, " them", " it") + " out of the baseline."
}

func (v *view) todoDocument() string {
	switch v.situation {
	case documentBroken:
		if v.can("bring the version before") {
			return fmt.Sprintf("Bring the version before back with the command below, or repair the %s.", kindOf(v.worst.Baseline.Parameter))
		}
		return fmt.Sprintf("Repair the %s now. The note below says what is wrong.", kindOf(v.worst.Baseline.Parameter))
	case notPaused:
		return "If sgwarden should pause, write the pause again. The note below says what is wrong."
	case documentChanged:
		return v.todoChange()
	case approvalGiven:
		return sentences(v.askAbout("the approval"), either(v.can("withdraw"), "If the approval is wrong, withdraw it with the command below.", ""))
	case pauseOver:
		return either(v.actor() == nil, "Nothing.", "Nothing, if this was meant.")
	case approvalChanged, approvalOver, approvalWithdrawn:
		return "Nothing, if this was meant. " + v.askAbout("this")
	case pauseBegan:
		return sentences(v.askAbout("the pause"), "If the pause is wrong, end it"+either(v.can("end the pause"), " with the command below.", ": delete the parameter that is named below."))
	}
	return "Read the note below."
}

func (v *view) todoChange() string {
	undo := either(v.can("bring the version before"), " undo it with the command below.", " write the version before again.")
	if operation(*v.change) == "created" {
		undo = either(len(v.blocks) > 1, " delete them", " delete it") + either(v.can("delete the"), either(len(v.blocks) > 1, " with the commands below.", " with the command below."), " again.")
	}
	switch {
	case operation(*v.change) == "deleted":
		return sentences(either(v.can("see who deleted"), "With the command below, find", "Find")+" out who deleted it, and whether it was meant.", "If not, write the "+string(kindOf(v.change.Baseline.Parameter))+" again.")
	case v.count.willGo > 0:
		return sentences(v.askAbout("the change"), "If not,"+undo)
	case v.change.Weakens:
		return sentences(v.askAbout("the change"), "If not,"+undo)
	}
	return "Nothing, if this was meant. If not," + undo
}

// ask is "Ask ana whether the change was meant."
func (v *view) ask() string { return v.askAbout("the change") }

func (v *view) askAbout(what string) string {
	a := v.actor()
	switch whom := askWhom(a); {
	case v.withdrawn() && what == "the change":
		return "Nothing, if the approval was withdrawn on purpose."
	case v.expired() && what == "the change":
		return "Ask the owner of the group whether the rule is still needed."
	case whom != "":
		return fmt.Sprintf("Ask %s whether %s was meant.", whom, what)
	case a != nil && a.InvokedBy != "":
		return fmt.Sprintf("Find out why %s made the change, and whether it was meant.", name(a.InvokedBy))
	case what == "this":
		what = "the change"
	}
	return fmt.Sprintf("Find out who made %s, and whether it was meant.", what)
}

func (v *view) askWhyRemoved() string {
	rules := either(v.count.restored == 1, "the approved rule", "the approved rules")
	if whom := askWhom(v.actor()); whom != "" && v.count.removed > 0 {
		return fmt.Sprintf("Ask %s why %s %s removed.", whom, rules, either(v.count.restored == 1, "was", "were"))
	}
	return "Find out who removed " + rules + ", and why."
}

func (v *view) ifMeant() string {
	switch {
	case v.withdrawn() || v.worst.Kind == alert.CanaryKind:
		return ""
	case v.can("approve"):
		return "If so, approve it with the command below."
	}
	return "If so, add " + either(v.count.violations == 1, "the rule", "the rules") + " to the baseline."
}

func (v *view) closeIt() string {
	switch {
	case v.worst.Kind == alert.CanaryKind:
		return "Find out why sgwarden could not revoke its test rule. The error below says what AWS answered."
	case v.situation == notRestored || v.count.failed+v.count.open == 0:
		return either(v.can("put back"), "Put the rule back with the command below.", "Put the rule back in the EC2 console.")
	case v.situation == stillOpen && v.count.mayNotTouch > 0:
		return "Close the rule yourself" + either(v.can("close"), ", with the command below.", ", in the EC2 console.") + " The error below says why sgwarden may not."
	case v.late():
		return "Look at the group in the EC2 console. The next sweep judges it again."
	}
	n := v.count.failed + v.count.open
	return "Close " + either(n == 1, "the rule", "the rules") + " now" + either(v.can("close"), " with the command below.", " in the EC2 console.")
}

// can reports whether the mail prints a command whose label begins with these words.
func (v *view) can(words string) bool {
	return slices.ContainsFunc(v.commands(), func(c command) bool { return strings.HasPrefix(c.label, words) })
}
