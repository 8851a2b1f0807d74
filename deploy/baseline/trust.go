package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/amend"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
)

// trustRequest is what the verb trust is asked to do.
type trustRequest struct {
	arn            string // empty: show
	pending        lifetime
	show, end, yes bool
}

// The longest and the default time that a change of a trusted principal waits.
const (
	maxPending     = 168 * time.Hour
	defaultPending = 24 * time.Hour
)

func trustCommand(a *app) *cobra.Command {
	var r trustRequest
	c := &cobra.Command{
		Use:   "trust [ARN [--pending TIME | --end]]",
		Short: "Have the changes of a role or user wait for approval",
		Long: `Trusts an IAM role or user, such as a pipeline's. What an event of a trusted principal opens is then not reverted at once:
it waits for approval, for 24 hours or as long as --pending says (whole hours, 1h to 7d), and is reverted if nobody approves
it for good. What is grave is reverted at once all the same. ARN is the role's, never that of a session of the role. Trusting
again changes the time. This weakens the guard, so it is asked first, and whoever gets the alerts is told.

--end takes the trust away. Without ARN (or with --show) it shows who is trusted.

Exit status: 0 fine, 1 an error, 2 the document can't be used, so that nobody is trusted.`,
		Example: `  baseline trust
  baseline trust arn:aws:iam::111122223333:role/terraform-ci --pending 48h
  baseline trust arn:aws:iam::111122223333:role/terraform-ci --end`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				r.arn = args[0]
			}
			hours, err := r.hours(len(args) > 0)
			if err != nil {
				return err
			}
			state, err := a.trust(c.Context(), r, hours)
			if err != nil {
				return err
			}
			return a.printTrust(state)
		},
	}
	c.Flags().Var(&r.pending, "pending", "how long a change waits for approval, such as 24h or 7d (default 24h)")
	c.Flags().BoolVar(&r.end, "end", false, "trust ARN no longer")
	c.Flags().BoolVar(&r.show, "show", false, "show who is trusted, which is what trust alone does")
	c.Flags().BoolVar(&r.yes, "yes", false, "don't ask")
	return c
}

// hours returns how long a change waits; 0 where the trust is to be shown or to be ended.
func (r trustRequest) hours(hasARN bool) (int, error) {
	switch {
	case !hasARN && r.end:
		return 0, errors.New("say whom: baseline trust ARN --end; baseline trust shows who is trusted")
	case !hasARN && r.pending.Duration > 0:
		return 0, errors.New("say whom to trust: baseline trust ARN --pending TIME")
	case hasARN && r.show, r.end && r.pending.Duration > 0:
		return 0, errors.New("say one thing: ARN, ARN --pending TIME, ARN --end or --show")
	case !hasARN:
		return 0, nil
	}
	if err := principal.Check(r.arn); err != nil {
		return 0, fmt.Errorf("nothing was written: %w", err)
	}
	waits := r.pending.Duration
	switch {
	case r.end:
		return 0, nil
	case waits == 0:
		waits = defaultPending
	case waits%time.Hour != 0 || waits > maxPending:
		return 0, fmt.Errorf("--pending %s: want whole hours, 1h to 7d", waits)
	}
	return int(waits / time.Hour), nil
}

func (a *app) trust(ctx context.Context, r trustRequest, hours int) (trustState, error) {
	store, err := a.Store(ctx)
	if err != nil {
		return trustState{}, err
	}
	kind := amend.Trust(store)
	stored, err := kind.Read(ctx)
	if err != nil {
		return trustState{}, err
	}
	state := trustState{Parameter: kind.Parameter, Version: stored.Version, Principals: []trustedPrincipal{}}
	if state.Identity, err = a.Identity(ctx); err != nil {
		return trustState{}, err
	}
	doc, err := kind.Decode(stored)
	switch {
	case err != nil && r.arn == "" && stored.ReadError == nil:
		state.Problem = err.Error()
		return state, nil
	case err != nil && r.arn == "":
		return trustState{}, err
	case err != nil:
		return trustState{}, fmt.Errorf("nothing was written: %w", err)
	case r.arn == "":
		state.setPrincipals(doc)
		return state, nil
	}
	if state.isShown, err = a.agreedToTrust(r, hours, state.Identity, doc); err != nil {
		return trustState{}, err
	}
	return changeTrust(ctx, kind, state, r.arn, hours)
}

// agreedToTrust asks whether somebody is to be trusted. Nothing is asked where that is so
// already, or where a trust ends, which makes the guard stronger. isShown says that where
// was printed.
func (a *app) agreedToTrust(r trustRequest, hours int, where account.Identity, doc *baseline.Trust) (isShown bool, err error) {
	is, there := doc.Find(r.arn)
	if r.end || there && is.Pending == time.Duration(hours)*time.Hour {
		return false, nil
	}
	waits := fmt.Sprintf("What %s opens would wait %s for approval, rather than be reverted at once", r.arn, words.Count(hours, "hour"))
	if there {
		waits += fmt.Sprintf("; so far it waits %s", words.Count(int(is.Pending/time.Hour), "hour"))
	}
	if isShown = a.output == "text"; isShown {
		if _, err := fmt.Fprintf(a.out, "%s\n%s.\n", where, waits); err != nil {
			return true, err
		}
	}
	return isShown, a.askUnless(r.yes, "nothing was written", "the guard would be weakened", "Trust it?")
}
