package mail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// todo says what a person should do now.
func (v *view) todo() string {
	switch v.situation {
	case reverted, gone:
		return sentences(v.ask(), v.ifMeant())
	case notReverted, partlyReverted, stillOpen, notRestored:
		return sentences(v.closeIt(), v.ask())
	case reportedOnly:
		return sentences(v.ask(), "If not, close "+either(v.count.open == 1, "the rule", "the rules")+either(v.can("close"), " with the command below.", " in the EC2 console."), v.ifMeant())
	case waiting:
		return sentences("Decide whether the change is right.", v.ifMeant(), either(v.can("revert what is pending"), "If not, revert it with the command below.", ""))
	case restored:
		return sentences("Find out who removed the approved rule, and why.", "If it is not needed any more, take it out of the baseline.")
	case missing:
		return v.todoMissing()
	case notLiveYet:
		return "Nothing, if somebody makes the rules soon. Else take them out of the baseline."
	case notJudged:
		return "Look at the group in the EC2 console now. Then give sgwarden's role the permission that the note below names."
	case groupDeleted:
		return "If the group was deleted on purpose, delete its baseline too" + either(v.can("delete"), " with the command below.", ".")
	case canaryFine, over:
		return "Nothing."
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
		if v.can("version before") || v.can("roll") || v.can("repair") {
			return fmt.Sprintf("Bring the version before back with the command below, or repair the %s.", kindOf(v.worst.Baseline.Parameter))
		}
		return fmt.Sprintf("Repair the %s now. The note below says what is wrong.", kindOf(v.worst.Baseline.Parameter))
	case notPaused:
		return "If sgwarden should pause, write the pause again. The note below says what is wrong."
	case documentChanged:
		return v.todoChange()
	case approvalGiven:
		return sentences(v.askAbout("the approval"), either(v.can("withdraw"), "If the approval is wrong, withdraw it with the command below.", ""))
	case approvalChanged, approvalOver, approvalWithdrawn, pauseOver:
		return "Nothing, if this was meant. " + v.askAbout("this")
	case pauseBegan:
		return sentences(v.askAbout("the pause"), "If the pause is wrong, end it: delete the parameter that the document below names.")
	}
	return "Read the note below."
}

func (v *view) todoChange() string {
	undo := either(v.can("version before") || v.can("roll"), " undo it with the command below.", " write the version before again.")
	switch {
	case operation(*v.change) == "deleted":
		return sentences("Find out who deleted it.", "If it was not meant, write the "+string(kindOf(v.change.Baseline.Parameter))+" again.")
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
		return fmt.Sprintf("Find out why %s made the change.", name(a.InvokedBy))
	}
	return fmt.Sprintf("Find out who made %s.", either(what == "this", "the change", strings.Replace(what, "the pause", "the pause", 1)))
}

func (v *view) ifMeant() string {
	switch {
	case v.withdrawn() || v.worst.Kind == alert.CanaryKind:
		return ""
	case v.can("approve"):
		return either(v.expired(), "If so,", "If the change was meant,") + " approve it with the command below."
	}
	return "If the change was meant, add the rule to the baseline."
}

func (v *view) closeIt() string {
	switch {
	case v.worst.Kind == alert.CanaryKind:
		return "Find out why sgwarden could not revoke its test rule. The error below says what AWS answered."
	case v.situation == notRestored || v.count.failed+v.count.open == 0:
		return either(v.can("put back"), "Put the rule back with the command below.", "Put the rule back in the EC2 console.")
	case v.late():
		return "Look at the group in the EC2 console. The next sweep judges it again."
	}
	n := v.count.failed + v.count.open
	return "Close " + either(n == 1, "the rule", "the rules") + " now" + either(v.can("close"), " with the command below.", " in the EC2 console.")
}

// can reports whether the mail prints a command whose label has these words.
func (v *view) can(words string) bool {
	return slices.ContainsFunc(v.commands(), func(c command) bool { return strings.Contains(strings.ToLower(c.label), words) })
}
