package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// guardrailPlan is what pushing a file would change, and what became of it.
type guardrailPlan struct {
	Identity  account.Identity `json:"identity"`
	Parameter string           `json:"parameter"`
	From      int64            `json:"from"` // the version in force; 0: there is none
	Changes   []string         `json:"changes"`
	// Groups are those without a baseline that break the new guardrail now.
	Groups  []compare.Group `json:"groups"`
	Revokes int             `json:"revokes"` // live rules that will be revoked then
	Remarks []string        `json:"remarks,omitempty"`
	Result  pushResult      `json:"result,omitempty"` // of a push
	Version int64           `json:"version"`          // in force afterwards

	guardrail *baseline.Guardrail
	stored    baseline.Stored
}

func guardrailPlanCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "plan FILE",
		Short: "Say what a guardrail would change, and which live rules break it",
		Long: `Says in words what pushing the file would allow more and less, and which live rules of groups without a baseline would be
revoked or reported then. Approvals count.

Exit status: 0 nothing changes and nothing breaks it, 2 there are differences or rules that break it, 1 an error.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			plan, _, err := a.planGuardrail(c.Context(), args[0])
			if err != nil {
				return err
			}
			if err := a.printGuardrailPlan(plan); err != nil {
				return err
			}
			if len(plan.Changes)+len(plan.Groups) > 0 {
				return errFindings
			}
			return nil
		},
	}
}

// readGuardrail reads the file of a guardrail.
func readGuardrail(path string) (*baseline.Guardrail, error) {
	f := basefile.ReadOneAs(guardrailReading, path)
	if err := basefile.Usable([]basefile.File{f}); err != nil {
		return nil, err
	}
	return yamlfile.DecodeGuardrail(f.Data)
}

// planGuardrail compares a file with the guardrail in force and with live rules.
func (a *app) planGuardrail(ctx context.Context, path string) (*guardrailPlan, ssmstore.Store, error) {
	after, err := readGuardrail(path)
	if err != nil {
		return nil, ssmstore.Store{}, err
	}
	store, err := a.Store(ctx)
	if err != nil {
		return nil, store, err
	}
	where, err := a.Identity(ctx)
	if err != nil {
		return nil, store, err
	}
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return nil, store, err
	}
	stored := shared.Guardrail
	plan := &guardrailPlan{Identity: where, Parameter: store.Guardrail(), From: stored.Version, Version: stored.Version, Groups: []compare.Group{}, guardrail: after, stored: stored}
	var before *baseline.Guardrail
	if stored.Exists() {
		if before, err = account.DecodeGuardrail(stored); err != nil {
			plan.Remarks = append(plan.Remarks, fmt.Sprintf("replaces version %d, which can't be used: %v", stored.Version, err))
		}
	}
	plan.Changes = baseline.GuardrailChanges(before, after)
	return plan, store, a.breakGuardrail(ctx, store, shared.Pause, plan)
}

// breakGuardrail looks for live rules that break the new guardrail.
func (a *app) breakGuardrail(ctx context.Context, store ssmstore.Store, pause baseline.Stored, plan *guardrailPlan) error {
	guarded, err := a.Baselines(ctx, store, nil)
	if err != nil {
		return err
	}
	approved, err := a.StoredApprovals(ctx, store, nil)
	if err != nil {
		return err
	}
	groups, err := a.Groups(ctx)
	if err != nil {
		return err
	}
	there, live, err := a.LiveGroups(ctx, groups, ec2groups.Selection{})
	if err != nil {
		return err
	}
	var c comparison
	c.remark(pause, approved, a.Now())
	for id, group := range there {
		if _, has := guarded[id]; has {
			continue
		}
		g := compare.Group{GroupID: id, GroupName: group.Name, Changes: compare.Guardrail(plan.guardrail, judge.Grounds{Approvals: approved.Of[id]}, live[id], a.Now())}
		if g.Differs() {
			c.Groups = append(c.Groups, g)
		}
		if plan.guardrail.Enforces() {
			plan.Revokes += compare.Violations(g.Changes)
		}
	}
	plan.Remarks = append(plan.Remarks, c.sort().Remarks...)
	plan.Groups = append(plan.Groups, c.Groups...)
	return nil
}

func (a *app) printGuardrailPlan(plan *guardrailPlan) error {
	if a.output == "json" {
		return a.printJSON(plan)
	}
	_, err := fmt.Fprint(a.out, a.guardrailPlanText(plan))
	return err
}

func (a *app) guardrailPlanText(plan *guardrailPlan) string {
	var text strings.Builder
	text.WriteString(plan.Identity.String() + "\n\n" + compare.RemarksText(plan.Remarks))
	switch {
	case plan.From == 0 && !plan.stored.Exists():
		text.WriteString("there was no guardrail: groups without a baseline were left alone\n")
	case len(plan.Changes) == 0:
		fmt.Fprintf(&text, "the guardrail is as in %s, version %d\n", plan.Parameter, plan.From)
	}
	for _, c := range plan.Changes {
		text.WriteString("~ " + c + "\n")
	}
	if len(plan.Groups) > 0 {
		text.WriteString("\nlive rules of groups without a baseline that break it:\n\n" + compare.Text(a.painter(), plan.Groups))
	} else {
		text.WriteString("no live rule of a group without a baseline breaks it\n")
	}
	return text.String()
}
