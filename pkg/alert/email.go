package alert

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// maxInEmail bounds what a person has to scroll through; the JSON has it all.
const maxInEmail = 25

var headlines = map[Outcome]string{
	Reverted:    "REVERTED: an unapproved change to a security group was undone.",
	WouldRevert: "NOT REVERTED (sgwarden only reports now): an unapproved change to a security group is in place.",
	Partial:     "ONLY PARTLY REVERTED: some of an unapproved change to a security group is still in place. Act now.",
	Failed:      "NOT REVERTED: sgwarden could not undo an unapproved change to a security group. Act now.",
	AlreadyGone: "ALREADY GONE: an unapproved security-group rule was there for a while and is not any more.",
}

// shortened keeps a user agent's beginning, which says it all: SDKs go on for lines.
func shortened(agent string) string {
	const most = 60
	if len(agent) <= most {
		return agent
	}
	return strings.ToValidUTF8(agent[:most], "") + "..."
}

func headline(a Alert) string {
	has := map[Verdict]bool{}
	for _, f := range a.Findings {
		has[f.Verdict] = true
	}
	switch {
	case a.Late && !isHealthyCanary(a):
		return "TOLD LATE: unapproved security-group rules were found some time ago."
	case a.Kind == BaselineError && a.about("/approvals/"):
		return "APPROVAL NOT IN FORCE: an approval can't be used and permits nothing. The baseline holds."
	case a.Kind == BaselineError && a.about("/trust"):
		return "NOBODY IS TRUSTED: the trust document can't be used, so every unapproved change is reverted. Repair it."
	case a.Kind == Paused && a.Outcome == Failed, a.Kind == BaselineError && a.about("/pause"):
		return "NOT PAUSED: the pause document can't be used, so sgwarden goes on changing security groups."
	case a.Kind == BaselineError && a.about("/guardrail"):
		return "NOT GUARDED: the guardrail can't be used, so security groups without a baseline are not judged. Repair it."
	case a.Kind == BaselineError:
		return "NOT GUARDED: the baseline of a security group can't be used, so nothing was judged or changed. Repair it."
	case a.Outcome == Failed && len(a.Findings) == 0:
		return "NOT JUDGED: AWS refused what sgwarden needs to know, so whatever was changed stays. Act now."
	case isHealthyCanary(a):
		return "CANARY: sgwarden opened a harmless rule in its own test group, noticed it, and tells so. Nothing to do."
	case a.Kind == ExceptionExpired && a.Outcome == Reverted:
		return "EXPIRED: an exception ended, and the security-group rule that it permitted was revoked."
	case a.Kind == Paused && a.Weakens:
		return "PAUSED: somebody paused sgwarden. It reports violations and changes nothing."
	case a.Kind == Paused:
		return "GOING ON: sgwarden is not paused any more. The next sweep judges what was opened meanwhile."
	case a.Kind == ApprovalChanged:
		return "APPROVAL CHANGED: somebody approved security-group rules for a time, or withdrew an approval."
	case a.Kind == PendingKind:
		return "PENDING: a trusted pipeline opened security-group rules. They stay until the time below, unless somebody approves them for good."
	case a.Kind == BaselineChanged && a.about("/trust"):
		return "TRUST CHANGED: somebody changed whose changes wait for approval instead of being reverted."
	case a.Kind == BaselineChanged && a.about("/guardrail"):
		return "GUARDRAIL CHANGED: somebody changed what groups without a baseline may open."
	case a.Kind == BaselineChanged:
		return "BASELINE CHANGED: somebody changed what a security group may have."
	case a.Outcome == None && has[Violation]:
		return "STILL OPEN: sgwarden found unapproved security-group rules that it may not change."
	case a.Outcome == None && has[Missing]:
		return "MISSING: an approved security-group rule is not there."
	case a.Outcome == None:
		return "GONE: a security group that has a baseline was deleted."
	case a.Outcome == Reverted && !has[Violation]:
		return "RESTORED: an approved security-group rule was missing and is back."
	case a.Outcome == WouldRevert && !has[Violation]:
		return "MISSING (alert mode): an approved security-group rule is not there, and was not put back."
	}
	return headlines[a.Outcome]
}

// about reports whether the alert is about a document whose parameter's name has a
// part.
func (a Alert) about(part string) bool {
	return strings.Contains(a.Baseline.Parameter+"/", strings.TrimSuffix(part, "/")+"/")
}

// changeTitles are the titles of what a document permits more and less.
func changeTitles(a Alert) (more, less string) {
	switch {
	case a.about("/guardrail"): // its entries forbid
		return "No longer in force:", "Now in force:"
	case a.about("/trust"):
		return "Now in force:", "No longer in force:"
	}
	return "It now permits, more than before:", "It no longer permits:"
}

