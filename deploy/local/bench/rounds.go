package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/figures"
	"github.com/sgwarden/sgwarden/deploy/local/bench/standin"
)

// place is where the services are, seen from the function.
type place string

const (
	plain place = "plain" // on this machine, HTTP
	tls   place = "TLS"   // on this machine, HTTPS
	far   place = "far"   // HTTPS, a round trip away
	slow  place = "slow"  // on this machine, HTTPS, and every answer takes long
)

// rounds are the samples by place and name, one a round.
type rounds map[place]map[string][]sample

// series returns a value of every sample; nil where nothing of the name was measured.
func (r rounds) series(at place, name string, value func(sample) float64) figures.Series {
	var all figures.Series
	for _, s := range r[at][name] {
		all = append(all, value(s))
	}
	return all
}

const (
	// roundTrip is the distance of the services that are far away.
	roundTrip = 20 * time.Millisecond
	// hold is how long slow services take to answer. Calls that are made side by side arrive well within it, even where
	// the machine is busy, so that waves can be told apart.
	hold = 250 * time.Millisecond
	// slowRounds is in how many rounds slow services are asked: the number of waves doesn't vary as time does.
	slowRounds = 3
	// fewEvents is how many warm events boto3 gets at most: its processor time for one is no row of the goals.
	fewEvents = 10
)

// measureRounds starts every process at every place, round by round. The first round isn't counted: the binaries come
// from the disk meanwhile.
func measureRounds(ctx context.Context, o options, b binaries, progress io.Writer, now func() time.Time) (all rounds, err error) {
	identity, err := standin.NewIdentity(b.directory, now())
	if err != nil {
		return nil, err
	}
	clouds, err := places(identity)
	defer func() {
		for _, cloud := range clouds {
			err = errors.Join(err, cloud.Close())
		}
	}()
	if err != nil {
		return nil, err
	}
	all = rounds{plain: {}, tls: {}, far: {}, slow: {}}
	for round := range o.rounds + 1 {
		if round%5 == 0 {
			fmt.Fprintf(progress, "round %d of %d\n", round, o.rounds)
		}
		for at, cloud := range clouds {
			if at == slow && (round == 0 || round > slowRounds) {
				continue
			}
			if err := all.add(ctx, o, b, at, cloud, round, now); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// places starts the services at each place.
func places(identity *standin.Identity) (map[place]*standin.Cloud, error) {
	clouds := map[place]*standin.Cloud{}
	for at, options := range map[place]standin.Options{
		plain: {}, tls: {Identity: identity}, far: {Identity: identity, RoundTrip: roundTrip}, slow: {Identity: identity, Hold: hold},
	} {
		options.Answers = standin.OneGroup()
		cloud, err := standin.Start(options)
		if err != nil {
			return clouds, err
		}
		clouds[at] = cloud
	}
	return clouds, nil
}

// isCompared reports whether a row of the report needs a process at a place.
func isCompared(name string, at place) bool {
	switch name {
	case empty, boto3:
		return at == plain
	case floor:
		return at != slow
	}
	return true
}

// warmAt returns how many warm events a process gets at a place.
func (o options) warmAt(name string, at place) int {
	switch {
	case at == slow || at == far:
		return 1 // for its waves, and how long it takes
	case name == boto3:
		return min(o.warm, fewEvents)
	}
	return o.warm
}

// add starts each process once at a place, another one first each round.
func (r rounds) add(ctx context.Context, o options, b binaries, at place, cloud *standin.Cloud, round int, now func() time.Time) error {
	names := []string{boto3, empty, before, floor, sgwarden}
	for n := range names {
		name := names[(n+round)%len(names)]
		command := b.reverting[name]
		if command == nil || !isCompared(name, at) {
			continue
		}
		event, err := standin.Event(now())
		if err != nil {
			return err
		}
		s, err := measure(ctx, life{name: name, command: command, cloud: cloud, event: event, warm: o.warmAt(name, at)})
		if err != nil {
			return err
		}
		if round > 0 {
			r[at][name] = append(r[at][name], s)
		}
	}
	return nil
}
