package mail

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// phrase is a rule as people say it, such as "tcp 22 open to 0.0.0.0/0". peers are
// names of security groups by id.
func (i item) phrase(peers map[string]string) string {
	return phrase(i.Rule, i.Canonical, i.Verdict, peers)
}

func phrase(text string, r rule.Rule, verdict alert.Verdict, peers map[string]string) string {
	if r == (rule.Rule{}) {
		return truncate(printable(text), 80)
	}
	traffic := r.Protocol.String()
	switch {
	case r.Protocol == rule.All:
		traffic = "all traffic"
	case traffic[0] >= '0' && traffic[0] <= '9':
		traffic = "protocol " + traffic
	case r.Protocol.HasPorts() && strings.HasSuffix(text, " all "+r.Peer.String()):
		traffic += ", all ports,"
	case r.Protocol.HasPorts():
		traffic += " " + portsOf(text)
	}
	peer := r.Peer.String()
	if known := peers[r.Peer.ID]; known != "" && r.Peer.Kind == rule.Group {
		peer = name(known) + " (" + peer + ")"
	}
	switch {
	case r.Direction == rule.Egress:
		return "outbound " + traffic + " to " + peer
	case verdict == alert.Missing:
		return traffic + " from " + peer
	}
	return traffic + " open to " + peer
}

// portsOf is the third word of a rule's text: the ports, or the type of ICMP.
func portsOf(text string) string {
	if words := strings.Fields(text); len(words) > 2 {
		return words[2]
	}
	return ""
}

// groupName is how people call the group of an alert: its name, else its id, else the
// document's name.
func groupName(a alert.Alert) string {
	switch {
	case a.GroupName != "":
		return a.GroupName
	case a.GroupID != "":
		return a.GroupID
	case listOf(a) != "":
		return listOf(a)
	}
	return a.Baseline.Parameter
}

// plural counts things: "1 rule", "2 rules".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// clock writes a time as people read it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// span writes seconds as people say them.
func span(seconds float64) string {
	switch {
	case seconds < 1:
		return "less than a second"
	case seconds < 1.5:
		return "1 second"
	case seconds < 120:
		return fmt.Sprintf("%.0f seconds", seconds)
	case seconds < 2*60*60:
		return fmt.Sprintf("%.0f minutes", seconds/60)
	case seconds < 48*60*60:
		return fmt.Sprintf("%.0f hours", seconds/(60*60))
	}
	return fmt.Sprintf("%.0f days", seconds/(24*60*60))
}

// sentences joins what there is of some sentences.
func sentences(parts ...string) string {
	var known []string
	for _, p := range parts {
		if p != "" {
			known = append(known, p)
		}
	}
	return strings.Join(known, " ")
}

// capital writes the first letter large.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// either is one of two words.
func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
