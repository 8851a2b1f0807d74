package mail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// isAboutLists reports whether a mail is about entries of managed prefix lists, for
// which it has sentences of its own.
func (v *view) isAboutLists() bool {
	return !v.isAboutDocuments() && v.situation != over && len(v.story.Alerts) > 0 &&
		!slices.ContainsFunc(v.story.Alerts, func(a alert.Alert) bool { return a.Kind != alert.PrefixListKind })
}

// listOrCount is the prefix list, or the number of lists.
func (v *view) listOrCount() string {
	if n := v.groupsWithItems(); n > 1 {
		return plural(n, "prefix list")
	}
	return listLabel(v.worst)
}

// listLabel is "prefix list pl-0a (offices)".
func listLabel(a alert.Alert) string {
	text := "prefix list " + name(a.PrefixListID)
	if a.PrefixListName != "" {
		text += " (" + name(a.PrefixListName) + ")"
	}
	return text
}

// entries counts entries: "1 entry", "2 entries".
func entries(n int) string { return either(n == 1, "1 entry", fmt.Sprintf("%d entries", n)) }

// firstEntry is the CIDR of the worst finding.
func (v *view) firstEntry() string {
	return truncate(printable(strings.TrimPrefix(v.items[0].Rule, "entry ")), 80)
}

// ofLists says what happened to entries of prefix lists.
func (v *view) ofLists() string {
	c := v.count
	switch {
	case v.situation == groupDeleted:
		return fmt.Sprintf("%s was deleted. Its document is still there.", capital(listLabel(v.worst)))
	case v.situation == notJudged:
		return fmt.Sprintf("AWS refused an answer that sgwarden needs, so sgwarden could not judge %s.", listLabel(v.worst))
	case len(v.items) == 0:
		return fmt.Sprintf("sgwarden has a note about %s.", listLabel(v.worst))
	case c.violations == 0:
		lacks := either(v.situation == restored, "lacked", "lacks")
		what := either(len(v.items) == 1, "the approved entry "+v.firstEntry(), fmt.Sprintf("%s that are approved. One of them is %s", entries(len(v.items)), v.firstEntry()))
		return fmt.Sprintf("%s %s %s.", capital(v.listOrCount()), lacks, what)
	case c.opened > 0 && c.violations == 1:
		return fmt.Sprintf("Somebody added %s to %s. The entry is not approved.", v.firstEntry(), v.listOrCount())
	case c.opened > 0:
		return fmt.Sprintf("Somebody added entries to %s. %s are not approved. The worst is %s.", v.listOrCount(), entries(c.violations), v.firstEntry())
	}
	verb := either(v.isReminder(), "still holds", "holds")
	if c.violations == 1 {
		return fmt.Sprintf("%s %s the entry %s, which is not approved.", capital(v.listOrCount()), verb, v.firstEntry())
	}
	return fmt.Sprintf("%s %s %s that are not approved. The worst is %s.", capital(v.listOrCount()), verb, entries(c.violations), v.firstEntry())
}

// handledLists says whether sgwarden dealt with it.
func (v *view) handledLists() string {
	c := v.count
	var said []string
	say := func(n int, format string, args ...any) {
		if n > 0 {
			said = append(said, fmt.Sprintf(format, args...))
		}
	}
	say(c.revoked, "sgwarden removed %s%s.", either(c.revoked == 1 && c.violations == 1, "the entry", entries(c.revoked)), v.listExposure())
	say(c.restored, "sgwarden put back %s.", either(c.restored == 1, "an approved entry", fmt.Sprintf("%d approved entries", c.restored)))
	say(c.notLive, "%s gone before sgwarden could remove anything.", either(c.notLive == 1, "1 entry was", entries(c.notLive)+" were"))
	say(c.failed, "sgwarden could not remove %s. The list still holds %s, as far as sgwarden knows.", entries(c.failed), either(c.failed == 1, "it", "them"))
	say(c.failedMissing, "sgwarden could not put back %s.", entries(c.failedMissing))
	say(c.open, "%s The list still holds %s.", v.whyListsOpen(), entries(c.open))
	say(c.missing, "%s missing.%s", either(c.missing == 1, "1 approved entry is", fmt.Sprintf("%d approved entries are", c.missing)), v.whyEntriesMissing())
	first := "No."
	switch {
	case v.situation == groupDeleted, v.situation == notJudged, len(v.items) == 0:
		return v.handledDocument()
	case c.failed+c.failedMissing+c.open == 0 && c.revoked+c.restored+c.notLive > 0:
		first = "Yes."
	case c.revoked+c.restored > 0:
		first = "Partly."
	}
	return sentences(append([]string{first}, said...)...)
}

