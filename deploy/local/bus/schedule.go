package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// schedule is a deployed rule that fires at a rate, which moto's never do.
type schedule struct {
	rule rule
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

// syncSchedules makes the schedules among the rules those that are played. One that stays as it was keeps its time.
func (b *Bus) syncSchedules(rules []rule) error {
	current := map[string]bool{}
	var errs []error
	for _, r := range rules {
		if r.schedule != "" {
			current[r.name] = true
			errs = append(errs, b.play(r))
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

func (b *Bus) play(r rule) error {
	every, err := rateOf(r.schedule)
	if err != nil {
		return fmt.Errorf("play event rule %s: %w", r.name, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if former := b.schedules[r.name]; former != nil {
		if former.rule.schedule == r.schedule {
			former.rule = r
			return nil
		}
		former.stop()
	}
	if b.ctx.Err() != nil {
		return nil
	}
	ctx, stop := context.WithCancel(b.ctx)
	s := &schedule{rule: r, stop: stop}
	b.schedules[r.name] = s
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
