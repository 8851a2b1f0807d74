package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// pauseRequest is what the verb pause is asked to do.
type pauseRequest struct {
	duration  string // empty: show or end the pause
	reason    string
	show, end bool
}

func pauseCommand(a *app) *cobra.Command {
	var p pauseRequest
	c := &cobra.Command{
		Use:   "pause [DURATION --reason TEXT | --end | --show]",
		Short: "Have nothing changed in EC2 for a while, or go on",
		Long: `Writes until when sgwarden changes nothing in EC2, such as for a migration: at most 24 hours from now. Until then
everything is told as would-revert. A pause that there is already is replaced. --end goes on at once, and --show (or
pause alone) shows the pause. Pausing and going on are told to whoever gets the alerts. Nothing is asked.

Exit status: 0 fine, 1 an error, 2 there is a pause that can't be used, which pauses nothing.`,
		Example: `  baseline pause 2h --reason 'migration CHG-77'
  baseline pause --show
  baseline pause --end`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if p.duration = strings.Join(args, ""); len(args) > 0 && p.duration == "" {
				return errors.New("DURATION is empty: say for how long, such as 2h")
			}
			where, err := a.whereToPause(c.Context(), p)
			if err != nil {
				return err
			}
			state, err := a.pause(c.Context(), p)
			if err != nil {
				return err
			}
			state.Identity = where
			return a.printPause(state)
		},
	}
	c.Flags().StringVar(&p.reason, "reason", "", "why, for those who get the alerts")
	c.Flags().BoolVar(&p.end, "end", false, "end the pause")
	c.Flags().BoolVar(&p.show, "show", false, "show the pause, which is what pause alone does")
	return c
}

// whereToPause makes sure of the request before AWS is asked for anything.
func (a *app) whereToPause(ctx context.Context, p pauseRequest) (account.Identity, error) {
	if _, err := p.length(); err != nil {
		return account.Identity{}, err
	}
	return a.Identity(ctx)
}

// length returns how long to pause, zero where the pause is to be shown or ended.
func (p pauseRequest) length() (time.Duration, error) {
	switch {
	case p.end && p.show, p.duration != "" && (p.end || p.show):
		return 0, errors.New("say one thing: a DURATION, --end or --show")
	case p.duration == "" && p.reason != "":
		return 0, errors.New("say for how long: pause DURATION --reason TEXT")
	case p.duration == "":
		return 0, nil
	case p.reason == "":
		return 0, errors.New("say why: --reason TEXT")
	}
	var l lifetime
	if err := l.Set(p.duration); err != nil {
		return 0, fmt.Errorf("%q is not how long to pause: want a time such as 2h or 30m, at most 24h", p.duration)
	}
	return l.Duration, nil
}

func (a *app) pause(ctx context.Context, p pauseRequest) (pauseState, error) {
	length, err := p.length()
	if err != nil {
		return pauseState{}, err
	}
	store, err := a.Store(ctx)
	if err != nil {
		return pauseState{}, err
	}
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return pauseState{}, err
	}
	switch {
	case length > 0:
		return a.beginPause(ctx, store, shared.Pause, length, p.reason)
	case p.end:
		return a.endPause(ctx, store, shared.Pause)
	}
	if shared.Pause.ReadError != nil {
		return pauseState{}, fmt.Errorf("read %s: %w", store.Pause(), shared.Pause.ReadError)
	}
	return a.stateOf(store, shared.Pause), nil
}

// beginPause writes a pause, and reads it back: AWS's clock decides how long a pause
// may last, and this machine's may be ahead.
func (a *app) beginPause(ctx context.Context, store ssmstore.Store, replaces baseline.Stored, length time.Duration, reason string) (pauseState, error) {
	now := a.Now()
	until := now.Add(length).UTC().Truncate(time.Second)
	document, err := baseline.EncodePause(&baseline.Pause{Until: until, Reason: reason})
	if err == nil {
		_, err = yamlfile.DecodePause(document, now)
	}
	if err != nil {
		return pauseState{}, fmt.Errorf("nothing was written: %w", err)
	}
	if _, err := account.PutDocument(ctx, store, store.Pause(), document, replaces); err != nil {
		return pauseState{}, err
	}
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return pauseState{}, fmt.Errorf("a pause was written, but can't be read back: %w", err)
	}
	state := a.stateOf(store, shared.Pause)
	state.Changed = true
	if state.Problem != "" {
		return state, fmt.Errorf("a pause was written, but %s; is this machine's clock ahead of AWS's? Ask for a shorter one", state.Problem)
	}
	return state, nil
}

func (a *app) endPause(ctx context.Context, store ssmstore.Store, stored baseline.Stored) (pauseState, error) {
	if !stored.Exists() {
		return pauseState{Parameter: store.Pause()}, nil
	}
	state := pauseState{Parameter: store.Pause(), Changed: true}
	if was := a.stateOf(store, stored); !was.Paused && was.Problem == "" {
		state.Until, state.Reason = was.Until, was.Reason // it ended by itself
	}
	return state, store.Delete(ctx, []string{store.Pause()})
}
