package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// rule is a deployed rule that invokes functions: at events that match its pattern, or at its schedule.
type rule struct {
	name, arn string
	pattern   *Pattern      // nil for none
	every     time.Duration // the rate of its schedule, 0 for none
	targets   []target
}

// target is a function that a deployed rule names.
type target struct {
	function    string // ARN
	deadLetters string // ARN of the rule's queue for events that cannot be delivered, "" for none
}

// Sync takes over the rules as they are deployed now on the default bus: those that are enabled, and have an event
// pattern or a schedule, and a Lambda target. Call it after each deployment. What can't be played is an error, and leaves
// the rules that events are matched with as they were.
func (b *Bus) Sync(ctx context.Context) error {
	b.syncing.Lock()
	defer b.syncing.Unlock()
	var rules []rule
	pages := eventbridge.ListRulesInput{}
	for more := true; more; more = pages.NextToken != nil {
		page, err := b.events.ListRules(ctx, &pages)
		if err != nil {
			return fmt.Errorf("list the deployed event rules: %w", err)
		}
		for _, deployed := range page.Rules {
			r, err := b.read(ctx, deployed)
			if err != nil {
				return fmt.Errorf("play event rule %s: %w", aws.ToString(deployed.Name), err)
			}
			if len(r.targets) > 0 {
				rules = append(rules, r)
			}
		}
		pages.NextToken = page.NextToken
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = rules
	b.syncClocks()
	return nil
}

// read returns a deployed rule. It has no targets where it invokes no function.
func (b *Bus) read(ctx context.Context, deployed types.Rule) (r rule, err error) {
	r = rule{name: aws.ToString(deployed.Name), arn: aws.ToString(deployed.Arn)}
	if deployed.State == types.RuleStateDisabled {
		return r, nil
	}
	if r.targets, err = b.functionTargets(ctx, deployed); err != nil || len(r.targets) == 0 {
		return r, err
	}
	if deployed.ScheduleExpression != nil {
		if r.every, err = rateOf(*deployed.ScheduleExpression); err != nil {
			return r, err
		}
	}
	if deployed.EventPattern == nil {
		return r, nil
	}
	pattern, err := ReadPattern(*deployed.EventPattern)
	r.pattern = &pattern
	return r, err
}

func (b *Bus) functionTargets(ctx context.Context, deployed types.Rule) ([]target, error) {
	listed, err := b.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: deployed.Name})
	if err != nil {
		return nil, fmt.Errorf("list its targets: %w", err)
	}
	var targets []target
	for _, t := range listed.Targets {
		if !strings.Contains(aws.ToString(t.Arn), ":lambda:") {
			continue
		}
		to := target{function: aws.ToString(t.Arn)}
		if t.DeadLetterConfig != nil {
			to.deadLetters = aws.ToString(t.DeadLetterConfig.Arn)
		}
		targets = append(targets, to)
	}
	return targets, nil
}

// Put takes an event, an EventBridge envelope, starts its deliveries to the targets of the rules that match, and returns.
func (b *Bus) Put(event json.RawMessage) {
	if len(event) > maxEventBytes {
		b.Fail(fmt.Errorf("deliver an event of %d bytes: EventBridge takes %d at most", len(event), maxEventBytes))
		return
	}
	b.mu.Lock()
	rules := b.rules
	b.mu.Unlock()
	for _, r := range rules {
		if r.pattern == nil {
			continue
		}
		matches, err := r.pattern.Matches(event)
		if err != nil {
			b.Fail(err)
			return
		}
		if !matches {
			continue
		}
		for _, to := range r.targets {
			b.start(func() error {
				_, err := b.deliver(b.ctx, event, r, to)
				return err
			})
		}
	}
}
