package main

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// soon is how long before its end an approval is remarked on.
const soon = 24 * time.Hour

// remark says what holds for all groups. A remark is no difference.
func (c *comparison) remark(pause baseline.Stored, approved account.Approvals, now time.Time) {
	inForce, problem := account.PauseInForce(pause, now)
	if inForce != nil {
		c.PausedUntil = &inForce.Until
		c.Remarks = append(c.Remarks, account.PausedText(inForce)+": nothing is changed in EC2")
	}
	if problem != nil {
		c.Remarks = append(c.Remarks, problem.Error())
	}
	c.Remarks = append(c.Remarks, approved.Unusable...)
}

// remarkApprovals names approvals that end soon, and of those that no live rule
// of the group makes use of.
func (c *comparison) remarkApprovals(groupID string, approved []*baseline.Approval, live []secgroup.LiveRule, now time.Time) {
	for _, a := range approved {
		if !a.Active(now) {
			continue
		}
		name := fmt.Sprintf("%s: the approval %s (%s)", groupID, a.Name, a.Reason)
		switch {
		case !consequence.Used(a, live):
			c.onApprovals = append(c.onApprovals, name+" permits no live rule of the group")
		case a.Expires.Sub(now) < soon:
			c.onApprovals = append(c.onApprovals, fmt.Sprintf("%s ends at %s", name, words.Clock(a.Expires, now)))
		}
	}
}
