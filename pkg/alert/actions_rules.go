package alert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	// rulesPerCall keeps a command below the 128 KB that Linux takes as one word (execve,
	// MAX_ARG_STRLEN), with descriptions of 255 characters that are escaped.
	rulesPerCall = 50
	// idsPerCall is the same for rule ids, which are short.
	idsPerCall = 200
)

var directions = []rule.Direction{rule.Ingress, rule.Egress}

// closing is commands that revoke the violations still there.
func closing(a Alert) []string {
	if a.Late || a.Kind == BaselineChanged || !hasGroup(a) { // what is live has been judged since; or is permitted still
		return nil
	}
	var commands []string
	for _, direction := range directions {
		var ids []string
		for _, f := range a.Findings {
			if isOpen(f) && f.Verdict == Violation && f.Canonical.Direction == direction && isRuleID(f.RuleID) {
				ids = append(ids, f.RuleID)
			}
		}
		for part := range slices.Chunk(ids, idsPerCall) {
			commands = append(commands, change(a, "revoke", direction, "--security-group-rule-ids "+strings.Join(part, " ")))
		}
	}
	return commands
}

// isOpen reports whether nothing has been done about a finding.
func isOpen(f Finding) bool { return f.Action == ActionNone || f.Action == ActionFailed }

// undo is commands that authorise again what was revoked.
func undo(a Alert) []string {
	if a.Kind == CanaryKind {
		return nil
	}
	return authorizing(a, func(f Finding) bool { return f.Action == ActionRevoked })
}

// putBack is commands that authorise what is missing.
func putBack(a Alert) []string {
	return authorizing(a, func(f Finding) bool { return f.Verdict == Missing && isOpen(f) })
}

func authorizing(a Alert, wanted func(Finding) bool) []string {
	var commands []string
	for _, direction := range directions {
		var permissions []permission
		for _, f := range a.Findings {
			if hasGroup(a) && wanted(f) && f.Canonical.Direction == direction {
				permissions = append(permissions, permissionOf(f))
			}
		}
		for part := range slices.Chunk(permissions, rulesPerCall) {
			commands = append(commands, change(a, "authorize", direction, "--ip-permissions "+jsonWord(part)))
		}
	}
	return commands
}

// change is a command that changes the group's rules. Its answer is one word: version 2
// of the AWS CLI would show a long one in a pager, which waits for a key.
func change(a Alert, verb string, direction rule.Direction, rules string) string {
	return aws(a, fmt.Sprintf("ec2 %s-security-group-%s", verb, direction), "--group-id", a.GroupID, rules, "--query Return --output text")
}

// lookAtRules is a command that lists the group's rules.
func lookAtRules(a Alert) []string {
	if !hasGroup(a) {
		return nil
	}
	return []string{aws(a, "ec2 describe-security-group-rules", "--filters Name=group-id,Values="+a.GroupID, "--output table")}
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
