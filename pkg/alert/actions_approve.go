package alert

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	// approvedFor is how long after the alert the printed command approves.
	approvedFor = 8 * time.Hour
	// keptFor is the same for what a trusted principal opened. An approval may end at
	// most 90 days after it is written, and the command may be used at once.
	keptFor = 89 * 24 * time.Hour
	// rulesPerApproval is the most that one approval can hold.
	rulesPerApproval = 50
	// bytesPerApproval leaves room for the rest of the document in the 4 KB of a standard
	// parameter.
	bytesPerApproval = 3_500
)

// PendingRules is the most rules that one pending approval holds. With the longest
// rules it stays under the 4 KB of a standard parameter.
const PendingRules = 25

// approve is commands that approve the violations for a time: each writes an approval
// of the group.
func approve(a Alert) []string {
	prefix, known := prefixOf(a)
	// Approving it would end the canary.
	if a.Kind == CanaryKind || a.Kind == BaselineChanged || !known || !hasGroup(a) {
		return nil
	}
	var commands []string
	for i, part := range approvals(violations(a)) {
		name := fmt.Sprintf("%s/approvals/%s/%s-%d", prefix, a.GroupID, approvalName(a), i+1)
		commands = append(commands, putParameter(a, name, approval(part, a)))
	}
	return commands
}

// approveAndPutBack is commands that approve the violations and authorise again what was
// revoked. Without an approval a rule would be revoked again.
func approveAndPutBack(a Alert) []string {
	approvals := approve(a)
	if len(approvals) == 0 {
		return nil
	}
	return append(approvals, undo(a)...)
}

// violations are the texts of the violations that could be read, each once.
func violations(a Alert) []string {
	var rules []string
	known := map[rule.Rule]bool{{}: true}
	for _, f := range a.Findings {
		if f.Verdict == Violation && !known[f.Canonical] {
			known[f.Canonical] = true
			rules = append(rules, f.Canonical.String())
		}
	}
	return rules
}

// approvals splits rules so that each approval can hold its part.
func approvals(rules []string) [][]string {
	var parts [][]string
	size := 0
	for _, text := range rules {
		last := len(parts) - 1
		if last < 0 || len(parts[last]) == rulesPerApproval || size+len(text) > bytesPerApproval {
			parts, size, last = append(parts, nil), 0, last+1
		}
		parts[last], size = append(parts[last], text), size+len(text)+len(`"",`)
	}
	return parts
}

// approvalName is of no other alert of the group: the time, and the beginning of the
// event's id.
func approvalName(a Alert) string {
	id := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, a.Event.ID)
	return strings.TrimSuffix(a.MadeAt.UTC().Format("20060102-150405-")+id[:min(len(id), 8)], "-")
}

// approval is the document that approves rules, as one word of a shell.
func approval(rules []string, a Alert) string {
	reason := "approved from the alert of a sweep"
	if isEventID(a.Event.ID) {
		reason = "approved from the alert of event " + a.Event.ID
	}
	return jsonWord(struct {
		Schema  int      `json:"schema"`
		Rules   []string `json:"rules"`
		Expires string   `json:"expires"`
		Reason  string   `json:"reason"`
	}{SchemaVersion, rules, approvedUntil(a).Format(time.RFC3339), reason})
}

// approvedUntil is when the approval ends that the printed command writes.
func approvedUntil(a Alert) time.Time {
	if a.Kind == PendingKind {
		return a.MadeAt.Add(keptFor).UTC()
	}
	return a.MadeAt.Add(approvedFor).UTC()
}

// withdrawal is commands that end the pending approvals, after which the rules are
// reverted at once. The second one's name ends in -2, and so on.
func withdrawal(a Alert) []string {
	prefix, known := prefixOf(a)
	if !known || !hasGroup(a) || !isParameterName("/"+a.PendingName) {
		return nil
	}
	rules := 0
	for _, f := range a.Findings {
		if f.Action == ActionPending {
			rules++
		}
	}
	var commands []string
	for n, name := 1, a.PendingName; n == 1 || (n-1)*PendingRules < rules; n++ {
		if n > 1 {
			name = fmt.Sprintf("%s-%d", a.PendingName, n)
		}
		commands = append(commands, deleteParameter(a, prefix+"/approvals/"+a.GroupID+"/"+name))
	}
	return commands
}

// undoPending is withdrawal, where nothing else is reported: undo puts back what was
// reverted, and the other way round would be a riddle.
func undoPending(a Alert) []string {
	if a.Kind != PendingKind {
		return nil
	}
	return withdrawal(a)
}

// withdrawApproval is a command that withdraws an approval that somebody has just
// written.

// ForGood is commands that approve an alert's violations for good, one for each rule.
// They need sgwarden's folder, and add to the group's baseline. Where the group has no
// baseline there are none.
func ForGood(a Alert) []string {
	prefix, known := prefixOf(a)
	if a.Kind == CanaryKind || !known || !hasGroup(a) || !isRegion(a.Region) || a.Baseline.Parameter != prefix+"/groups/"+a.GroupID {
		return nil
	}
	described := map[string]string{}
	for _, f := range a.Findings {
		described[f.Canonical.String()] = f.Description
	}
	var commands []string
	for _, text := range violations(a) {
		command := fmt.Sprintf("AWS_REGION=%s deploy/baseline.sh allow %s %s --for-good --prefix=%s", a.Region, a.GroupID, quote(text), quote(prefix))
		if words := plainDescription(described[text]); words != "" {
			command += " --description=" + quote(words)
		}
		commands = append(commands, command)
	}
	return commands
}

// plainDescription leaves out what EC2 does not permit in a description (EC2 API
// reference, IpRange, Description), and what a shell may take for more than a letter.
func plainDescription(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(" ._-:/()#,@[]+=&;{}", c) {
			return c
		}
		return -1
	}, s))
}
