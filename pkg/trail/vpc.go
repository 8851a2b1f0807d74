package trail

// parseVPCCreated: a VPC comes with a default security group, which no CreateSecurityGroup
// event is about. EC2's answer names the VPC alone (EC2 API reference, CreateVpc). No
// record of CreateDefaultVpc was found, so both of CloudTrail's dialects are read.
func parseVPCCreated(call value, t *Trigger) {
	t.Kind = VPCCreated
	answer := call.get("responseElements")
	t.VpcID = firstText(answer.get("vpc", "vpcId"), answer.get(t.EventName+"Response", "vpc", "vpcId"))
}

// parseVPCDeleted: the VPC's default security group went with the VPC.
func parseVPCDeleted(call value, t *Trigger) {
	t.Kind = VPCDeleted
	request := call.get("requestParameters")
	t.VpcID = firstText(request.get("vpcId"), request.get(t.EventName+"Request", "VpcId"))
}

// parseUse reads AssociateSecurityGroupVpc and DisassociateSecurityGroupVpc, which say in
// which other VPC a group can be used. No record of either was found. As newer calls are
// in CloudTrail's second dialect, so most likely are these; the first is read too.
func parseUse(call value, t *Trigger) {
	t.Kind = UseChanged
	request := call.get("requestParameters")
	wrapped := request.get(t.EventName + "Request")
	t.GroupID = firstText(wrapped.get("GroupId"), request.get("groupId"))
	t.VpcID = firstText(wrapped.get("VpcId"), request.get("vpcId"))
}

// isLocated reports whether it is known what the trigger asks to judge.
func (t *Trigger) isLocated() bool {
	switch t.Kind {
	case VPCCreated, VPCDeleted:
		return t.VpcID != ""
	case PrefixListChanged, PrefixListDeleted:
		return t.PrefixListID != ""
	}
	return t.GroupID != "" || t.GroupName != "" || t.PrefixListID != ""
}
