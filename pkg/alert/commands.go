package alert

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

const defaultPrefix = "/sg-baseline"

// approve is shell commands that add the violations to the baseline.
func approve(a Alert) []string {
	if a.Kind == GuardrailKind || a.Kind == CanaryKind {
		return nil // there is no baseline to add to; or that would end the canary
	}
	environment := ""
	if a.Region != "" {
		environment = "AWS_REGION=" + quote(a.Region) + " "
	}
	prefix := strings.TrimSuffix(a.Baseline.Parameter, "/groups/"+a.GroupID)
	if prefix != a.Baseline.Parameter && prefix != defaultPrefix {
		environment += "BASELINE_PREFIX=" + quote(prefix) + " "
	}
	var commands []string
	for _, f := range a.Findings {
		if f.Verdict == Violation && f.Canonical != (rule.Rule{}) {
			commands = append(commands, fmt.Sprintf("%sgo run ./deploy/baseline allow %s %s", environment, quote(a.GroupID), quote(f.Rule)))
		}
	}
	return commands
}

// closing is shell commands for the AWS CLI that revoke the violations still there.
func closing(a Alert) []string {
	if a.Late { // what is live has been judged since
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
		var text strings.Builder
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(permissions); err != nil {
			panic(err) // strings and numbers always encode
		}
		commands = append(commands, fmt.Sprintf("aws ec2 authorize-security-group-%s --region %s --group-id %s --ip-permissions %s",
			direction, quote(a.Region), quote(a.GroupID), quote(strings.TrimSpace(text.String()))))
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
