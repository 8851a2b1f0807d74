package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

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

// clock is what a rule on a schedule is played by. A rule that stays as it was keeps its clock.
type clock struct {
	rule  string // its name
	every time.Duration
}

// syncClocks starts and stops clocks until the rules on a schedule have one each. It wants mu to be held.
func (b *Bus) syncClocks() {
	current := map[clock]bool{}
	for _, r := range b.rules {
		if r.every == 0 || b.ctx.Err() != nil {
			continue
		}
		c := clock{r.name, r.every}
		current[c] = true
		if b.clocks[c] == nil {
			ctx, stop := context.WithCancel(b.ctx)
			b.clocks[c] = stop
			b.loops.Go(func() { b.play(ctx, c) })
		}
	}
	for c, stop := range b.clocks {
		if !current[c] {
			stop()
			delete(b.clocks, c)
		}
	}
}

// play fires a rule at its rate until ctx ends.
func (b *Bus) play(ctx context.Context, c clock) {
	ticks, end := b.config.Ticks(c.every)
	defer end()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			if _, err := b.fire(b.ctx, func(r rule) bool { return r.name == c.rule }); err != nil {
				b.Fail(err)
			}
		}
	}
}

// RunSchedules fires every deployed schedule now, as if its time had come, and returns what came of it when the
// functions are done.
func (b *Bus) RunSchedules(ctx context.Context) ([]Delivery, error) {
	return b.fire(ctx, func(r rule) bool { return r.every > 0 })
}

// fire invokes the targets of the rules that are due and waits for them.
func (b *Bus) fire(ctx context.Context, due func(rule) bool) (deliveries []Delivery, err error) {
	defer b.pending.begin()()
	b.mu.Lock()
	rules := b.rules
	b.mu.Unlock()
	for _, r := range rules {
		if !due(r) {
			continue
		}
		event, eventErr := cloudtrail.Scheduled(r.arn, cloudtrail.NewID(), time.Now())
		if eventErr != nil {
			return deliveries, errors.Join(err, eventErr)
		}
		for _, to := range r.targets {
			delivery, deliveryErr := b.deliver(ctx, event, r, to)
			deliveries, err = append(deliveries, delivery), errors.Join(err, deliveryErr)
		}
	}
	return deliveries, err
}
