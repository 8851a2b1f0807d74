package alert

import (
	"net/netip"
	"strings"
)

// entryWord begins the text of a finding about an entry of a prefix list.
const entryWord = "entry "

// EntryText is what a finding about an entry of a prefix list has for a rule text, such
// as "entry 10.0.0.0/8".
func EntryText(p netip.Prefix) string { return entryWord + p.String() }

// Entry returns the entry of a prefix list that a finding is about, and whether it is
// about one.
func (f Finding) Entry() (netip.Prefix, bool) {
	text, isEntry := strings.CutPrefix(f.Rule, entryWord)
	if !isEntry {
		return netip.Prefix{}, false
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil && p == p.Masked()
}

// Subject is the id of what the alert is about: a security group or a managed prefix
// list. It is empty where the alert is about neither.
func (a Alert) Subject() string {
	if a.GroupID == "" {
		return a.PrefixListID
	}
	return a.GroupID
}

// opensPublic reports whether a finding is an entry that opens the world, or public
// addresses that are not approved.
func opensPublic(f Finding) bool { return f.Verdict == Violation && f.OpensPublic }
