package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// allow is what the verb of that name is asked to do.
type allow struct {
	group, rule                     string
	expires                         lifetime
	reason, approvedBy, description string
}

// allowed is what became of it.
type allowed struct {
	GroupID   string     `json:"groupId"`
	Rule      string     `json:"rule"`
	Changed   bool       `json:"changed"`
	Expires   *time.Time `json:"expires,omitempty"` // absent: for good
	Reason    string     `json:"reason,omitempty"`  // why nothing was changed
	Parameter string     `json:"parameter"`
	Version   int64      `json:"version"`
}

func allowCommand(app *app) *cobra.Command {
	var a allow
	c := &cobra.Command{
		Use:   "allow GROUP RULE",
		Short: "Permit one rule, for good or for a time",
		Long: `Adds one rule to the baseline of a group: for good, or with --expires as an exception. RULE is DIRECTION PROTOCOL PORTS
PEER, as alerts write it; the peer may be self. What is permitted already is left as it is: a rule that the baseline covers,
and every rule of a direction that the baseline does not guard.`,
		Example: `  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 443 10.0.0.0/8' --description 'internal TLS'
  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 22 203.0.113.7/32' --expires 8h --reason 'INC-1234 repair' --approved-by ana@example.com`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			a.group, a.rule = args[0], args[1]
			store, err := app.store(c.Context())
			if err != nil {
				return err
			}
			done, err := a.run(c.Context(), store, app.now())
			if err != nil {
				return err
			}
			if app.output == "json" {
				return app.printJSON(done)
			}
			_, err = fmt.Fprintln(app.out, done)
			return err
		},
	}
	c.Flags().Var(&a.expires, "expires", "permit it only for this long, such as 8h, 30m or 7d")
	c.Flags().StringVar(&a.reason, "reason", "", "why, for an exception")
	c.Flags().StringVar(&a.approvedBy, "approved-by", "", "who approved the exception")
	c.Flags().StringVar(&a.description, "description", "", "what the rule is for")
	return c
}

func (a allow) run(ctx context.Context, store ssmstore.Store, now time.Time) (allowed, error) {
	if err := checkGroupID(a.group); err != nil {
		return allowed{}, err
	}
	r, err := parseRule(a.rule, a.group)
	if err != nil {
		return allowed{}, err
	}
	if a.expires.Duration == 0 && a.reason+a.approvedBy != "" {
		return allowed{}, errors.New("--reason and --approved-by go with --expires: a rule that is permitted for good has a --description")
	}
	stored, err := store.ReadBaseline(ctx, a.group)
	if err != nil {
		return allowed{}, err
	}
	if !stored.Exists() {
		return allowed{}, noBaseline(store, a.group)
	}
	doc, err := baseline.Decode(stored.Value, a.group)
	if err != nil {
		return allowed{}, fmt.Errorf("%s is broken, repair it first: %w", stored.Parameter, err)
	}
	done := allowed{GroupID: a.group, Rule: r.String(), Parameter: stored.Parameter, Version: stored.Version}
	if done.Reason = a.already(doc, r, now); done.Reason != "" {
		return done, nil
	}
	if done.Expires, err = a.add(doc, r, now); err != nil {
		return allowed{}, err
	}
	done.Changed = true
	done.Version, err = store.Put(ctx, doc, stored)
	return done, err
}

// add returns when the rule stops being permitted, nil for never.
func (a allow) add(doc *baseline.Document, r rule.Rule, now time.Time) (*time.Time, error) {
	if a.expires.Duration == 0 {
		return nil, doc.Allow(r, a.description)
	}
	if err := doc.AllowUntil(r, a.description, now.Add(a.expires.Duration), a.reason, a.approvedBy); err != nil {
		return nil, err
	}
	return &doc.Exceptions[len(doc.Exceptions)-1].Expires, nil
}

// already says why the rule is permitted as long as is asked for; it is empty
// where the rule isn't. An entry for a direction that is not guarded would begin
// to guard the direction, and cut all its other rules.
func (a allow) already(doc *baseline.Document, r rule.Rule, now time.Time) string {
	if !doc.Guards(r.Direction) {
		return fmt.Sprintf("%s is not guarded by this baseline", r.Direction)
	}
	standing := rule.Compile(doc.Standing())
	if standing.Permits(r, doc.Matching()) {
		return standing.Reason(r, doc.Matching())
	}
	if a.expires.Duration == 0 {
		return ""
	}
	end := now.Add(a.expires.Duration).Truncate(time.Second)
	lasting := *doc
	lasting.Exceptions = nil
	var until time.Time
	for _, e := range doc.Exceptions {
		if e.Expires.Before(end) {
			continue
		}
		lasting.Exceptions = append(lasting.Exceptions, e)
		if until.IsZero() || e.Expires.Before(until) {
			until = e.Expires
		}
	}
	approved := rule.Compile(lasting.Permitted(now))
	if !approved.Permits(r, doc.Matching()) {
		return ""
	}
	return fmt.Sprintf("%s; by exceptions, until %s at least", approved.Reason(r, doc.Matching()), until.UTC().Format(time.RFC3339))
}

// String is for people.
func (d allowed) String() string {
	switch {
	case !d.Changed:
		return fmt.Sprintf("%s: %s is permitted already: %s (%s, still version %d)", d.GroupID, d.Rule, d.Reason, d.Parameter, d.Version)
	case d.Expires == nil:
		return fmt.Sprintf("%s: %s is permitted for good (%s, version %d)", d.GroupID, d.Rule, d.Parameter, d.Version)
	}
	return fmt.Sprintf("%s: %s is permitted until %s (%s, version %d)", d.GroupID, d.Rule, d.Expires.Format(time.RFC3339), d.Parameter, d.Version)
}
