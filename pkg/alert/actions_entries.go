package alert

import (
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// addEntryActions adds what can be done about findings that are entries of a prefix
// list.
func addEntryActions(a Alert, add adding) {
	if !hasPrefixList(a) || isLeftOver(a) {
		return
	}
	add("close what is open", closingEntries(a)...)
	add("put back (approve first: add the entries to the document, or sgwarden takes them out again)", undoEntries(a)...)
	add(putBackLabel(a), putBackEntries(a)...)
}

// lookAtEntries is a command that lists the entries of the prefix list.
func lookAtEntries(a Alert) []string {
	if !hasPrefixList(a) {
		return nil
	}
	return []string{aws(a, "ec2 get-managed-prefix-list-entries", "--prefix-list-id", a.PrefixListID, "--output table")}
}

func hasPrefixList(a Alert) bool { return rule.IsPrefixListID(a.PrefixListID) }

// closingEntries is commands that take the violations out that are still there.
func closingEntries(a Alert) []string {
	if a.Late || a.Kind == BaselineChanged || a.Outcome == None { // the last: nobody here may change the list
		return nil
	}
	return changingEntries(a, "--remove-entries", func(f Finding) bool { return f.Verdict == Violation && isOpen(f) })
}

// undoEntries is commands that add again what was taken out.
func undoEntries(a Alert) []string {
	return changingEntries(a, "--add-entries", func(f Finding) bool { return f.Action == ActionRevoked })
}

// putBackEntries is commands that add what is missing.
func putBackEntries(a Alert) []string {
	return changingEntries(a, "--add-entries", func(f Finding) bool { return f.Verdict == Missing && isOpen(f) })
}

// changingEntries is commands that change the entries of the alert's list. Each looks
// for the version of the list: EC2 refuses a change that names another. EC2 takes no
// other change while it carries one out, so that the commands wait for each other.
func changingEntries(a Alert, option string, wanted func(Finding) bool) []string {
	var entries []map[string]string
	for _, f := range a.Findings {
		p, isEntry := f.Entry()
		if !isEntry || !wanted(f) || !hasPrefixList(a) {
			continue
		}
		entry := map[string]string{"Cidr": p.String()}
		if f.Description != "" && option == "--add-entries" {
			entry["Description"] = f.Description
		}
		entries = append(entries, entry)
	}
	var commands []string
	for part := range slices.Chunk(entries, rulesPerCall) {
		if len(commands) > 0 {
			commands = append(commands, "sleep 10")
		}
		version := aws(a, "ec2 describe-managed-prefix-lists", "--prefix-list-ids", a.PrefixListID, "--query 'PrefixLists[0].Version' --output text")
		commands = append(commands, aws(a, "ec2 modify-managed-prefix-list", "--prefix-list-id", a.PrefixListID,
			fmt.Sprintf(`--current-version "$(%s)"`, version), option, jsonWord(part), "--query PrefixList.State --output text"))
	}
	return commands
}
