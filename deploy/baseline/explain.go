package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// explainRequest is what explain is asked to do.
type explainRequest struct {
	event, group string
	rules        []string
	baseline     string // a file, else Parameter Store
}

func explainCommand(a *app) *cobra.Command {
	var e explainRequest
	c := &cobra.Command{
		Use:   "explain (EVENT.json | --group-id ID --rule TEXT)",
		Short: "Judge an event or a rule, without touching anything",
		Long: `Judges the rules of an event, or a rule, by the baseline of their group, as the remediator would, and says why and what it
would do. The event is what EventBridge delivers or CloudTrail records; - reads it from standard input. Without a baseline
the guardrail decides. The group's live rules are not looked at: see diff for those. Approvals, the grace period
(GRACE_MINUTES of the environment, 10 if unset), a pause and trusted principals count as in the remediator; with --baseline
they don't, since Parameter Store is not read then.

Exit status: 0 fine, 1 an error, 2 there is a violation, or may be one.`,
		Example: `  baseline explain event.json
  baseline explain event.json --baseline baselines/sg-0a1b2c3d4e5f60718.yaml
  baseline explain --group-id sg-0a1b2c3d4e5f60718 --rule 'ingress tcp 22 203.0.113.7/32' --rule 'egress tcp 5432 self'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				e.event = args[0]
			}
			x, err := a.explain(c.Context(), e)
			if err != nil {
				return err
			}
			return a.printExplanation(x)
		},
	}
	c.Flags().StringVar(&e.group, "group-id", "", "the group that --rule is for")
	c.Flags().StringArrayVar(&e.rules, "rule", nil, "a rule, such as 'ingress tcp 22 10.0.0.0/8'; its peer may be self; may be repeated")
	c.Flags().StringVar(&e.baseline, "baseline", "", "judge by this baseline file instead of Parameter Store")
	return c
}

// check refuses what is asked both ways, or not at all.
func (e explainRequest) check() error {
	switch {
	case e.event == "" && len(e.rules) == 0:
		return errors.New("name an event file, or --group-id and --rule")
	case e.event != "" && (e.group != "" || len(e.rules) > 0):
		return errors.New("an event names its group and rules: leave out --group-id and --rule, or the file")
	case e.event == "" && e.group == "" && e.baseline == "":
		return errors.New("--rule needs --group-id")
	}
	return nil
}

func (a *app) explain(ctx context.Context, e explainRequest) (explanation, error) {
	if err := e.check(); err != nil {
		return explanation{}, err
	}
	doc, err := e.document()
	if err != nil {
		return explanation{}, err
	}
	if e.group == "" && doc != nil && e.event == "" {
		e.group = doc.GroupID
	}
	t, nothing, err := a.triggerOf(e)
	if err != nil {
		return explanation{}, err
	}
	if nothing != "" {
		return explanation{EventID: t.EventID, EventName: t.EventName, GroupID: t.GroupID, NothingToDo: nothing, Rules: []judgedRule{}}, nil
	}
	if t.GroupID, err = a.groupOf(ctx, t, doc); err != nil {
		return explanation{}, err
	}
	if doc != nil && doc.GroupID != t.GroupID {
		return explanation{}, fmt.Errorf("%s is for %s, not for %s", e.baseline, doc.GroupID, t.GroupID)
	}
	grounds, err := a.groundsFor(ctx, t, e.baseline, doc)
	if err != nil {
		return explanation{}, err
	}
	return grounds.explain(t, a.now()), nil
}

// document reads the file to judge by, nil where there is none.
func (e explainRequest) document() (*baseline.Document, error) {
	if e.baseline == "" {
		return nil, nil
	}
	f := readFile(e.baseline)
	return f.doc, usable([]file{f})
}

// triggerOf makes of the request what the remediator would be triggered by, or
// the reason why it wouldn't.
func (a *app) triggerOf(e explainRequest) (t trail.Trigger, nothing string, err error) {
	if e.event != "" {
		return a.readEvent(e.event)
	}
	if err := checkGroupID(e.group); err != nil {
		return t, "", err
	}
	t.GroupID = e.group
	for _, text := range e.rules {
		r, err := parseRule(text, e.group)
		if err != nil {
			return t, "", err
		}
		t.Changes = append(t.Changes, trail.Change{Rule: r})
	}
	return t, "", nil
}

// groupOf finds the id of a group that the event names by its name only.
func (a *app) groupOf(ctx context.Context, t trail.Trigger, doc *baseline.Document) (string, error) {
	switch {
	case t.GroupID != "":
		return t.GroupID, nil
	case doc != nil && (doc.GroupName == "" || doc.GroupName == t.GroupName):
		return doc.GroupID, nil
	}
	groups, err := a.groups(ctx)
	if err != nil {
		return "", err
	}
	group, err := groups.GroupNamed(ctx, t.GroupName)
	if err != nil {
		return "", fmt.Errorf("the event names its group only as %q, in the default VPC: %w", t.GroupName, err)
	}
	return group.ID, nil
}

// grounds are what a judgement rests on. doc or guardrail or neither is set.
type grounds struct {
	from      string // the file or parameter
	version   int64  // of the parameter
	doc       *baseline.Document
	guardrail *baseline.Guardrail
	beside    judge.Grounds       // approvals and grace
	pause     *baseline.Pause     // nil unless it is in force
	trusted   *baseline.Principal // who made the event's call, if that is trusted
	notes     []string            // what could not be taken into account
}

func (a *app) groundsFor(ctx context.Context, t trail.Trigger, path string, doc *baseline.Document) (grounds, error) {
	if doc != nil {
		return grounds{from: path, doc: doc}, nil
	}
	store, err := a.store(ctx)
	if err != nil {
		return grounds{}, err
	}
	documents, err := store.Read(ctx, t.GroupID)
	if err != nil {
		return grounds{}, err
	}
	g := grounds{from: store.Parameter(t.GroupID)}
	if err := g.decide(documents, t.GroupID); err != nil || g.doc == nil && g.guardrail == nil {
		return g, err
	}
	g.consider(documents, t.Principal, a.now())
	if g.doc == nil || !g.doc.Enforces() || g.pause != nil || len(g.violations(t, a.now())) == 0 {
		return g, nil
	}
	grace, note, err := a.grace(ctx, store, g.doc, documents.Group)
	if note != "" {
		g.notes = append(g.notes, note)
	}
	g.beside.Grace = grace
	return g, err
}

// decide decodes the document that decides: the baseline, or else the guardrail.
func (g *grounds) decide(documents baseline.Documents, groupID string) (err error) {
	deciding := documents.Group
	switch {
	case deciding.Unreadable != nil:
		return fmt.Errorf("read %s: %w", deciding.Parameter, deciding.Unreadable)
	case deciding.Exists():
		g.doc, err = baseline.Decode(deciding.Value, groupID)
	default:
		deciding = documents.Guardrail
		if deciding.Unreadable != nil {
			return fmt.Errorf("read %s: %w", deciding.Parameter, deciding.Unreadable)
		}
		if !deciding.Exists() {
			return nil
		}
		g.guardrail, err = baseline.DecodeGuardrail(deciding.Value)
	}
	if err != nil {
		return fmt.Errorf("%s version %d is broken, so nothing is judged by it and nothing revoked: %w", deciding.Parameter, deciding.Version, err)
	}
	g.from, g.version = deciding.Parameter, deciding.Version
	return nil
}

// consider takes up what counts beside the document that decides. What can't be used
// permits nothing, pauses nothing and trusts nobody.
func (g *grounds) consider(documents baseline.Documents, principal string, now time.Time) {
	found := approvals{of: map[string][]*baseline.Approval{}}
	for _, stored := range documents.Approvals {
		found.take("", stored)
	}
	g.beside.Approvals, g.notes = found.of[""], found.unusable
	var problem error
	if g.pause, problem = pauseInForce(documents.Pause, now); problem != nil {
		g.notes = append(g.notes, problem.Error())
	}
	if g.trusted, problem = trustedPrincipal(documents.Trust, principal); problem != nil {
		g.notes = append(g.notes, problem.Error())
	}
}

// trustedPrincipal finds who made a call among the trusted principals, nil where
// nobody of that ARN is trusted.
func trustedPrincipal(stored baseline.Stored, arn string) (*baseline.Principal, error) {
	if arn == "" || !stored.Exists() {
		return nil, nil
	}
	problem := stored.Unreadable
	var trust *baseline.Trust
	if problem == nil {
		trust, problem = baseline.DecodeTrust(stored.Value)
	}
	if problem != nil {
		return nil, fmt.Errorf("by %s nobody is trusted: %w", stored.Parameter, problem)
	}
	if principal, found := trust.Find(arn); found {
		return &principal, nil
	}
	return nil, nil
}
