package review

import (
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// splitText returns the cells of a rule of which only the text is known.
func splitText(text string) record {
	row := record{"rule": text}
	if r, err := rule.Parse(text); err == nil {
		one := rowOf(r, false)
		row["direction"], row["protocol"], row["ports"], row["peer"] = one.Direction, one.Protocol, one.Ports, one.Peer
	} else if peer, is := strings.CutPrefix(text, "entry "); is {
		row["peer"] = peer
	}
	return row
}
