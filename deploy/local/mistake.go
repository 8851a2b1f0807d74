package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// graceMinutes is the grace that the mistaken baseline has, whatever the stack's is.
const graceMinutes = 10

// mistake is a scene in which somebody pushes a baseline without its egress rules. The alert says which live rules will
// go, and its command brings the baseline back before any of them has gone.
func (st *stage) mistake(title, group, text string) *scene {
	return &scene{
		title: title, group: group, rule: text, by: "ben", expected: "stays",
		play: func(ctx context.Context, s *scene) error {
			before, err := reference.Live(ctx, st.ec2, st.groups.Named(group).ID)
			if err != nil {
				return err
			}
			if err := st.WaitMails(ctx); err != nil { // a digest of several acts would have no commands
				return err
			}
			reported, err := st.pushMistake(ctx, s)
			if err != nil || s.problem != "" {
				return err
			}
			s.elapsed = reported.after
			mail, err := st.mailOf(ctx, s, reported)
			if err != nil || s.problem != "" {
				return err
			}
			if !strings.Contains(mail.Body, reported.document.Undo) {
				s.fail(st.screen, "the mail lacks the command that brings the version before back")
				return nil
			}
			if problem := announces(reported.document, before); problem != "" {
				s.fail(st.screen, problem)
				return nil
			}
			return st.bringBack(ctx, s, reported.document, before)
		},
	}
}

// pushMistake pushes the baseline in force without its egress rules.
func (st *stage) pushMistake(ctx context.Context, s *scene) (reported delivered, err error) {
	groupID := st.groups.Named(s.group).ID
	stored, err := st.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(prefix + "/groups/" + groupID)})
	if err != nil {
		return reported, fmt.Errorf("read the baseline of %s: %w", s.group, err)
	}
	document, err := baseline.Decode([]byte(aws.ToString(stored.Parameter.Value)), groupID)
	if err != nil {
		return reported, err
	}
	minutes := graceMinutes
	document.GraceMinutes, document.Egress = &minutes, []baseline.Entry{} // an absent list would leave egress alone
	return st.push(ctx, s, s.by, document, "without its egress rules: a mistake")
}

var untilTime = regexp.MustCompile(`until (\S+) only`)

// announces says what an alert of a changed baseline lacks of the live egress rules that will go, and of when; "" where
// it lacks nothing.
func announces(a alert.Alert, live []string) string {
	var want, got []string
	for _, text := range live {
		if strings.HasPrefix(text, "egress ") {
			want = append(want, text)
		}
	}
	for _, f := range a.Findings {
		got = append(got, f.Rule)
		until, err := time.Parse(time.RFC3339, append(untilTime.FindStringSubmatch(f.Reason), "", "")[1])
		if grace := until.Sub(a.Event.Time); err != nil || grace < (graceMinutes-1)*time.Minute || grace > (graceMinutes+1)*time.Minute {
			return fmt.Sprintf("the alert does not say that %s goes %d minutes after the push: %s", f.Rule, graceMinutes, f.Reason)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		return "the alert lists other rules than those that will go (-want +got): " + diff
	}
	return ""
}

// bringBack has the engineer on call paste the command that undoes the change. The group has to have all the rules that it
// had before.
func (st *stage) bringBack(ctx context.Context, s *scene, reported alert.Alert, before []string) error {
	if reported.Undo == "" {
		s.fail(st.screen, "the alert has no command that brings the version before back")
		return nil
	}
	nextSecond(ctx)
	if err := st.paste(ctx, "ana", reported.Undo); err != nil {
		return err
	}
	st.changes++
	again, err := st.changeReported(ctx, s, "the baseline", reported.Baseline.Parameter, reported.Baseline.Version+1)
	if err != nil || s.problem != "" {
		return err
	}
	if diff := cmp.Diff(reported.PermitsLess, again.document.PermitsMore); diff != "" || len(again.document.PermitsLess)+len(again.document.Findings) > 0 {
		s.fail(st.screen, "the command did not bring the version before back: "+diff)
		return nil
	}
	live, err := reference.Live(ctx, st.ec2, reported.GroupID)
	if err != nil {
		return err
	}
	if !slices.Equal(live, before) {
		s.fail(st.screen, "was cut: the group has "+strings.Join(live, ", "))
		return nil
	}
	st.screen.printf("  nothing was cut: the group has all its %d rules still\n", len(live))
	return nil
}
