package compare

import (
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Entries lists how the live entries of a prefix list differ from its document, with
// what enforcement would do about it. It judges as a sweep does. reportOnly is why
// sgwarden can't change the list, empty where it can.
func Entries(doc *baseline.PrefixList, grace judge.ListGrace, live []prefixlist.Entry, reportOnly string, now time.Time) []Difference {
	decision := judge.ByPrefixList(doc, grace, trail.Trigger{MayRemove: true}, live)
	would := outlookOf(decision, reportOnly)
	var changes []Difference
	for _, v := range decision.Violations {
		changes = append(changes, entryChange(ruleAdded, v.Entry, would.remove+": "+v.Reason))
	}
	for _, e := range decision.Protect {
		changes = append(changes, entryChange(ruleRemoved, e, "live only within an entry that isn't permitted: "+would.protect))
	}
	for _, e := range decision.Missing {
		changes = append(changes, entryChange(ruleRemoved, e, "missing: "+would.restore))
	}
	for _, g := range decision.InGrace {
		c := entryChange(ruleAdded, g.Entry, GraceText(judge.InGrace{Version: g.Version, Until: grace.Until}, now)+", then removed")
		c.Until = &grace.Until
		changes = append(changes, c)
	}
	return inOrder(changes)
}

func entryChange(kind diffKind, e prefixlist.Entry, says string) Difference {
	return Difference{Kind: kind, Rule: entries.TextOf(e.Prefix), Says: says, order: entries.RuleOf(e.Prefix)}
}

// outlook is what enforcement would do about entries, in words.
type outlook struct{ remove, protect, restore string }

func outlookOf(d judge.ListDecision, reportOnly string) outlook {
	switch {
	case reportOnly != "":
		reported := "would be reported (" + reportOnly + ")"
		return outlook{reported, "would stay as it is", reported}
	case !d.Enforce:
		return outlook{violationText(false), "would stay as it is (mode alert)", "would be reported (mode alert)"}
	case d.Restore:
		return outlook{"would be removed", "would be added in the call that removes that one", "would be restored"}
	}
	return outlook{"would be removed", "would be added in the call that removes that one", "would be reported"}
}
