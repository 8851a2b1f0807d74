package made

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// slot is what differs between records of one template.
type slot uint8

const (
	slotTime slot = iota
	slotEvent
	slotAccount
	slotRegion
	slotGroup
	slotRule
	slotSecondRule
	slots
)

// markers stand in a template's text where the slots are.
var markers = [slots]string{
	slotTime: "2001-02-03T04:05:06Z", slotEvent: "e7e7e7e7-e7e7-4e7e-8e7e-e7e7e7e7e7e7", slotAccount: "999988887777",
	slotRegion: "xx-mark-1", slotGroup: "sg-0e7e7e7e7e7e7e7e7", slotRule: "sgr-0e7e7e7e7e7e7e7e7", slotSecondRule: "sgr-0f7f7f7f7f7f7f7f7",
}

// template is the text of a record: what stands before each slot, and what stands behind the last.
type template struct {
	before [][]byte
	slots  []slot
	rest   []byte
}

func newTemplate(text []byte) *template {
	t := &template{}
	from := 0
	for i := 0; i < len(text); i++ {
		for s, marker := range markers {
			if text[i] == marker[0] && bytes.HasPrefix(text[i:], []byte(marker)) {
				t.before, t.slots = append(t.before, text[from:i]), append(t.slots, slot(s))
				from = i + len(marker)
			}
		}
	}
	t.rest = text[from:]
	return t
}

func (t *template) write(b []byte, values *[slots][]byte) []byte {
	for i, before := range t.before {
		b = append(append(b, before...), values[t.slots[i]]...)
	}
	return append(b, t.rest...)
}

// record makes the record of a shape, with the markers in it.
func (s shape) record() (json.RawMessage, error) {
	who := identities[s.identity]
	call := cloudtrail.Call{
		Action: s.name, Form: s.request(), Time: time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC), Account: markers[slotAccount], Region: markers[slotRegion],
		RequestID: markers[slotEvent], EventID: markers[slotEvent], EnvelopeID: "none", GroupID: markers[slotGroup],
		Identity: who.written(markers[slotAccount]), SourceIP: "203.0.113.7", UserAgent: who.userAgent, Console: who.console,
	}
	if who.invokedBy != "" {
		call.SourceIP = who.invokedBy
	}
	if s.failed {
		call.ErrorCode, call.ErrorMessage = "UnauthorizedOperation", "You are not authorized to perform this operation."
	}
	if s.form != old {
		call.Before, call.After = []types.SecurityGroupRule{}, s.answer()
		if s.name == "RevokeSecurityGroupIngress" || s.name == "RevokeSecurityGroupEgress" {
			call.Before, call.After = call.After, call.Before
		}
	}
	message, _, err := cloudtrail.Event(call)
	if err != nil {
		return nil, fmt.Errorf("make a record: %w", err)
	}
	var event struct {
		Detail json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(message, &event); err != nil {
		return nil, fmt.Errorf("make a record of %s: %w", s.name, err)
	}
	return event.Detail, nil
}

// request is the request in the EC2 query protocol.
func (s shape) request() url.Values {
	form := url.Values{"Action": {s.name}, "GroupId": {markers[slotGroup]}}
	switch s.name {
	case "CreateSecurityGroup":
		return url.Values{"GroupName": {"made"}, "GroupDescription": {"made \"for\" tests"}, "VpcId": {"vpc-0f00000000000001"}}
	case "DeleteSecurityGroup":
		return form
	case "ModifySecurityGroupRules":
		form.Set("SecurityGroupRule.1.SecurityGroupRuleId", markers[slotRule])
		s.fields(form, "SecurityGroupRule.1.SecurityGroupRule.", "CidrIpv4", "CidrIpv6", "ReferencedGroupId", "PrefixListId")
		return form
	}
	for n, i := range s.rules {
		if i < 0 {
			continue
		}
		at := fmt.Sprintf("IpPermissions.%d.", n+1)
		switch s.form {
		case byRuleID:
			form.Set(fmt.Sprintf("SecurityGroupRuleId.%d", n+1), markers[int(slotRule)+n])
			continue
		case flat:
			at = ""
			put(form, pool[i], at, "CidrIp", "", "", "")
		default:
			put(form, pool[i], at, "IpRanges.1.CidrIp", "Ipv6Ranges.1.CidrIpv6", "Groups.1.GroupId", "PrefixListIds.1.PrefixListId")
		}
	}
	return form
}

func (s shape) fields(form url.Values, at, ipv4, ipv6, group, list string) {
	put(form, pool[s.rules[0]], at, ipv4, ipv6, group, list)
}

// put names a rule in a request; ipv4 to list are the names of the peer's field.
func put(form url.Values, r rule.Rule, at, ipv4, ipv6, group, list string) {
	protocol, from, to := ec2Fields(r)
	form.Set(at+"IpProtocol", protocol)
	if protocol != "-1" {
		form.Set(at+"FromPort", strconv.Itoa(from))
		form.Set(at+"ToPort", strconv.Itoa(to))
	}
	name := map[rule.PeerKind]string{rule.CIDR: ipv4, rule.Group: group, rule.PrefixList: list}[r.Peer.Kind]
	if r.Peer.Kind == rule.CIDR && !r.Peer.Prefix.Addr().Is4() {
		name = ipv6
	}
	form.Set(at+name, r.Peer.String())
}

func ec2Fields(r rule.Rule) (protocol string, from, to int) {
	from, to = r.EC2Ports()
	if protocol = r.Protocol.String(); protocol == "all" {
		return "-1", -1, -1
	}
	return protocol, from, to
}

// answer is the rules as EC2 answers with them.
func (s shape) answer() []types.SecurityGroupRule {
	all := []types.SecurityGroupRule{}
	for n, i := range s.rules {
		if i < 0 {
			continue
		}
		r := pool[i]
		protocol, from, to := ec2Fields(r)
		written := types.SecurityGroupRule{
			GroupId: aws.String(markers[slotGroup]), SecurityGroupRuleId: aws.String(markers[int(slotRule)+n]),
			IsEgress: aws.Bool(r.Direction == rule.Egress), IpProtocol: aws.String(protocol),
			FromPort: aws.Int32(int32(from)), ToPort: aws.Int32(int32(to)),
		}
		switch peer := aws.String(r.Peer.String()); {
		case r.Peer.Kind == rule.Group:
			written.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: peer}
		case r.Peer.Kind == rule.PrefixList:
			written.PrefixListId = peer
		case r.Peer.Prefix.Addr().Is4():
			written.CidrIpv4 = peer
		default:
			written.CidrIpv6 = peer
		}
		all = append(all, written)
	}
	return all
}
