package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// open adds the scene's rule and returns when EC2 answered.
func (st *stage) open(ctx context.Context, s *scene) (time.Time, error) {
	err := reference.Authorize(ctx, st.client(s), st.groups.Named(s.group).ID, s.rule)
	answered := time.Now()
	if err == nil {
		st.screen.printf("  %s opens %s on %s; EC2 says yes\n", s.by, st.withNames(s.rule), s.group)
	}
	return answered, err
}

// nextSecond waits for the next second to begin: two versions of one second are
// reported together, since the events' times are in whole seconds.
func nextSecond(ctx context.Context) {
	now := time.Now()
	select {
	case <-time.After(now.Truncate(time.Second).Add(time.Second).Sub(now)):
	case <-ctx.Done():
	}
}

// push has somebody put a baseline into Parameter Store and waits until sgwarden has reported it.
func (st *stage) push(ctx context.Context, s *scene, by string, document *baseline.Document, what string) (reported delivered, err error) {
	nextSecond(ctx)
	version, err := reference.Put(ctx, ssm.NewFromConfig(st.As(by, principal(by))), prefix, document)
	if err != nil {
		return reported, err
	}
	answered := time.Now()
	st.changes++
	st.screen.printf("  %s pushes version %d of the baseline of %s, %s\n", by, version, s.group, what)
	reported, err = st.changeReported(ctx, s, "the baseline", prefix+"/groups/"+document.GroupID, version)
	reported.after = reported.Time.Sub(answered)
	return reported, err
}

// delivered is an alert as SNS took it and as a machine reads it.
type delivered struct {
	cloud.Alert
	document alert.Alert
	after    time.Duration // from SSM's answer to the alert, where the alert is of a push
}

// changeReported waits until sgwarden has dealt with a change of a document, and shows what it says of the change. The scene
// fails where sgwarden says nothing.
func (st *stage) changeReported(ctx context.Context, s *scene, what, parameter string, version int64) (reported delivered, err error) {
	if err := st.waitIdle(ctx); err != nil {
		return reported, err
	}
	for _, message := range st.Alerts() {
		document, err := read(message)
		if err != nil {
			return reported, err
		}
		about := alert.Baseline{Parameter: parameter, Version: version}
		if (document.Kind == alert.BaselineChanged || document.Kind == alert.ApprovalChanged) && document.Baseline == about {
			st.screen.printf("  the alert says: %s\n", st.withNames(changes(what, document)))
			return delivered{Alert: message, document: document}, nil
		}
	}
	s.fail(st.screen, "no alert says that "+what+" was changed")
	return reported, nil
}

// changes is what an alert says of a changed document, in a line.
func changes(what string, a alert.Alert) string {
	text := what + " was " + a.Reason
	if a.Kind == alert.ApprovalChanged {
		text = a.Reason // names the approval
	}
	if len(a.PermitsMore) > 0 {
		text += "; it permits more: " + strings.Join(a.PermitsMore, ", ")
	}
	if len(a.PermitsLess) > 0 {
		text += "; it permits less: " + strings.Join(a.PermitsLess, ", ")
	}
	return text
}

// stillThere looks whether the scene's rule is there, as it should be for now.
func (st *stage) stillThere(ctx context.Context, s *scene, text string) error {
	live, err := reference.Live(ctx, st.ec2, st.groups.Named(s.group).ID)
	if err != nil {
		return err
	}
	if !slices.Contains(live, s.rule) {
		s.fail(st.screen, "was revoked")
		return nil
	}
	st.screen.printf("  %s\n", text)
	return nil
}

// watch waits until the group is as it should be, and shows the alert that tells of it.
func (st *stage) watch(ctx context.Context, s *scene, since time.Time) error {
	if err := st.waitUntil(ctx, s, since); err != nil || s.problem != "" {
		return err
	}
	message, err := st.alertFor(ctx, s)
	if err != nil {
		s.fail(st.screen, err.Error())
		return nil
	}
	_, err = st.mailOf(ctx, s, message)
	return err
}

// waitUntil waits until the group is as it should be.
func (st *stage) waitUntil(ctx context.Context, s *scene, since time.Time) error {
	for {
		live, err := reference.Live(ctx, st.ec2, st.groups.Named(s.group).ID)
		if err != nil {
			return err
		}
		if s.until(live) {
			break
		}
		if time.Since(since) > st.patience {
			s.fail(st.screen, fmt.Sprintf("%s after %s", s.otherwise, st.patience))
			return nil
		}
		time.Sleep(10 * time.Millisecond) // each look costs moto, and so the function, some milliseconds
	}
	s.elapsed = time.Since(since)
	st.screen.printf("  %s after %d ms\n", st.screen.style(green, s.expected), s.elapsed.Milliseconds())
	return nil
}

// alertFor waits for the alert that tells of a scene.
func (st *stage) alertFor(ctx context.Context, s *scene) (delivered, error) {
	ctx, cancel := context.WithTimeout(ctx, st.patience)
	defer cancel()
	found, err := st.WaitAlert(ctx, func(message cloud.Alert) bool {
		document, err := read(message)
		return err == nil && s.isReportedBy(document, st.groups.Named(s.group).ID)
	})
	if err != nil {
		return delivered{}, fmt.Errorf("no alert says that it was %s: %w", s.expected, err)
	}
	document, err := read(found)
	return delivered{Alert: found, document: document}, err
}

func (s *scene) isReportedBy(a alert.Alert, groupID string) bool {
	said := map[string]alert.Action{}
	for _, f := range a.Findings {
		said[f.Rule] = f.Action
	}
	for text, action := range s.findings {
		if said[text] != action {
			return false
		}
	}
	outcome := alert.Reverted
	if s.kind == alert.PendingKind {
		outcome = alert.Pending
	}
	return a.Kind == s.kind && a.GroupID == groupID && a.Outcome == outcome
}
