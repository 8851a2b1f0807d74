package simulation

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// look is what an invocation sees of the groups and does to them. A sweep that is
// asked for another one meanwhile looks twice.
type look struct {
	seen  map[string]*sighting
	doors map[string]*door
	// inventory, listed and guardrails are what a sweep read of all groups, and tried
	// the groups that it read by themselves then, or tried to.
	inventory  map[string][]owned
	listed     map[string]answered
	guardrails []string
	tried      map[string]bool
	// listedApprovals are the texts of all groups' approvals that the sweep read.
	listedApprovals map[string][]string
}

func newLook() *look {
	return &look{seen: map[string]*sighting{}, doors: map[string]*door{}, inventory: map[string][]owned{}, listed: map[string]answered{}, tried: map[string]bool{}, listedApprovals: map[string][]string{}}
}

func (l *look) sighting(group string) *sighting {
	if l.seen[group] == nil {
		l.seen[group] = &sighting{}
	}
	return l.seen[group]
}

func (l *look) door(group string) *door {
	if l.doors[group] == nil {
		l.doors[group] = &door{before: map[string]int{}, calls: map[string]int{}, lastID: map[string]string{}, last: map[string]outcome{}}
	}
	return l.doors[group]
}

// reads notes that a call about rules leaves its function. One about all groups
// begins another look.
func (i *invocation) reads(c *call) {
	group := c.form.Get("Filter.1.Value.1")
	switch {
	case c.action != "DescribeSecurityGroupRules":
	case group != "":
		i.tried[group] = true
	case c.form.Get("NextToken") == "" && c.id != i.inventoryID:
		if i.inventoryID != "" {
			i.looks = append(i.looks, newLook())
			i.look = i.looks[len(i.looks)-1]
		}
		i.inventoryID = c.id
	}
}

// sawList notes a page of all baselines, or of approvals.
func (i *invocation) sawList(r ssmRequest, page []version, last bool) {
	if strings.HasPrefix(r.Path+"/", approvalsPath) {
		i.sawApprovals(r.Path, r.NextToken, page, last)
		return
	}
	for _, p := range page {
		if group, isGroup := strings.CutPrefix(p.Name, groupsPath); isGroup {
			i.listed[group] = answered{baseline: p.Value, baselineAt: time.Now(), approvals: i.listedApprovals[group]}
		}
	}
}

// judgeHandedOn: a sweep that has all its time looks into each group of which it
// saw a violation, whatever else fails.
func (w *world) judgeHandedOn(i *invocation) {
	if i.delivery.event != nil || i.interrupted || w.sweepTime < sweeperTime {
		return
	}
	for _, l := range i.looks {
		for _, group := range slices.Sorted(maps.Keys(l.inventory)) {
			by, isListed := l.listed[group]
			if !isListed && len(l.guardrails) > 0 {
				by = answered{guardrail: l.guardrails[len(l.guardrails)-1], baselineAt: time.Now(), approvals: l.listedApprovals[group]}
			}
			violates, judged := w.verdict(by)
			if judged && !l.tried[group] && slices.ContainsFunc(l.inventory[group], func(o owned) bool { return violates(naive.Universe[o.rule]) }) {
				w.broken("door", "%v saw a violation of %s and did not look into it", i, group)
			}
		}
	}
}

// writesFor is the group for which a call writes, "" where it only reads. The read
// of a baseline's versions counts too: what is read after it, is read for the alert.
func (c *call) writesFor() string {
	switch {
	case c.service == "sns":
		alert, _, err := c.alert()
		if err != nil {
			return ""
		}
		return alert.GroupID
	case c.service == "ec2" && !strings.HasPrefix(c.action, "Describe"):
		return c.form.Get("GroupId")
	case c.action == "GetParameterHistory":
		return groupAsked([]string{c.ssm.Name})
	case c.action == "PutParameter":
		path, _ := strings.CutPrefix(c.ssm.Name, unreportedPath)
		group, _, _ := strings.Cut(path, "/")
		return group
	}
	return ""
}
