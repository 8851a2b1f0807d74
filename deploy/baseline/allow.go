package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// defaultApproval is how long an approval lasts that doesn't say.
const defaultApproval = 8 * time.Hour

// allow is what the verb of that name is asked to do.
type allow struct {
	groups                          []string // ids, or name:web
	rule                            string   // in which the group may be called self
	expires                         lifetime
	forGood, allowMissing           bool
	reason, approvedBy, description string
	name                            string // of the approval
}

func allowCommand(app *app) *cobra.Command {
	var a allow
	c := &cobra.Command{
		Use:   "allow GROUP... RULE",
		Short: "Permit one rule, for hours or for good",
		Long: `Permits one rule for a group, for 8 hours: it writes an approval, which is a parameter of its own, so that approvals that
are given at the same time don't collide. An approval needs a --reason. --expires says another time, at most 90d. A group
without a baseline may have approvals too. Who approved is who wrote the parameter.

With --for-good the rule becomes a part of the group's baseline. So it does with --description. Where others change the
baseline at the same time, the change is written again until no change is lost.

GROUP is an id, or name:web for the group that is called web. RULE is DIRECTION PROTOCOL PORTS PEER, as alerts write it; the
peer may be self. What is permitted already is left as it is: a rule that the baseline covers, one that exceptions and
approvals permit for long enough, and every rule of a direction that the baseline does not guard. Nothing is asked.`,
		Example: `  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 22 203.0.113.7/32' --reason 'INC-1234 repair'
  baseline allow name:web name:api 'ingress tcp 22 203.0.113.7/32' --expires 2d --reason 'INC-1234 repair'
  baseline allow sg-0a1b2c3d4e5f60718 'ingress tcp 443 10.0.0.0/8' --for-good --description 'internal TLS'`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			a.groups, a.rule = groupsAndRule(args)
			done, err := app.allow(c.Context(), a)
			return errors.Join(app.printAllowed(done), err)
		},
	}
	c.Flags().Var(&a.expires, "expires", "permit it for this long, such as 8h, 30m or 7d (default 8h)")
	c.Flags().StringVar(&a.reason, "reason", "", "why, for an approval")
	c.Flags().StringVar(&a.approvedBy, "approved-by", "", "who approved, if that is not who runs this; added to the reason")
	c.Flags().StringVar(&a.name, "name", "", "name of the approval: letters, digits, dots, underscores, hyphens (default: allow- and the time)")
	c.Flags().BoolVar(&a.forGood, "for-good", false, "make the rule a part of the baseline")
	c.Flags().StringVar(&a.description, "description", "", "what a rule is for that is permitted for good; means --for-good")
	c.Flags().BoolVar(&a.allowMissing, "allow-missing", false, "also for ids of groups that do not exist in this account and region (yet)")
	return c
}

// groupsAndRule separates the arguments. The rule is the last one, or the last four where
// somebody didn't quote it.
func groupsAndRule(args []string) (groups []string, rule string) {
	last := len(args) - 1
	if first := len(args) - 4; first > 0 && (args[first] == "ingress" || args[first] == "egress") {
		last = first
	}
	return args[:last], strings.Join(args[last:], " ")
}

// complete decides whether the rule is for good, and how long it lasts otherwise. It
// refuses flags that don't go together.
func (a allow) complete() (allow, error) {
	lasts := a.expires.Duration > 0
	switch {
	case lasts && a.description != "":
		return a, errors.New("--description is for a rule that is permitted for good: an approval has a --reason")
	case lasts && a.forGood:
		return a, errors.New("say one thing: --expires TIME or --for-good")
	}
	a.forGood = a.forGood || a.description != ""
	switch {
	case a.forGood && a.reason+a.approvedBy+a.name != "":
		return a, errors.New("--reason, --approved-by and --name are for an approval, which ends: a rule that is permitted for good has a --description")
	case a.forGood:
		return a, nil
	case strings.TrimSpace(a.reason) == "":
		return a, errors.New("say why: an approval needs --reason TEXT, and lasts 8 hours unless --expires TIME says otherwise. To make the rule a part of the baseline, say --for-good")
	case !lasts:
		a.expires.Duration = defaultApproval
	}
	return a, nil
}

// allow permits the rule for one group after the other, up to the first that fails. What
// was done before is returned with the error.
func (a *app) allow(ctx context.Context, request allow) (allowing, error) {
	request, err := request.complete()
	if err != nil {
		return allowing{}, err
	}
	if _, err := parseRule(request.rule, "sg-00000000"); err != nil { // before any call
		return allowing{}, err
	}
	store, err := a.Store(ctx)
	if err != nil {
		return allowing{}, err
	}
	groups, note, err := a.groupArguments(ctx, request.groups, request.allowMissing)
	if err != nil {
		return allowing{}, fmt.Errorf("nothing was written: %w", err)
	}
	done := allowing{}
	if done.Identity, err = a.Identity(ctx); err != nil {
		return allowing{}, fmt.Errorf("nothing was written: %w", err)
	}
	if note != "" {
		done.Notes = append(done.Notes, note)
	}
	for _, g := range groups {
		one, err := a.allowOne(ctx, store, request, g)
		if err != nil {
			return done, err
		}
		done.Groups = append(done.Groups, one)
	}
	return done, nil
}

func (a *app) allowOne(ctx context.Context, store ssmstore.Store, request allow, g groupArgument) (allowed, error) {
	r, err := parseRule(request.rule, g.ID)
	if err != nil {
		return allowed{}, err
	}
	var done allowed
	if request.forGood {
		done, err = permitForGood(ctx, store, g.ID, r, request.description)
	} else {
		done, err = request.approve(ctx, store, g.ID, r, a.Now())
	}
	if err != nil {
		return done, err
	}
	done.HighSeverity = alert.HighSeverity([]rule.Rule{r})[0]
	if g.exists {
		done.Live, done.note = a.carries(ctx, g.ID, r)
	}
	return done, nil
}

// carries reports whether the live rules of a group let a rule's traffic through; nil
// where they can't be read, for which note says why.
func (a *app) carries(ctx context.Context, groupID string, r rule.Rule) (carries *bool, note string) {
	client, err := a.Groups(ctx)
	var live []secgroup.LiveRule
	if err == nil {
		live, err = client.Rules(ctx, groupID)
	}
	if err != nil {
		return nil, fmt.Sprintf("whether the group has the rule is not known: %v", err)
	}
	var rules []rule.Rule
	for _, l := range live {
		if l.NotCanonical == nil {
			rules = append(rules, l.Rule)
		}
	}
	found := rule.Compile(rules).Permits(r, rule.Covered)
	return &found, ""
}
