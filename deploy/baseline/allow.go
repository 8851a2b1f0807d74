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
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// allow is what the verb of that name is asked to do.
type allow struct {
	group, rule                     string
	expires                         lifetime
	reason, approvedBy, description string
	name                            string // of the approval
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
		Long: `Permits one rule for a group. For good, the rule becomes a part of the group's baseline. With --expires it becomes an approval,
a parameter of its own, so that approvals that are given at the same time don't collide; a group without a baseline may
have approvals too. An approval ends at most 90 days from now and needs a --reason. Who approved is who wrote the parameter.

RULE is DIRECTION PROTOCOL PORTS PEER, as alerts write it; the peer may be self. What is permitted already is left as it
is: a rule that the baseline covers, one that exceptions and approvals permit for long enough, and every rule of a direction
that the baseline does not guard.`,
		Example: `  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 443 10.0.0.0/8' --description 'internal TLS'
  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 22 203.0.113.7/32' --expires 8h --reason 'INC-1234 repair'`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			a.group, a.rule = args[0], args[1]
			store, err := app.Store(c.Context())
			if err != nil {
				return err
			}
			done, err := a.run(c.Context(), store, app.Now())
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
	c.Flags().StringVar(&a.reason, "reason", "", "why, for an approval")
	c.Flags().StringVar(&a.approvedBy, "approved-by", "", "who approved, if that is not who runs this; added to the reason")
	c.Flags().StringVar(&a.name, "name", "", "name of the approval: letters, digits, dots, underscores, hyphens (default: allow- and the time)")
	c.Flags().StringVar(&a.description, "description", "", "what a rule is for that is permitted for good")
	return c
}

// check refuses flags that don't go together.
func (a allow) check() error {
	if err := account.CheckGroupID(a.group); err != nil {
		return err
	}
	lasts := a.expires.Duration > 0
	switch {
	case !lasts && a.reason+a.approvedBy+a.name != "":
		return errors.New("--reason, --approved-by and --name go with --expires: a rule that is permitted for good has a --description")
	case lasts && a.description != "":
		return errors.New("--description is for a rule that is permitted for good: an approval has a --reason")
	case lasts && strings.TrimSpace(a.reason) == "":
		return errors.New("say why: an approval needs --reason TEXT")
	}
	return nil
}

func (a allow) run(ctx context.Context, store ssmstore.Store, now time.Time) (allowed, error) {
	if err := a.check(); err != nil {
		return allowed{}, err
	}
	r, err := parseRule(a.rule, a.group)
	if err != nil {
		return allowed{}, err
	}
	if a.expires.Duration > 0 {
		return a.approve(ctx, store, r, now)
	}
	stored, err := store.ReadBaseline(ctx, a.group)
	if err != nil {
		return allowed{}, err
	}
	if !stored.Exists() {
		return allowed{}, account.NoBaseline(store, a.group)
	}
	doc, err := a.decode(stored)
	if err != nil {
		return allowed{}, err
	}
	done := allowed{GroupID: a.group, Rule: r.String(), Parameter: stored.Parameter, Version: stored.Version}
	if done.Reason = alreadyForGood(doc, r); done.Reason != "" {
		return done, nil
	}
	if err := doc.Allow(r, a.description); err != nil {
		return allowed{}, err
	}
	done.Changed = true
	done.Version, err = store.Put(ctx, doc, stored)
	return done, err
}

// decode reads the baseline. A broken one has to be repaired before it is added to.
func (a allow) decode(stored baseline.Stored) (*baseline.Document, error) {
	if stored.Unreadable != nil {
		return nil, fmt.Errorf("read %s: %w", stored.Parameter, stored.Unreadable)
	}
	doc, err := baseline.Decode(stored.Value, a.group)
	if err != nil {
		return nil, fmt.Errorf("%s is broken, repair it first: %w", stored.Parameter, err)
	}
	return doc, nil
}

// alreadyForGood says why the rule is permitted for good; it is empty where the
// rule isn't. An entry for a direction that is not guarded would begin to guard the
// direction, and cut all its other rules.
func alreadyForGood(doc *baseline.Document, r rule.Rule) string {
	if !doc.Guards(r.Direction) {
		return fmt.Sprintf("%s is not guarded by this baseline", r.Direction)
	}
	standing := rule.Compile(doc.Standing())
	if standing.Permits(r, doc.Matching()) {
		return standing.Reason(r, doc.Matching())
	}
	return ""
}

// String is for people.
func (d allowed) String() string {
	switch {
	case !d.Changed && d.Version == 0:
		return fmt.Sprintf("%s: %s is permitted already: %s", d.GroupID, d.Rule, d.Reason)
	case !d.Changed:
		return fmt.Sprintf("%s: %s is permitted already: %s (%s, still version %d)", d.GroupID, d.Rule, d.Reason, d.Parameter, d.Version)
	case d.Expires == nil:
		return fmt.Sprintf("%s: %s is permitted for good (%s, version %d)", d.GroupID, d.Rule, d.Parameter, d.Version)
	}
	return fmt.Sprintf("%s: %s is permitted until %s by the approval %s", d.GroupID, d.Rule, d.Expires.Format(time.RFC3339), d.Parameter)
}
