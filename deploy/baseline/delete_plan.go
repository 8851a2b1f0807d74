package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// deletionPlan is what is to be deleted, and what became of it.
type deletionPlan struct {
	Identity account.Identity `json:"identity"`
	Groups   []deleted        `json:"groups"` // and prefix lists, until they are shown
	Lists    []deleted        `json:"prefixLists,omitempty"`
}

// forMachines is the plan with groups and prefix lists in two lists.
func (p *deletionPlan) forMachines() deletionPlan {
	shown := *p
	shown.Groups, shown.Lists = groupsAndLists(p.Groups, deleted.isList)
	return shown
}

// deleted is one baseline that is to be deleted.
type deleted struct {
	GroupID        string   `json:"groupId,omitempty"`
	GroupName      string   `json:"groupName,omitempty"`
	PrefixListID   string   `json:"prefixListId,omitempty"`
	PrefixListName string   `json:"prefixListName,omitempty"`
	Exists         bool     `json:"exists"` // the group or prefix list, in EC2
	Parameter      string   `json:"parameter"`
	Version        int64    `json:"version"`
	Settings       string   `json:"settings,omitempty"`
	Rules          int      `json:"rules"`    // that it permits for good, or approved entries
	Released       []string `json:"released"` // live rules or entries that nothing permits, which nobody revokes or reports any more
	// Guardrail is what the guardrail says of the live rules, which judges them then.
	Guardrail []string `json:"guardrail"`
	Judged    bool     `json:"judged"`    // there is a guardrail
	Approvals []string `json:"approvals"` // their names

	Deleted          bool            `json:"deleted"`
	ApprovalsDeleted int             `json:"approvalsDeleted"`
	KeptIn           string          `json:"keptIn,omitempty"` // file
	Document         json.RawMessage `json:"document,omitempty"`
	Raw              string          `json:"raw,omitempty"` // of a broken one
	Error            string          `json:"error,omitempty"`

	stored        baseline.Stored
	doc           *baseline.Document // nil: broken, or of a prefix list
	list          *baseline.PrefixList
	problem       error    // why it is broken
	approvalNames []string // of the parameters
	mode          string   // of the guardrail
}

// plan reads all that the deletion is about. It changes nothing.
func (d deletion) plan(ctx context.Context, store ssmstore.Store, texts []string) (*deletionPlan, error) {
	lists, texts := listsAndGroups(texts)
	plan := &deletionPlan{}
	var err error
	if plan.Identity, err = d.Identity(ctx); err != nil {
		return nil, err
	}
	if len(texts) > 0 {
		if plan.Groups, err = d.planGroups(ctx, store, texts); err != nil {
			return nil, err
		}
	}
	for _, id := range lists {
		one, err := d.planList(ctx, store, id)
		if err != nil {
			return nil, err
		}
		plan.Groups = append(plan.Groups, one)
	}
	return plan, nil
}

// planGroups reads what the deletion of baselines of groups is about.
func (d deletion) planGroups(ctx context.Context, store ssmstore.Store, texts []string) ([]deleted, error) {
	groups, note, err := d.groupArguments(ctx, texts, true)
	if err != nil {
		return nil, err
	}
	if note != "" {
		return nil, errors.New(note)
	}
	live, err := d.liveRules(ctx, groups)
	if err != nil {
		return nil, err
	}
	var all []deleted
	for _, g := range groups {
		one, err := d.planOne(ctx, store, g, live[g.ID])
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// liveRules reads the rules of the groups that exist.
func (d deletion) liveRules(ctx context.Context, groups []groupArgument) (map[string][]secgroup.LiveRule, error) {
	var ids []string
	for _, g := range groups {
		if g.exists {
			ids = append(ids, g.ID)
		}
	}
	client, err := d.Groups(ctx)
	if err != nil {
		return nil, err
	}
	return d.LiveRules(ctx, client, ids)
}

func (d deletion) planOne(ctx context.Context, store ssmstore.Store, g groupArgument, live []secgroup.LiveRule) (deleted, error) {
	documents, err := store.Read(ctx, g.ID)
	if err != nil {
		return deleted{}, err
	}
	stored := documents.Group
	switch {
	case !stored.Exists():
		return deleted{}, d.noBaseline(ctx, store, g.ID)
	case stored.ReadError != nil:
		return deleted{}, fmt.Errorf("%s can't be read, so its text can't be kept: use credentials that may use its KMS key: %w", stored.Parameter, stored.ReadError)
	}
	one := deleted{
		GroupID: g.ID, GroupName: g.Name, Exists: g.exists, Parameter: stored.Parameter, Version: stored.Version,
		Released: []string{}, Guardrail: []string{}, Approvals: []string{}, stored: stored,
	}
	grounds := one.takeApprovals(documents.Approvals, d.Now())
	if one.doc, one.problem = baseline.Decode(stored.Value, g.ID); one.problem != nil {
		one.Raw = string(stored.Value)
	} else if err := one.setDocument(grounds, live, d.Now()); err != nil {
		return deleted{}, err
	}
	guardrail, err := account.DecodeGuardrail(documents.Guardrail)
	if err != nil {
		return deleted{}, err
	}
	one.setGuardrail(guardrail, grounds, live, d.Now())
	return one, nil
}

// takeApprovals notes the approvals of the group, and returns what they permit.
func (g *deleted) takeApprovals(all []baseline.Stored, now time.Time) judge.Grounds {
	approved := account.Approvals{Of: map[string][]*baseline.Approval{}}
	for _, a := range all {
		approved.Take(g.GroupID, a.Name(), a, now)
		g.Approvals, g.approvalNames = append(g.Approvals, a.Name()), append(g.approvalNames, a.Parameter)
	}
	return judge.Grounds{Approvals: approved.Of[g.GroupID]}
}

// setDocument says what the baseline protects from.
func (g *deleted) setDocument(grounds judge.Grounds, live []secgroup.LiveRule, now time.Time) (err error) {
	g.Settings, g.Rules = compare.SettingsText(g.doc), len(g.doc.PermanentRules())
	if g.GroupName == "" {
		g.GroupName = g.doc.GroupName
	}
	if g.Exists {
		g.Released = compare.Group{Changes: compare.Live(g.doc, grounds, live, now)}.Violating()
	}
	g.Document, err = baseline.Encode(g.doc)
	return err
}

// setGuardrail says what judges the group then.
func (g *deleted) setGuardrail(guardrail *baseline.Guardrail, grounds judge.Grounds, live []secgroup.LiveRule, now time.Time) {
	if g.Judged = len(guardrail.Forbid) > 0; g.Judged && g.Exists {
		g.mode = string(guardrail.Mode)
		g.Guardrail = compare.Group{Changes: compare.Guardrail(guardrail, grounds, live, now)}.Violating()
	}
}
