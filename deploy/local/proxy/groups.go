package proxy

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// groupWrites are writes to security groups and managed prefix lists. moto has no RestoreManagedPrefixListVersion.
var groupWrites = map[string]bool{
	"AuthorizeSecurityGroupIngress": true, "AuthorizeSecurityGroupEgress": true,
	"RevokeSecurityGroupIngress": true, "RevokeSecurityGroupEgress": true,
	"ModifySecurityGroupRules":                   true,
	"UpdateSecurityGroupRuleDescriptionsIngress": true, "UpdateSecurityGroupRuleDescriptionsEgress": true,
	"CreateSecurityGroup": true, "DeleteSecurityGroup": true,
	"ModifyManagedPrefixList": true, "DeleteManagedPrefixList": true,
}

// groupWrite passes on a write and puts its event on the bus. Other writes wait from the look at the group's rules before to
// that after, so that the difference is this call's own; the client has its answer in between.
func (p *Proxy) groupWrite(w http.ResponseWriter, c *call) {
	done := p.config.Bus.Begin()
	ctx := c.request.Context()
	id, err := p.groupID(ctx, c)
	p.writing.Lock()
	before, rulesErr := p.rules(ctx, id)
	if err = errors.Join(err, rulesErr); err != nil {
		p.config.Failed(fmt.Errorf("make the event of %s: %w", c.action, err))
	}
	called := time.Now()
	answer, ok := p.forward(w, c)
	if !ok {
		p.writing.Unlock()
		done()
		return
	}
	p.after.Go(func() {
		defer done()
		defer p.writing.Unlock()
		if principal := p.principal(c); !principal.Unrecorded {
			p.putEvent(ctx, p.record(c, answer, principal, cloudtrail.Call{Time: called, GroupID: id, Before: before}))
		}
	})
	answer.writeTo(w)
}

// record completes what CloudTrail keeps of a call and its answer.
func (p *Proxy) record(c *call, answer *answer, by Principal, record cloudtrail.Call) cloudtrail.Call {
	record.Action, record.Form, record.Response, record.UserAgent = c.action, c.form, answer.body, c.request.UserAgent()
	record.Account, record.Region, record.EventID, record.EnvelopeID = p.config.Account, c.region, cloudtrail.NewID(), cloudtrail.NewID()
	record.Identity, record.SourceIP, record.Console = by.Identity, by.SourceIP, by.Console
	var document struct {
		Lower  string `xml:"requestId"`
		Upper  string `xml:"RequestID"`
		Errors []struct {
			Code, Message string
		} `xml:"Errors>Error"`
	}
	err := xml.Unmarshal(answer.body, &document)
	record.RequestID = cmp.Or(document.Lower+document.Upper, cloudtrail.NewID())
	if answer.succeeded() {
		return record
	}
	if err != nil || len(document.Errors) == 0 { // moto's own crash, which it answers in HTML
		record.ErrorCode, record.ErrorMessage = "InternalError", "An internal error has occurred"
	} else {
		record.ErrorCode, record.ErrorMessage = document.Errors[0].Code, strings.TrimSpace(document.Errors[0].Message)
	}
	return record
}

func (p *Proxy) putEvent(ctx context.Context, record cloudtrail.Call) {
	var err error
	if record.ErrorCode == "" && record.GroupID != "" && record.Action != "DeleteSecurityGroup" {
		if record.After, err = p.rules(ctx, record.GroupID); err != nil {
			p.config.Failed(fmt.Errorf("make the event of %s on %s: %w", record.Action, record.GroupID, err))
			return
		}
	}
	event, ok, err := cloudtrail.Event(record)
	switch {
	case err != nil:
		p.config.Failed(err)
	case !ok:
		p.config.Failed(fmt.Errorf("make the event of %s: its shape is not known", record.Action))
	default:
		p.config.Bus.Put(event)
	}
}

// groupID is the id of the group that a call is about, however it names it; "" for a group that isn't there (yet).
func (p *Proxy) groupID(ctx context.Context, c *call) (string, error) {
	if c.action == "CreateSecurityGroup" {
		return "", nil
	}
	if id := c.form.Get("GroupId"); id != "" {
		return id, nil
	}
	if name := c.form.Get("GroupName"); name != "" {
		// A bare name means a group of the default VPC:
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
		found, err := p.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{
			Filters: []types.Filter{{Name: aws.String("group-name"), Values: []string{name}}},
		})
		if err != nil || len(found.SecurityGroups) == 0 {
			return "", err // moto answers the client in the same terms
		}
		return aws.ToString(found.SecurityGroups[0].GroupId), nil
	}
	if rule := c.form.Get("SecurityGroupRuleId.1"); rule != "" {
		found, err := p.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{rule}})
		if err != nil || len(found.SecurityGroupRules) == 0 {
			return "", nil // no such rule: the client gets moto's error
		}
		return aws.ToString(found.SecurityGroupRules[0].GroupId), nil
	}
	return "", nil
}

// rules are the live rules of a group, none for a group that isn't there.
func (p *Proxy) rules(ctx context.Context, groupID string) ([]types.SecurityGroupRule, error) {
	if groupID == "" {
		return nil, nil
	}
	var rules []types.SecurityGroupRule
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(p.ec2, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{groupID}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the rules of %s: %w", groupID, err)
		}
		rules = append(rules, page.SecurityGroupRules...)
	}
	return rules, nil
}
