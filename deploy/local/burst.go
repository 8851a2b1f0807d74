package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
)

const (
	burstSize  = 10 // calls
	burstMails = 2  // at most, for all of them
	// burstWait is how long alerts wait for others in this scene: long enough for a busy machine to revert all the rules.
	burstWait = 5 * time.Second
)

// burst is a scene in which an intruder opens many ports with a call for each. People get a mail or two, which name each
// rule once.
func (st *stage) burst(title, group string) *scene {
	var rules []string
	for i := range burstSize {
		rules = append(rules, fmt.Sprintf("ingress tcp %d 0.0.0.0/0", 9001+i))
	}
	s := revoked(title, group, rules[0], "mallory")
	s.also, s.kind, s.findings = rules, "", nil // no single alert tells of all
	s.until = func(live []string) bool {
		return !slices.ContainsFunc(rules, func(rule string) bool { return slices.Contains(live, rule) })
	}
	s.play = func(ctx context.Context, s *scene) error {
		if err := st.WaitMails(ctx); err != nil {
			return err
		}
		before := len(st.Mails())
		st.SetMailWait(burstWait)
		defer st.SetMailWait(mailWait)
		st.screen.printf("  mails wait %d s for alerts that belong together, here; 30 s as deployed\n", int(burstWait.Seconds()))
		if err := st.openAll(ctx, s, rules); err != nil {
			return err
		}
		answered := time.Now()
		st.screen.printf("  %s opens the ports 9001 to %d on %s, with a call for each; EC2 says yes %d times\n", s.by, 9000+burstSize, group, burstSize)
		if err := st.waitUntil(ctx, s, answered); err != nil || s.problem != "" {
			return err
		}
		if err := st.WaitMails(ctx); err != nil {
			return err
		}
		if problem := burstProblem(st.Mails()[before:], rules, s.by); problem != "" {
			s.fail(st.screen, problem)
		}
		return nil
	}
	return s
}

// openAll opens rules at once, with a call for each.
func (st *stage) openAll(ctx context.Context, s *scene, rules []string) error {
	client, errs := st.client(s), make([]error, len(rules))
	var all sync.WaitGroup
	for i, rule := range rules {
		all.Go(func() { errs[i] = reference.Authorize(ctx, client, st.groups.Named(s.group).ID, rule) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// burstProblem says what is wrong with the mails that tell of rules that somebody opened at once.
func burstProblem(mails []cloud.Mail, rules []string, by string) string {
	text := ""
	for _, m := range mails {
		text += m.Body + "\n"
		if !strings.Contains(m.Body, by) { // a digest names who did each act below its first lines
			return fmt.Sprintf("the mail %q does not say that %s did it", m.Subject, by)
		}
	}
	if len(mails) == 0 || len(mails) > burstMails {
		return fmt.Sprintf("%d calls made %d mails", len(rules), len(mails))
	}
	for _, rule := range rules {
		reported := 0
		for line := range strings.Lines(text) { // of a finding: what became of the rule, and the rule
			if strings.HasPrefix(line, "  ") && strings.HasSuffix(line, " "+rule+"\n") {
				reported++
			}
		}
		if reported != 1 {
			return fmt.Sprintf("%s is reported %d times", rule, reported)
		}
	}
	return ""
}
