package proxy

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

var groupWrites = map[string]bool{
	"AuthorizeSecurityGroupIngress": true, "AuthorizeSecurityGroupEgress": true,
	"RevokeSecurityGroupIngress": true, "RevokeSecurityGroupEgress": true,
	"ModifySecurityGroupRules":                   true,
	"UpdateSecurityGroupRuleDescriptionsIngress": true, "UpdateSecurityGroupRuleDescriptionsEgress": true,
	"CreateSecurityGroup": true, "DeleteSecurityGroup": true,
}

// groupWrite passes on a write to a security group and puts its event on the bus. The group stays locked from the look
// at its rules before to that after, so that the difference is this call's own; the client has its answer in between.
func (p *Proxy) groupWrite(w http.ResponseWriter, c *call) {
	done := p.config.Bus.Begin()
	ctx := context.WithoutCancel(c.request.Context())
	id, err := p.groupID(ctx, c)
	if err != nil {
		p.config.Failed(fmt.Errorf("make the event of %s: %w", c.action, err))
	}
	unlock := p.groups.lock(id)
	before, err := p.rules(ctx, id)
	if err != nil {
		p.config.Failed(fmt.Errorf("make the event of %s on %s: %w", c.action, id, err))
	}
	called := p.config.Now()
	answer, ok := p.forward(w, c)
	if !ok {
		unlock()
		done()
		return
	}
	record, recorded := p.record(c, answer, called)
	record.GroupID, record.Before = id, before
	p.after.Go(func() {
		defer done()
		defer unlock()
		if recorded {
			p.putEvent(ctx, record)
		}
	})
	answer.writeTo(w)
}

// record is what CloudTrail keeps of a call and its answer. recorded is false where the caller's calls become no events.
func (p *Proxy) record(c *call, answer *answer, called time.Time) (record cloudtrail.Call, recorded bool) {
	record = cloudtrail.Call{
		Action: c.action, Form: c.form, Response: answer.body, Time: called, Account: p.config.Account, Region: region(c),
		EventID: p.config.NewID(), EnvelopeID: p.config.NewID(), UserAgent: c.request.UserAgent(),
	}
	principal := p.principal(c)
	record.Identity, record.SourceIP, record.Console = principal.Identity, principal.SourceIP, principal.Console
	record.RequestID = requestID(answer.body)
	if record.RequestID == "" {
		record.RequestID = p.config.NewID()
	}
	if !answer.succeeded() {
		record.ErrorCode, record.ErrorMessage = errorOf(answer)
	}
	return record, !principal.Unrecorded
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
			return "", nil // no such rule, which moto tells the client
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

// requestID is the request id that an EC2 answer carries.
func requestID(body []byte) string {
	var answer struct {
		Lower string `xml:"requestId"`
		Upper string `xml:"RequestID"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		return ""
	}
	return answer.Lower + answer.Upper
}

// errorOf reads an EC2 error, or makes moto's own crash, which it answers in HTML, EC2's internal error.
func errorOf(a *answer) (code, message string) {
	var document struct {
		Errors []struct {
			Code, Message string
		} `xml:"Errors>Error"`
	}
	if err := xml.Unmarshal(a.body, &document); err != nil || len(document.Errors) == 0 {
		return "InternalError", "An internal error has occurred"
	}
	return document.Errors[0].Code, strings.TrimSpace(document.Errors[0].Message)
}

func region(c *call) string {
	_, scope, _ := strings.Cut(c.request.Header.Get("Authorization"), "Credential=")
	if parts := strings.Split(scope, "/"); len(parts) > 3 {
		return parts[2]
	}
	return "us-east-1"
}

// locks are locks by name. The empty name has none.
type locks struct {
	mu     sync.Mutex
	byName map[string]*sync.Mutex
}

func (l *locks) lock(name string) (unlock func()) {
	if name == "" {
		return func() {}
	}
	l.mu.Lock()
	if l.byName == nil {
		l.byName = map[string]*sync.Mutex{}
	}
	lock := l.byName[name]
	if lock == nil {
		lock = &sync.Mutex{}
		l.byName[name] = lock
	}
	l.mu.Unlock()
	lock.Lock()
	return lock.Unlock
}

// lockAll takes the locks in one order, so that two calls for the same names never wait for each other.
func (l *locks) lockAll(names []string) (unlock func()) {
	var unlocks []func()
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		unlocks = append(unlocks, l.lock(name))
	}
	return func() {
		for _, unlock := range unlocks {
			unlock()
		}
	}
}
