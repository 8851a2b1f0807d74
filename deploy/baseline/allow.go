package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// allow is what the verb of that name is asked to do.
type allow struct {
	group, rule                     string
	expires                         time.Duration
	reason, approvedBy, description string
}

func allowCommand(app *app) *cobra.Command {
	var a allow
	c := &cobra.Command{
		Use:   "allow GROUP RULE",
		Short: "Permit one rule, for good or for a time",
		Long:  "Adds one rule to the baseline of a group: for good, or with --expires as an exception.",
		Example: `  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 443 10.0.0.0/8' --description 'internal TLS'
  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 22 203.0.113.7/32' --expires 8h --reason 'INC-1234 repair' --approved-by ana@example.com`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			a.group, a.rule = args[0], args[1]
			store, err := app.store(c.Context())
			if err != nil {
				return err
			}
			return a.run(c.Context(), store, app.out, app.now())
		},
	}
	c.Flags().DurationVar(&a.expires, "expires", 0, "permit it only for this long, such as 8h")
	c.Flags().StringVar(&a.reason, "reason", "", "why, for an exception")
	c.Flags().StringVar(&a.approvedBy, "approved-by", "", "who approved the exception")
	c.Flags().StringVar(&a.description, "description", "", "what the rule is for")
	return c
}

func (a allow) run(ctx context.Context, store ssmstore.Store, out io.Writer, now time.Time) error {
	r, err := rule.Parse(strings.Replace(a.rule, " self", " "+a.group, 1))
	switch {
	case err != nil:
		return err
	case a.expires < 0:
		return fmt.Errorf("--expires %s is in the past", a.expires)
	case a.expires == 0 && a.reason+a.approvedBy != "":
		return errors.New("--reason and --approved-by go with --expires")
	}
	stored, _, err := store.Read(ctx, a.group)
	if err != nil {
		return err
	}
	if !stored.Exists() {
		return fmt.Errorf("%s has no baseline at %s: the group isn't guarded, so there is nothing to permit", a.group, store.Parameter(a.group))
	}
	doc, err := baseline.Decode(stored.Value, a.group)
	if err != nil {
		return fmt.Errorf("%s is broken, repair it first: %w", stored.Parameter, err)
	}
	standing := rule.Compile(doc.Standing())
	if standing.Permits(r, doc.Matching()) {
		_, err := fmt.Fprintf(out, "%s: %s is permitted already: %s\n", a.group, r, standing.Reason(r, doc.Matching()))
		return err
	}
	until := "for good"
	if a.expires > 0 {
		doc.AllowUntil(r, a.description, now.Add(a.expires), a.reason, a.approvedBy)
		until = "until " + now.Add(a.expires).UTC().Format(time.RFC3339)
	} else {
		doc.Allow(r, a.description)
	}
	version, err := store.Put(ctx, doc, stored)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %s is permitted %s (%s, version %d)\n", a.group, r, until, stored.Parameter, version)
	return err
}
