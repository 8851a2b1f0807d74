package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/explain"
	"github.com/sgwarden/sgwarden/pkg/baseline"
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
		Use:   "explain (GROUP RULE... | EVENT.json)",
		Short: "Judge an event or a rule, without touching anything",
		Long: `Judges a rule, or the rules of an event, by the baseline of their group, as the remediator would, and says why and what it
would do. A rule's peer may be self, the group. The event is what EventBridge delivers or CloudTrail records; - reads it from standard input. Without a baseline
the guardrail decides. The group's live rules are not looked at: see diff for those. Approvals, the grace period
(GRACE_MINUTES of the environment, 10 if unset), a pause and trusted principals count as in the remediator; with --baseline
they don't, since Parameter Store is not read then.

Exit status: 0 fine, 1 an error, 2 there is a violation, or may be one.`,
		Example: `  baseline explain sg-0a1b2c3d4e5f60718 'ingress tcp 22 203.0.113.7/32'
  baseline explain name:web 'ingress tcp 22 203.0.113.7/32' 'egress tcp 5432 self'
  baseline explain event.json
  baseline explain event.json --baseline baselines/sg-0a1b2c3d4e5f60718.yaml`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := e.take(args); err != nil {
				return err
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
	hide(c, "group-id", "rule") // how explain was called before
	return c
}

// take sorts the arguments: a group and rules, or a file.
func (e *explainRequest) take(args []string) error {
	switch {
	case len(args) == 0:
	case !isGroup(args[0]):
		e.event = args[0]
		if len(args) > 1 {
			return misused("explain: the argument %q is one too many for an event", args[1])
		}
	case e.group != "":
		return misused("explain: %s and %s are two groups", e.group, args[0])
	default:
		e.group = args[0]
		e.rules = append(ruleTexts(args[1:]), e.rules...)
	}
	return nil
}

// check refuses what is asked both ways, or not at all.
func (e explainRequest) check() error {
	switch {
	case e.event != "" && (e.group != "" || len(e.rules) > 0):
		return misused("an event names its group and rules: leave out the group and the rules, or the file")
	case e.event == "" && e.group == "" && len(e.rules) == 0:
		return misused("say what to explain: a group and a rule, or the file of an event")
	case e.event == "" && len(e.rules) == 0:
		return misused("say which rule of %s, such as 'ingress tcp 22 203.0.113.7/32'", e.group)
	case e.event == "" && e.group == "" && e.baseline == "":
		return misused("say which group the rule is for")
	}
	return nil
}

func (a *app) explain(ctx context.Context, e explainRequest) (explain.Explanation, error) {
	if err := e.check(); err != nil {
		return explain.Explanation{}, err
	}
	doc, err := e.document()
	if err != nil {
		return explain.Explanation{}, err
	}
	if e.event == "" {
		if e.group, err = a.groupAsked(ctx, e, doc); err != nil {
			return explain.Explanation{}, err
		}
	}
	t, nothing, err := a.triggerOf(e)
	if err != nil {
		return explain.Explanation{}, err
	}
	if nothing != "" {
		return explain.Explanation{EventID: t.EventID, EventName: t.EventName, GroupID: t.GroupID, NothingToDo: nothing, Rules: []explain.JudgedRule{}}, nil
	}
	if t.GroupID, err = a.groupOf(ctx, t, doc); err != nil {
		return explain.Explanation{}, err
	}
	if doc != nil && doc.GroupID != t.GroupID {
		return explain.Explanation{}, fmt.Errorf("%s is for %s, not for %s", e.baseline, doc.GroupID, t.GroupID)
	}
	grounds, err := explain.Read(ctx, &a.Account, t, e.baseline, doc)
	if err != nil {
		return explain.Explanation{}, err
	}
	// A group that was deleted from EC2 may still have a baseline. One that has neither is
	// mistyped, or elsewhere.
	if e.event == "" && !grounds.HasBaseline() {
		if _, err := a.FindGroup(ctx, t.GroupID); err != nil {
			return explain.Explanation{}, err
		}
	}
	return grounds.Explain(t, a.Now()), nil
}

// document reads the file to judge by, nil where there is none.
func (e explainRequest) document() (*baseline.Document, error) {
	if e.baseline == "" {
		return nil, nil
	}
	files := []basefile.File{basefile.ReadOne(e.baseline)}
	return files[0].Doc, errors.Join(basefile.Usable(files), basefile.OnlyGroups(files, "explain"))
}

// groupAsked returns the id of the group that a rule is for. A file names its own group,
// so that it can be judged by without AWS.
func (a *app) groupAsked(ctx context.Context, e explainRequest, doc *baseline.Document) (string, error) {
	name, isName := baseline.Name(e.group)
	if doc != nil && (e.group == "" || isName && name == doc.GroupName) {
		return doc.GroupID, nil
	}
	ids, err := a.FindIDs(ctx, e.group)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// triggerOf makes of the request what the remediator would be triggered by, or
// the reason why it wouldn't.
func (a *app) triggerOf(e explainRequest) (t trail.Trigger, nothing string, err error) {
	if e.event != "" {
		return explain.ReadEvent(a.in, e.event)
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
	groups, err := a.Groups(ctx)
	if err != nil {
		return "", err
	}
	group, err := groups.GroupByName(ctx, t.GroupName)
	if err != nil {
		return "", fmt.Errorf("the event names its group only as %q, in the default VPC: %w", t.GroupName, err)
	}
	return group.ID, nil
}

func (a *app) printExplanation(x explain.Explanation) error {
	var err error
	if a.output == "json" {
		err = a.printJSON(x)
	} else {
		_, err = io.WriteString(a.out, x.Text(a.painter()))
	}
	if err == nil && x.HasFindings() {
		err = errFindings
	}
	return err
}
