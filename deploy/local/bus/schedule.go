package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// schedule is a deployed rule that fires at a rate, which moto's never do.
type schedule struct {
	rule mirrored // with no queue: there is nothing to match
	rate string   // as deployed
	stop context.CancelFunc
}

// rateOf reads the rate of a schedule, "rate(15 minutes)":
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
func rateOf(expression string) (time.Duration, error) {
	inner, _ := strings.CutPrefix(expression, "rate(")
	inner, closed := strings.CutSuffix(inner, ")")
	number, unit, _ := strings.Cut(inner, " ")
	n, err := strconv.Atoi(number)
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	of := units[strings.TrimSuffix(unit, "s")]
	if err != nil || n < 1 || of == 0 || !closed {
		return 0, fmt.Errorf("schedule %q is none that is played here: want rate(N minutes), hours or days", expression)
	}
	return time.Duration(n) * of, nil
}

// syncSchedules makes the deployed schedules those that are played. One that stays as it was keeps its time.
func (b *Bus) syncSchedules(ctx context.Context, deployed []types.Rule) error {
	current := map[string]bool{}
	var errs []error
	for _, rule := range deployed {
		if aws.ToString(rule.ScheduleExpression) == "" {
			continue
		}
		targets, err := b.functionTargets(ctx, rule)
		if err == nil && len(targets) > 0 {
			current[aws.ToString(rule.Name)] = true
			err = b.play(mirrored{name: aws.ToString(rule.Name), arn: aws.ToString(rule.Arn), targets: targets}, *rule.ScheduleExpression)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("play event rule %s: %w", aws.ToString(rule.Name), err))
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, s := range b.schedules {
		if !current[name] {
			s.stop()
			delete(b.schedules, name)
		}
	}
	return errors.Join(errs...)
}

func (b *Bus) play(rule mirrored, rate string) error {
	every, err := rateOf(rate)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if former := b.schedules[rule.name]; former != nil {
		if former.rate == rate {
			former.rule = rule
			return nil
		}
		former.stop()
	}
	ctx, stop := context.WithCancel(b.ctx)
	s := &schedule{rule: rule, rate: rate, stop: stop}
	b.schedules[rule.name] = s
	b.loops.Go(func() {
		ticks, end := b.config.Ticks(every)
		defer end()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
				if _, err := b.fire(b.ctx, s); err != nil {
					b.fail(err)
				}
			}
		}
	})
	return nil
}

// RunSchedules fires every deployed schedule now, as if its time had come, and returns what came of it when the
// functions are done.
func (b *Bus) RunSchedules(ctx context.Context) ([]Delivery, error) {
	b.mu.Lock()
	var all []*schedule
	for _, s := range b.schedules {
		all = append(all, s)
	}
	b.mu.Unlock()
	var deliveries []Delivery
	var errs []error
	for _, s := range all {
		fired, err := b.fire(ctx, s)
		deliveries, errs = append(deliveries, fired...), append(errs, err)
	}
	return deliveries, errors.Join(errs...)
}

// fire invokes the schedule's targets and waits for them.
func (b *Bus) fire(ctx context.Context, s *schedule) ([]Delivery, error) {
	defer b.pending.begin()()
	b.mu.Lock()
	rule := s.rule
	b.mu.Unlock()
	event, err := cloudtrail.Scheduled(rule.arn, cloudtrail.NewID(), time.Now())
	if err != nil {
		return nil, err
	}
	deliveries, errs := make([]Delivery, len(rule.targets)), make([]error, len(rule.targets))
	var all sync.WaitGroup
	for i, to := range rule.targets {
		all.Go(func() { deliveries[i], errs[i] = b.deliver(ctx, event, rule, to) })
	}
	all.Wait()
	return deliveries, errors.Join(errs...)
}
