package alert

import (
	"fmt"
	"strings"
)

// The calls that change in which VPCs a group can be used, beside its own.
const (
	associate    = "AssociateSecurityGroupVpc"
	disassociate = "DisassociateSecurityGroupVpc"
)

// IsAboutUse reports whether an alert says that a group can be used in another VPC, or no
// longer. Such an alert is news once, and nothing of it stays open.
func IsAboutUse(a Alert) bool {
	return (a.Event.Name == associate || a.Event.Name == disassociate) && a.Kind == Drift && a.Outcome == None && len(a.Findings)+len(a.Closed) == 0
}

// UseText is the reason of an alert of that kind about a call, with the command that undoes
// an association. EC2 answers before the association is complete (EC2 API reference,
// AssociateSecurityGroupVpc).
func UseText(call, region, groupID, vpcID string) string {
	where := vpcID
	if !isVPC(vpcID) {
		where = "another VPC, which the event does not name"
	}
	text := fmt.Sprintf("network interfaces in %s can use the group from now on, and its rules hold there too", where)
	switch {
	case call == disassociate:
		return fmt.Sprintf("network interfaces in %s can no longer use the group", where)
	case isVPC(vpcID) && isRegion(region):
		text += fmt.Sprintf("; to undo that: aws ec2 disassociate-security-group-vpc --region %s --group-id %s --vpc-id %s", region, groupID, vpcID)
	}
	return text
}

// isVPC reports whether a text is the id of a VPC, and nothing that a shell would take for
// more.
func isVPC(id string) bool {
	digits, is := strings.CutPrefix(id, "vpc-")
	return is && digits != "" && strings.Trim(digits, "0123456789abcdef") == ""
}
