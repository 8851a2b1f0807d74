package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
)

// forgotten is a scene in which a rule is reverted, and the engineer on call approves it with the command of the alert.
func (st *stage) forgotten(title, group, text string) *scene {
	s := revoked(title, group, text, "ben")
	s.expected, s.leaves = "put back", []string{text}
	s.play = func(ctx context.Context, s *scene) error {
		reverting := revoked(title, group, text, s.by)
		if err := st.WaitMails(ctx); err != nil { // a digest of several acts would have no commands
			return err
		}
		answered, err := st.open(ctx, s)
		if err != nil {
			return err
		}
		if err := st.watch(ctx, reverting, answered); err != nil || reverting.problem != "" {
			s.problem = reverting.problem
			return err
		}
		s.elapsed = reverting.elapsed
		reported, err := st.alertFor(ctx, reverting)
		if err != nil {
			return err
		}
		mail, err := st.mailOf(ctx, s, reported)
		if err != nil || s.problem != "" {
			return err
		}
		if !strings.Contains(mail.Body, reported.document.Approve) {
			s.fail(st.screen, "the mail lacks the command that approves it")
			return nil
		}
		return st.approve(ctx, s, reported.document.Approve)
	}
	return s
}

// approve has the engineer on call paste the command of an alert. The scene's rule has to be there afterwards, and to
// stay although the event of its return has been judged.
func (st *stage) approve(ctx context.Context, s *scene, command string) error {
	if command == "" {
		s.fail(st.screen, "the alert has no command that approves it")
		return nil
	}
	before, err := st.approvalNames(ctx, s)
	if err != nil {
		return err
	}
	if err := st.paste(ctx, "ana", command); err != nil {
		return err
	}
	st.approvals++
	written, err := st.approvalNames(ctx, s)
	if err != nil {
		return err
	}
	written = slices.DeleteFunc(written, func(name string) bool { return slices.Contains(before, name) })
	if len(written) != 1 {
		s.fail(st.screen, fmt.Sprintf("the command wrote the approvals %q, not one", written))
		return nil
	}
	reported, err := st.changeReported(ctx, s, "the approval", written[0], 1)
	if err != nil || s.problem != "" {
		return err
	}
	if who := principal("ana").Identity.ARN; reported.document.Actor.ARN != who {
		s.fail(st.screen, fmt.Sprintf("the alert says that %q approved it, and not %s", reported.document.Actor.ARN, who))
		return nil
	}
	return st.stillThere(ctx, s, "the rule is back and judged; it stays")
}

// approvalNames are the names of the parameters that hold the approvals of the scene's group.
func (st *stage) approvalNames(ctx context.Context, s *scene) (names []string, err error) {
	stored, err := st.storedApprovals(ctx, s)
	for _, p := range stored {
		names = append(names, aws.ToString(p.Name))
	}
	return names, err
}

func (st *stage) storedApprovals(ctx context.Context, s *scene) ([]types.Parameter, error) {
	path := prefix + "/approvals/" + st.groups.Named(s.group).ID
	got, err := st.ssm.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: &path})
	if err != nil {
		return nil, fmt.Errorf("read the approvals of %s: %w", s.group, err)
	}
	return got.Parameters, nil
}

// pending is a scene in which a trusted pipeline opens a rule that no baseline permits. The rule may not be of severity
// high, which nobody is trusted with.
func (st *stage) pending(title, group, text string) *scene {
	return &scene{
		title: title, group: group, rule: text, by: pipeline, expected: "pending", brief: true, kind: alert.PendingKind,
		findings: map[string]alert.Action{text: alert.ActionPending}, leaves: []string{text},
		play: func(ctx context.Context, s *scene) error {
			if err := st.trust(ctx, s); err != nil || s.problem != "" {
				return err
			}
			answered, err := st.open(ctx, s)
			if err != nil {
				return err
			}
			if err := st.waitIdle(ctx); err != nil {
				return err
			}
			if err := st.stillThere(ctx, s, "judged; it stays for now"); err != nil || s.problem != "" {
				return err
			}
			return st.awaitsApproval(ctx, s, answered)
		},
	}
}

// trust has ana write the trust document, which names the pipeline's role.
func (st *stage) trust(ctx context.Context, s *scene) error {
	const name, hours = prefix + "/trust", 24
	document, err := baseline.EncodeTrust(&baseline.Trust{Principals: []baseline.Principal{{ARN: pipelineRole, Pending: hours * time.Hour}}})
	if err != nil {
		return err
	}
	put, err := ssm.NewFromConfig(st.As("ana", principal("ana"))).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(name), Value: aws.String(string(document)), Type: types.ParameterTypeString,
	})
	if err != nil {
		return fmt.Errorf("write the trust document: %w", err)
	}
	st.changes++
	st.screen.printf("  ana lists the pipeline's role in %s: what it opens waits %d hours for approval\n", name, hours)
	_, err = st.changeReported(ctx, s, "the trust", name, put.Version)
	return err
}

// awaitsApproval looks for the alert that says pending, and for the approval that lets the rule stay until then.
func (st *stage) awaitsApproval(ctx context.Context, s *scene, since time.Time) error {
	reported, err := st.alertFor(ctx, s)
	if err != nil {
		s.fail(st.screen, err.Error())
		return nil
	}
	s.elapsed = reported.Time.Sub(since)
	stored, err := st.storedApprovals(ctx, s)
	if err != nil {
		return err
	}
	name := judge.PendingPrefix + reported.document.Event.ID
	parameter := prefix + "/approvals/" + reported.document.GroupID + "/" + name
	i := slices.IndexFunc(stored, func(p types.Parameter) bool { return aws.ToString(p.Name) == parameter })
	if i < 0 {
		s.fail(st.screen, "there is no "+parameter)
		return nil
	}
	approval, err := baseline.DecodeApproval([]byte(aws.ToString(stored[i].Value)), name, aws.ToTime(stored[i].LastModifiedDate))
	if err != nil {
		return err
	}
	if len(approval.Rules) != 1 || approval.Rules[0].String() != s.rule {
		s.fail(st.screen, fmt.Sprintf("%s permits %v", parameter, approval.Rules))
		return nil
	}
	st.screen.printf("  %s permits it until %s\n", parameter, approval.Expires.UTC().Format(time.RFC3339))
	_, err = st.mailOf(ctx, s, reported)
	return err
}
