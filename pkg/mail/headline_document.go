package mail

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// ofDocument says what happened to a document; nothing where none is concerned.
func (v *view) ofDocument() string {
	switch v.situation {
	case documentBroken:
		return v.ofBroken()
	case notPaused:
		return "Somebody wrote a pause that can't be used. sgwarden is NOT paused and goes on changing security groups."
	}
	if v.change == nil {
		return ""
	}
	a := *v.change
	switch s := changeSituation(a); s {
	case pauseBegan:
		return "Somebody paused sgwarden. It reports what it finds and changes nothing."
	case pauseOver:
		return "sgwarden is not paused any more. It changes security groups again."
	case approvalGiven:
		return fmt.Sprintf("Somebody approved %s for security group %s, for a time.", either(len(a.PermitsMore) == 1, permitted(a.PermitsMore[0]), plural(len(a.PermitsMore), "rule")), label(a))
	case approvalWithdrawn:
		return v.ofWithdrawal()
	case approvalOver:
		return fmt.Sprintf("An approval for security group %s was written that is over already. It permits nothing.", label(a))
	case approvalChanged:
		return fmt.Sprintf("Somebody changed an approval for security group %s. It permits nothing more than before.", label(a))
	}
	return v.ofChange(a)
}

// ofWithdrawal reads as what it is, not as an intrusion.
func (v *view) ofWithdrawal() string {
	if len(v.items) == 0 {
		return fmt.Sprintf("An approval for security group %s was withdrawn.", label(*v.change))
	}
	first := v.items[0]
	which := fmt.Sprintf(" This concerns %s in %s.", first.phrase(first.alert.Peers)+andMore(len(v.items)-1, 1, "rule"), v.groupOrCount())
	if v.situation == reverted {
		return "An approval was withdrawn, so its rules were revoked." + which
	}
	return "An approval was withdrawn, so its rules are not approved any more." + which
}

func (v *view) ofBroken() string {
	a := v.worst
	verb := either(v.isReminder(), "still can't be used", "can't be used")
	switch kindOf(a.Baseline.Parameter) {
	case approvalDocument:
		return fmt.Sprintf("An approval for security group %s %s. It permits nothing.", label(a), verb)
	case guardrailDocument:
		return fmt.Sprintf("The guardrail %s. Security groups without a baseline are NOT guarded.", verb)
	case trustDocument:
		return fmt.Sprintf("The trust document %s. Nobody is trusted, so sgwarden reverts every change that is not approved.", verb)
	}
	if a.PrefixListID != "" {
		return fmt.Sprintf("The document of %s %s. The prefix list is NOT guarded.", listLabel(a), verb)
	}
	return fmt.Sprintf("The baseline of security group %s %s. The group is NOT guarded.", label(a), verb)
}

// ofChange is about baselines, the guardrail and the trust document.
func (v *view) ofChange(a alert.Alert) string {
	changes := v.changes()
	will := ""
	if v.count.willGo > 0 {
		will = fmt.Sprintf("%s not approved any more.", either(v.count.willGo == 1, "1 live "+v.thing()+" is", v.things(v.count.willGo, "live ")+" are"))
	}
	what := map[string]string{"created": "created", "deleted": "deleted"}[v.operation()]
	if what == "" {
		what = "changed"
	}
	if len(changes) > 1 {
		return sentences(fmt.Sprintf("Somebody %s %d %s at about the same time.", what, len(changes), documentsOf(changes)), will)
	}
	switch kindOf(a.Baseline.Parameter) {
	case guardrailDocument:
		return fmt.Sprintf("Somebody %s the guardrail.%s", what, either(what == "deleted", " Security groups without a baseline are NOT guarded any more.", ""))
	case trustDocument:
		return fmt.Sprintf("Somebody %s the trust document.%s", what, either(what == "deleted", " Nobody is trusted any more.", " It says whose changes wait for approval instead of being reverted."))
	}
	text, of := fmt.Sprintf("Somebody %s the baseline of security group %s.", what, label(a)), "group"
	if a.PrefixListID != "" {
		text, of = fmt.Sprintf("Somebody %s the document of %s.", what, listLabel(a)), "prefix list"
	}
	if what == "deleted" {
		text += fmt.Sprintf(" The %s has no %s any more.", of, either(of == "group", "baseline", "document"))
	} else if a.Weakens {
		text += " The " + of + " is guarded less than before."
	}
	return sentences(text, will)
}
