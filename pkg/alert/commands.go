package alert

import (
	"encoding/json"
	"fmt"
	"slices"
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
	// rulesPerApproval is the most that one approval holds.
	rulesPerApproval = 50
)

// PendingRules is the most rules that one pending approval holds. With the longest
// rules it stays under the 4 KB of a standard parameter.
const PendingRules = 25

// approve is shell commands for the AWS CLI that approve the violations for a
// time: each writes an approval of the group.
func approve(a Alert) []string {
	prefix, known := prefixOf(a)
	// Approving it would end the canary.
	if a.Kind == CanaryKind || a.Kind == BaselineChanged || !known {
		return nil
	}
	var rules []string
	for _, f := range a.Findings {
		if f.Verdict == Violation && f.Canonical != (rule.Rule{}) && f.Rule != "" {
			rules = append(rules, f.Rule)
		}
	}
	var commands []string
	for i, part := range slices.Collect(slices.Chunk(rules, rulesPerApproval)) {
		name := fmt.Sprintf("%s/approvals/%s/%s-%d", prefix, a.GroupID, approvalName(a), i+1)
		// With --overwrite the command can be pasted again if its second half failed.
		commands = append(commands, fmt.Sprintf("aws ssm put-parameter --region %s --name %s --type String --overwrite --value %s",
			quote(a.Region), quote(name), quote(approval(part, a))))
	}
	return commands
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

// prefixOf is the path under which the documents are, which the alert's own tells.
func prefixOf(a Alert) (prefix string, known bool) {
	for _, end := range []string{"/groups/" + a.GroupID, "/guardrail"} {
		if prefix, found := strings.CutSuffix(a.Baseline.Parameter, end); found && a.GroupID != "" {
			return prefix, true
		}
	}
	return "", false
}

// approval is the document that approves rules.
func approval(rules []string, a Alert) string {
	reason := "approved from the alert of a sweep"
	if a.Event.ID != "" {
		reason = "approved from the alert of event " + a.Event.ID
	}
	return encoded(struct {
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

// encoded writes JSON without HTML's escapes, which people could not read.
func encoded(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // strings and numbers always encode
	}
	return strings.TrimSpace(text.String())
}

// restorePrevious is a shell command for the AWS CLI that brings the version before
// of a changed baseline back, as a new version.
func restorePrevious(a Alert) []string {
	if a.Kind != BaselineChanged || a.Baseline.Version < 2 || a.GroupID == "" {
		return nil
	}
	return []string{fmt.Sprintf(`aws ssm put-parameter --region %[1]s --name %[2]s --overwrite --value "$(aws ssm get-parameter --region %[1]s --name %[3]s --with-decryption --query Parameter.Value --output text)"`,
		quote(a.Region), quote(a.Baseline.Parameter), quote(fmt.Sprintf("%s:%d", a.Baseline.Parameter, a.Baseline.Version-1)))}
}

// withdrawal is shell commands for the AWS CLI that end the pending approvals, after
// which the rules are reverted at once. The second one's name ends in -2, and so on.
func withdrawal(a Alert) []string {
	prefix, known := prefixOf(a)
	if !known || a.PendingName == "" {
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

// closing is shell commands for the AWS CLI that revoke the violations still there.
func closing(a Alert) []string {
	if a.Late || a.Kind == BaselineChanged { // what is live has been judged since; or is permitted still
		return nil
	}
	var commands []string
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		var ids []string
		for _, f := range a.Findings {
			open := f.Action == ActionNone || f.Action == ActionFailed
			if f.Verdict == Violation && open && f.Canonical.Direction == direction && f.RuleID != "" {
				ids = append(ids, quote(f.RuleID))
			}
		}
		if len(ids) > 0 {
			commands = append(commands, fmt.Sprintf("aws ec2 revoke-security-group-%s --region %s --group-id %s --security-group-rule-ids %s",
				direction, quote(a.Region), quote(a.GroupID), strings.Join(ids, " ")))
		}
	}
	return commands
}

// undo is shell commands for the AWS CLI that authorise again what was revoked:
// one call for each direction.
func undo(a Alert) []string {
	if a.Kind == CanaryKind {
		return nil
	}
	var commands []string
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		var permissions []permission
		for _, f := range a.Findings {
			if f.Action == ActionRevoked && f.Canonical.Direction == direction {
				permissions = append(permissions, permissionOf(f))
			}
		}
		if len(permissions) == 0 {
			continue
		}
		commands = append(commands, fmt.Sprintf("aws ec2 authorize-security-group-%s --region %s --group-id %s --ip-permissions %s",
			direction, quote(a.Region), quote(a.GroupID), quote(encoded(permissions))))
	}
	return commands
}

// permission is IpPermission of the EC2 API, as the AWS CLI takes it in JSON.
type permission struct {
	Protocol         string              `json:"IpProtocol"`
	FromPort         *int                `json:"FromPort,omitempty"`
	ToPort           *int                `json:"ToPort,omitempty"`
	IPRanges         []map[string]string `json:"IpRanges,omitempty"`
	IPv6Ranges       []map[string]string `json:"Ipv6Ranges,omitempty"`
	UserIDGroupPairs []map[string]string `json:"UserIdGroupPairs,omitempty"`
	PrefixListIDs    []map[string]string `json:"PrefixListIds,omitempty"`
}

func permissionOf(f Finding) permission {
	r := f.Canonical
	p := permission{Protocol: r.Protocol.String()}
	if r.Protocol == rule.All {
		p.Protocol = "-1"
	}
	if r.Protocol.HasPorts() {
		from, to := r.EC2Ports()
		p.FromPort, p.ToPort = &from, &to
	}
	peer := map[string]string{}
	if f.Description != "" {
		peer["Description"] = f.Description
	}
	switch {
	case r.Peer.Kind == rule.Group:
		peer["GroupId"] = r.Peer.ID
		if f.Owner != "" {
			peer["UserId"] = f.Owner
		}
		p.UserIDGroupPairs = []map[string]string{peer}
	case r.Peer.Kind == rule.PrefixList:
		peer["PrefixListId"] = r.Peer.ID
		p.PrefixListIDs = []map[string]string{peer}
	case r.Peer.Prefix.Addr().Is4():
		peer["CidrIp"] = r.Peer.String()
		p.IPRanges = []map[string]string{peer}
	default:
		peer["CidrIpv6"] = r.Peer.String()
		p.IPv6Ranges = []map[string]string{peer}
	}
	return p
}

// quote makes one shell word of a string.
func quote(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:@", c)
	}
	if s != "" && strings.IndexFunc(s, func(c rune) bool { return !plain(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// undoPending is withdrawal, where nothing else is told: undo puts back what was
// reverted, and the other way round would be a riddle.
func undoPending(a Alert) []string {
	if a.Kind != PendingKind {
		return nil
	}
	return withdrawal(a)
}

// withdrawApproval is a shell command for the AWS CLI that withdraws an approval that
// somebody has just written.
func withdrawApproval(a Alert) []string {
	if a.Kind != ApprovalChanged || len(a.PermitsMore) == 0 {
		return nil
	}
	return []string{deleteParameter(a, a.Baseline.Parameter)}
}

func deleteParameter(a Alert, name string) string {
	return fmt.Sprintf("aws ssm delete-parameter --region %s --name %s", quote(a.Region), quote(name))
}

// actions are what a person can do about an alert, the most urgent first.
func actions(a Alert) []Command {
	all := []Command{}
	add := func(label string, commands []string) {
		if len(commands) > 0 {
			all = append(all, Command{Label: label, Command: strings.Join(commands, " && ")})
		}
	}
	add("close what is open", closing(a))
	add("approve for 8 hours and put back", append(approve(a), undo(a)...))
	add("revert what is pending now", withdrawal(a))
	add("bring the version before back", restorePrevious(a))
	add("withdraw the approval", withdrawApproval(a))
	return all
}