func writeList(s *strings.Builder, title string, items []string) {
	for i, item := range items {
		if i == 0 {
			fmt.Fprintf(s, "\n%s\n", title)
		}
		if i == maxInEmail {
			fmt.Fprintf(s, "  ... and %d more, all in the JSON form of this alert.\n", len(items)-i)
			return
		}
		fmt.Fprintf(s, "  %s\n", printable(item))
	}
}

// Email is the alert as a person reads it.
func Email(a Alert) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\n\n", headline(a))
	row(&s, "Group", join(a.GroupName, a.GroupID, a.VpcID))
	row(&s, "Account", join(a.Account, a.Region))
	row(&s, "Severity", string(a.Severity))
	if who := a.Actor; who != nil {
		row(&s, "Who", join(who.ARN, who.Type, through(who.InvokedBy)))
		row(&s, "From", join(who.SourceIP, shortened(who.UserAgent)))
	}
	row(&s, "Event", join(a.Event.Name, a.Event.ID))
	row(&s, "When", when(a))
	row(&s, map[bool]string{true: "Baseline", false: "Document"}[a.about("/groups/")], baselineText(a.Baseline))
	row(&s, map[bool]string{true: "Problem", false: "Note"}[a.Outcome == Failed && len(a.Findings) == 0], a.Reason)
	more, less := changeTitles(a)
	writeList(&s, more, a.PermitsMore)
	writeList(&s, less, a.PermitsLess)
	writeFindings(&s, a.Findings)
	writeCommands(&s, a)
	return s.String()
}

func row(s *strings.Builder, label, v string) {
	if v != "" {
		fmt.Fprintf(s, "%-9s %s\n", label, printable(v))
	}
}

// join leaves out what is unknown.
func join(parts ...string) string {
	var known []string
	for _, p := range parts {
		if p != "" {
			known = append(known, p)
		}
	}
	return strings.Join(known, ", ")
}

func through(service string) string {
	if service == "" {
		return ""
	}
	return "through " + service
}

func when(a Alert) string {
	if a.Event.Time.IsZero() {
		return ""
	}
	at := a.Event.Time.UTC().Format("2006-01-02 15:04:05 UTC")
	if a.ExposureSeconds == nil {
		return at
	}
	return fmt.Sprintf("%s; open for %s", at, time.Duration(*a.ExposureSeconds*float64(time.Second)).Round(100*time.Millisecond))
}

func baselineText(b Baseline) string {
	if b.Parameter == "" || b.Version == 0 {
		return b.Parameter
	}
	return fmt.Sprintf("%s, version %d", b.Parameter, b.Version)
}

func writeFindings(s *strings.Builder, findings []Finding) {
	for i, f := range findings {
		if i == maxInEmail {
			fmt.Fprintf(s, "\n... and %d more, all in the JSON form of this alert.\n", len(findings)-i)
			return
		}
		fmt.Fprintf(s, "\n%-9s %s\n", f.label(), printable(f.Rule))
		row(s, "", printable(f.Reason))
		row(s, "", join(f.RuleID, quoted(f.Description)))
		if f.Error != "" {
			row(s, "", "error: "+f.Error)
		}
	}
}

func (f Finding) label() string {
	switch {
	case f.Action == ActionNone && f.Verdict == Missing:
		return "missing"
	case f.Action == ActionNone:
		return "found"
	case f.Action == ActionAlreadyGone:
		return "gone"
	}
	return string(f.Action)
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("description %q", s)
}

func writeCommands(s *strings.Builder, a Alert) {
	if len(a.Findings) > maxInEmail {
		return
	}
	for _, c := range []struct {
		says     string
		commands []string
	}{
		{"To close what is open:", closing(a)},
		{approving(a), append(approve(a), undo(a)...)},
		{"To revert what is pending now:", withdrawal(a)},
		{"To bring the version before back:", restorePrevious(a)},
		{"To withdraw the approval:", withdrawApproval(a)},
	} {
		if len(c.commands) > 0 {
			fmt.Fprintf(s, "\n%s\n  %s\n", c.says, printableLines(c.commands))
		}
	}
}

// approving says what the commands under it do.
func approving(a Alert) string {
	text := "If the change is wanted, approve it until " + approvedUntil(a).Format("2006-01-02 15:04 UTC")
	if len(undo(a)) > 0 {
		text += " and put it back"
	}
	return text + ":"
}

func printableLines(commands []string) string {
	lines := make([]string, len(commands))
	for i, c := range commands {
		lines[i] = printable(c)
	}
	return strings.Join(lines, " &&\n  ")
}

// printable keeps what an attacker may choose, such as the user agent, from
// forging lines of the mail.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '?'
	}, s)
}