func (v *view) listExposure() string {
	seconds, known := v.exposure()
	if !known || v.count.revoked != v.count.revokedOpened {
		return ""
	}
	return fmt.Sprintf(" %s after %s added", span(seconds), either(v.count.revoked == 1, "it was", "they were"))
}

func (v *view) whyListsOpen() string {
	switch {
	case v.reportsOnly() && v.whyOnly() == "paused":
		return "sgwarden is paused."
	case v.reportsOnly() && v.whyOnly() == "the document is new":
		return "The document is new, and sgwarden could not read the version before. It removes nothing yet."
	case v.reportsOnly() && v.whyOnly() == withoutTag:
		return "The prefix list lacks the tag without which sgwarden may change nothing."
	case v.reportsOnly():
		return "sgwarden only reports here (mode alert)."
	}
	return "sgwarden may not change this prefix list."
}

func (v *view) whyEntriesMissing() string {
	switch {
	case v.reportsOnly() && v.whyOnly() == "paused":
		return " sgwarden is paused and puts nothing back."
	case v.reportsOnly() && v.whyOnly() == withoutTag:
		return " The prefix list lacks the tag without which sgwarden may change nothing."
	}
	if slices.ContainsFunc(v.story.Alerts, func(a alert.Alert) bool { return a.RestoreOff }) {
		return " sgwarden did not put anything back, because the document says restore: false."
	}
	return ""
}

// todoLists says what a person should do now.
func (v *view) todoLists() string {
	c := v.count
	switch {
	case v.situation == groupDeleted:
		return "If the prefix list was deleted on purpose, delete its document too" + either(v.can("delete"), " with the command below.", ".")
	case v.situation == notJudged:
		return "Look at the prefix list in the VPC console now. Then give sgwarden's role the permission that the note below names."
	case len(v.items) == 0:
		return "Read the note below."
	case c.failed+c.failedMissing > 0:
		return sentences("Look at the prefix list now. Remove what is not approved"+either(v.can("close"), " with the command below.", " in the VPC console."), v.ask())
	case c.open > 0 && !v.reportsOnly():
		return sentences(v.ask(), "If not, have the owner of the prefix list remove the "+either(c.open == 1, "entry.", "entries."), approveEntries(c.open))
	case c.open > 0:
		return sentences(v.ask(), "If not, remove the "+either(c.open == 1, "entry", "entries")+either(v.can("close"), " with the command below.", " in the VPC console."), approveEntries(c.open))
	case c.violations > 0:
		return sentences(v.ask(), approveEntries(c.violations))
	case c.restored > 0:
		return "Find out who took the approved entries out, and why. If they are not needed any more, take them out of the document."
	}
	return "Put the missing entries back" + either(v.can("put back"), " with the command below.", " in the VPC console.") + " If they are not needed any more, take them out of the document."
}

func approveEntries(n int) string {
	return "If so, add " + either(n == 1, "the entry", "the entries") + " to the document of the prefix list, and then to the list."
}

// listOf is how people call the prefix list of an alert; empty where there is none.
func listOf(a alert.Alert) string { return cmp.Or(a.PrefixListName, a.PrefixListID) }

// thing is what the mail's findings are: rules, or entries of a prefix list.
func (v *view) thing() string {
	if len(v.items) > 0 && v.items[0].alert.PrefixListID != "" {
		return "entry"
	}
	return "rule"
}

// things counts findings: "2 live rules".
func (v *view) things(n int, kind string) string {
	if v.thing() == "entry" && n != 1 {
		return fmt.Sprintf("%d %sentries", n, kind)
	}
	return plural(n, kind+v.thing())
}
