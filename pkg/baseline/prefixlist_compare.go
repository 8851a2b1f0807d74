package baseline

import (
	"fmt"
	"net/netip"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// ComparePrefixLists returns which entries a document of a prefix list permits that the
// one before it doesn't, and the other way round, each as "entry" and the CIDR. before is
// nil where there was none: it permitted nothing, and had the same settings.
func ComparePrefixLists(before, after *PrefixList) Difference {
	if before == nil {
		before = &PrefixList{Mode: after.Mode, Restore: after.Restore, GraceMinutes: after.GraceMinutes}
	}
	d := Difference{More: entriesBeyond(after, before), Less: entriesBeyond(before, after)}
	d.Setting("mode", listMode(before), listMode(after))
	d.Setting("restore", fmt.Sprint(before.Restore), fmt.Sprint(after.Restore))
	d.Setting("graceMinutes", graceText(before.GraceMinutes), graceText(after.GraceMinutes))
	return d
}

// entriesBeyond lists the entries of one document that the other does not cover.
func entriesBeyond(a, b *PrefixList) []string {
	permitted := rule.CompileAddresses(b.Prefixes())
	var all []string
	for _, e := range a.Entries {
		if !permitted.Permits(rule.OfAddresses(e.prefix), rule.Covered) {
			all = append(all, "entry "+e.prefix.String())
		}
	}
	return all
}

// Prefixes returns the addresses of the approved entries.
func (p *PrefixList) Prefixes() []netip.Prefix {
	prefixes := make([]netip.Prefix, len(p.Entries))
	for i, e := range p.Entries {
		prefixes[i] = e.prefix
	}
	return prefixes
}

func listMode(p *PrefixList) string {
	if p.Enforces() {
		return string(Enforce)
	}
	return string(Alert)
}
