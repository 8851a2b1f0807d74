package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
)

// reverts finds what was reverted since a time, in archives of alerts or in the log of the
// stack's functions. remark says that the log does not reach back that far.
func (a *app) reverts(ctx context.Context, r reportRequest, where account.Identity, period reverts.Period) (found reverts.Reverts, remark string, err error) {
	if len(r.alerts) > 0 {
		found, err = reverts.FromFiles(r.alerts, reverts.Origin{Account: where.Account, Region: where.Region}, period)
		return found, "", err
	}
	cfg, err := a.AWS(ctx)
	if err != nil {
		return found, "", err
	}
	stack, err := deadletters.ReadStack(ctx, cloudformation.NewFromConfig(cfg), r.stack, cfg.Region)
	if ctx.Err() != nil {
		return found, "", ctx.Err()
	}
	switch {
	case errors.Is(err, deadletters.ErrNoStack):
		return reverts.Reverts{NotRead: fmt.Sprintf("there is no stack %s in region %s, whose outputs name the log groups: name the stack with --stack-name, or archives of alerts with --alerts", r.stack, cfg.Region)}, "", nil
	case err != nil:
		return reverts.Reverts{NotRead: fmt.Sprintf("the log groups are not known (cloudformation:DescribeStacks): %v: name archives of alerts with --alerts instead", err)}, "", nil
	}
	groups := logGroupsOf(stack)
	if len(groups) == 0 {
		return reverts.Reverts{NotRead: fmt.Sprintf("the stack %s has no outputs RemediatorLogGroupName and SweeperLogGroupName: update the stack with deploy/deploy.sh, or name archives of alerts with --alerts", stack.Name)}, "", nil
	}
	p := a.Progress("asking the functions' log what was reverted", 0)
	defer p.Clear()
	found, err = reverts.Logs{Client: cloudwatchlogs.NewFromConfig(cfg), Groups: groups, Wait: waitFor}.Find(ctx, period)
	return found, retentionRemark(stack, period.From, period.Until), err
}

// logGroupsOf are the log groups of the functions that revert.
func logGroupsOf(stack deadletters.Stack) []string {
	var groups []string
	for _, output := range []string{"RemediatorLogGroupName", "SweeperLogGroupName"} {
		if name := stack.Outputs[output]; name != "" {
			groups = append(groups, name)
		}
	}
	return groups
}

// retentionRemark says that the log is kept for less than the time under review.
func retentionRemark(stack deadletters.Stack, since, now time.Time) string {
	days, err := strconv.Atoi(stack.Parameters["LogRetentionDays"])
	if err != nil || days <= 0 || !since.Before(now.AddDate(0, 0, -days)) {
		return ""
	}
	return fmt.Sprintf("the functions' log is kept for %d days, so what was reverted before %s is not told: keep the log for longer (deploy/deploy.sh, LogRetentionDays), or name archives of alerts with --alerts",
		days, now.AddDate(0, 0, -days).UTC().Format(time.DateOnly))
}

// waitFor waits for a time, or until the context ends.
func waitFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
