package mail

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

const (
	// mostCommandGroups is how many alerts the mail prints commands of.
	mostCommandGroups = 10
	// mostLooks is for how many groups the mail also prints the commands that only show
	// something. Where there are more groups, the links to the console are enough.
	mostLooks = 2
	// mostCommandBytes is the longest command that a mail prints. A terminal takes
	// more, but nobody reads it.
	mostCommandBytes = 16_000
)

// command is one thing to do, with the group that it is for.
type command struct {
	label, group, text string
}

// commands are what a person can do about the alerts, each once.
func (v *view) commands() []command {
	var all []command
	add := func(c command) {
		if c.text != "" && !slices.ContainsFunc(all, func(known command) bool { return known.text == c.text }) {
			all = append(all, c)
		}
	}
	for _, b := range v.blocks[:min(len(v.blocks), mostCommandGroups)] {
		for _, a := range b.alerts {
			for _, c := range commandsOf(a) {
				if len(v.blocks) <= mostLooks || !c.isLook() {
					add(c)
				}
			}
		}
	}
	return all
}

// commandsOf are the alert's own commands. How to approve for good stands before those
// that only look, or that stop sgwarden.
func commandsOf(a alert.Alert) (all []command) {
	forGood := command{label: "approve for good, from sgwarden's folder", group: groupName(a), text: strings.Join(alert.ForGood(a), "\n")}
	at := len(a.Actions)
	for i, action := range a.Actions {
		if at > i && (strings.HasPrefix(action.Label, "look") || strings.HasPrefix(action.Label, "pause")) {
			at = i
		}
		all = append(all, command{label: action.Label, group: groupName(a), text: action.Command})
	}
	return slices.Insert(all, at, forGood)
}

// isLook reports whether a command only shows something.
func (c command) isLook() bool {
	return strings.HasPrefix(c.label, "look") || strings.HasPrefix(c.label, "see who wrote")
}

// isForAll reports whether a command is for all groups, not for one.
func (c command) isForAll() bool { return strings.Contains(c.label, "pause") }

// commandSections are one section for each command, so that none is ever truncated.
func (v *view) commandSections() (all []section) {
	for i, c := range v.commands() {
		title := "To " + name(c.label)
		if len(v.blocks) > 1 && !c.isForAll() {
			title += ", for " + name(c.group)
		}
		text := title + ":\n" + c.text + "\n"
		if !fits(c.text) {
			text = title + ":\n  The command does not fit a mail. The alert's JSON has it, under actions.\n"
		}
		if i == 0 {
			text = "Commands for the AWS CLI. Copy the whole command." + v.credentials() + "\n\n" + text
		}
		all = append(all, section{title: "the command to " + c.label + " in " + name(c.group), text: text})
	}
	if n := len(v.blocks) - mostCommandGroups; n > 0 {
		all = append(all, section{title: "a note", text: fmt.Sprintf("The alert's JSON has the commands for %s, under actions.\n", plural(n, "more group"))})
	}
	return all
}

// credentials says whose credentials the commands need, where these may not be the ones
// that the readers have at hand. A command names its region, and never its account.
func (v *view) credentials() string {
	if !v.story.Elsewhere {
		return ""
	}
	return "\nUse credentials of the account " + name(v.worst.Account) + ". With others, a command may change another account."
}

// fits reports whether a command can stand in a mail unchanged: it is not too long,
// and it neither holds characters that are not printed nor forges a line of the mail.
func fits(text string) bool {
	if len(text) > mostCommandBytes || strings.ContainsFunc(text, func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }) {
		return false
	}
	for line := range strings.SplitSeq(text, "\n") {
		if isForged(line) {
			return false
		}
	}
	return true
}

// isForged reports whether a line begins as one of the four that lead the mail.
func isForged(line string) bool {
	line = strings.TrimLeft(line, " ")
	return slices.ContainsFunc(labels[:], func(label string) bool {
		return len(line) >= len(label) && strings.EqualFold(line[:len(label)], label)
	})
}
