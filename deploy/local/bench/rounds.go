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

// farWarm is how many warm events a process gets whose services are far away: those are for waves and not for processor
// time.
const farWarm = 2

// measureRounds starts every process at every place, round by round. The first round isn't counted: the binaries come
// from the disk meanwhile.
func measureRounds(ctx context.Context, o options, b binaries, directory string, progress io.Writer, now func() time.Time) (all rounds, err error) {
	identity, err := standin.NewIdentity(directory, now())
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
	all = rounds{plain: {}, tls: {}, far: {}}
	for round := range o.rounds + 1 {
		if round%5 == 0 {
			fmt.Fprintf(progress, "round %d of %d\n", round, o.rounds)
		}
		for at, cloud := range clouds {
			if err := all.add(ctx, o, b, at, cloud, round, now); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// places starts the services at each place. The distance is 0 but for far.
func places(identity *standin.Identity) (map[place]*standin.Cloud, error) {
	clouds := map[place]*standin.Cloud{}
	for at, options := range map[place]standin.Options{
		plain: {}, tls: {Identity: identity}, far: {Identity: identity, RoundTrip: roundTrip},
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

// add starts each process once at a place, another one first each round.
func (r rounds) add(ctx context.Context, o options, b binaries, at place, cloud *standin.Cloud, round int, now func() time.Time) error {
	names := []string{boto3, empty, before, floor, sgwarden}
	for n := range names {
		name := names[(n+round)%len(names)]
		command := b.reverting[name]
		// The empty function and boto3 are compared where nothing is encrypted.
		if command == nil || at != plain && (name == empty || name == boto3) {
			continue
		}
		event, err := standin.Event(now())
		if err != nil {
			return err
		}
		warm, distance := o.warm, time.Duration(0)
		if at == far {
			warm, distance = farWarm, roundTrip
		}
		s, err := measure(ctx, name, command, cloud, distance, warm, event)
		if err != nil {
			return err
		}
		if round > 0 {
			r[at][name] = append(r[at][name], s)
		}
	}
	return nil
}
