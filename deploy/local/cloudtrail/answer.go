package cloudtrail

import (
	"encoding/xml"
	"errors"
	"fmt"
)

func acknowledgement(c Call) object { return object{"requestId": c.RequestID, "_return": true} }

func acknowledged(c Call, _ *node) (any, error) { return acknowledgement(c), nil }

// authorized answers with the rules that the call made, in the order of the request's sources.
func authorized(c Call, request *node) (any, error) {
	answer := acknowledgement(c)
	if made := c.changed(c.After, c.Before, request); len(made) > 0 {
		answer["securityGroupRuleSet"] = items(each(made, c.addedItem))
	}
	return answer, nil
}

// revoked answers with the rules that the call took away and with the permissions that matched none: where EC2 lets
// such a call succeed (in a default VPC) it lists them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
func revoked(c Call, request *node) (any, error) {
	answer := acknowledgement(c)
	if removed := c.changed(c.Before, c.After, request); len(removed) > 0 {
		answer["revokedSecurityGroupRuleSet"] = items(each(removed, c.removedItem))
	}
	unknown, err := c.unknownPermissions(request)
	if err != nil {
		return nil, err
	}
	if len(unknown) > 0 {
		answer["unknownIpPermissionSet"] = items(unknown)
	}
	return answer, nil
}

func created(c Call, request *node) (any, error) {
	id, err := c.createdID()
	if err != nil {
		return nil, err
	}
	answer := acknowledgement(c)
	answer["groupId"] = id
	answer["securityGroupArn"] = arn("ec2", c.Region, c.Account, "security-group/"+id)
	var tags []any
	for _, specification := range request.list("TagSpecification") {
		written, err := classicElements("Tag", specification.list("Tag"))
		if err != nil {
			return nil, err
		}
		tags = append(tags, written...)
	}
	if len(tags) > 0 {
		answer["tagSet"] = items(tags)
	}
	return answer, nil
}

// createdID returns the id of the group that the call created.
func (c Call) createdID() (string, error) {
	if c.GroupID != "" {
		return c.GroupID, nil
	}
	var body struct {
		GroupID string `xml:"groupId"`
	}
	if err := xml.Unmarshal(c.Response, &body); err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	if body.GroupID == "" {
		return "", errors.New("read the answer: it names no group")
	}
	return body.GroupID, nil
}
