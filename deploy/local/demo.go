package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
)

// errUnexpected says that sgwarden did not do what it should, of which the output has the details.
var errUnexpected = errors.New("sgwarden did not do what it should")

// attempt is one change that somebody makes, and what came of it.
type attempt struct {
	title    string
	group    string
	rule     string // rule text
	by       string
	approved bool

	elapsed time.Duration // from EC2's answer to the rule's end, or to the verdict where it stays
	problem string        // what is not as it should be
}

func (a *attempt) expected() string {
	if a.approved {
		return "stays"
	}
	return "revoked"
}

// demo shows the attempts and fails unless each one, and nothing else, comes to what it should.
func demo(ctx context.Context, s *screen, options settings) (err error) {
	st, err := setUp(ctx, s, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	s.title("The service, as its baselines approve it")
	st.printGroups()

	mallory := ec2.NewFromConfig(st.As("mallory", proxy.Principal{Identity: proxy.User(cloud.Account, "mallory"), SourceIP: "203.0.113.66"}))
	ana := ec2.NewFromConfig(st.As("ana", proxy.Principal{Identity: proxy.User(cloud.Account, "ana"), SourceIP: "198.51.100.7"}))
	attempts := []*attempt{
		{title: "An intruder opens SSH to the world on the front end", group: "ecs-front", rule: "ingress tcp 22 0.0.0.0/0", by: "mallory"},
		{title: "An intruder lets the database talk to anybody", group: "rds", rule: "egress all all 0.0.0.0/0", by: "mallory"},
		{title: "An approved change: the baseline first, then the rule", group: "alb-internal", rule: "ingress tcp 443 10.0.0.0/16", by: "ana", approved: true},
	}
	for i, a := range attempts {
		s.title(fmt.Sprintf("%d. %s", i+1, a.title))
		client := mallory
		if a.by == "ana" {
			client = ana
		}
		if err := st.perform(ctx, client, a); err != nil {
			return st.explain(err)
		}
	}
	return st.conclude(ctx, attempts)
}

// perform makes the change and watches what becomes of it.
func (st *stage) perform(ctx context.Context, client *ec2.Client, a *attempt) error {
	ctx, cancel := context.WithTimeout(ctx, 2*st.patience)
	defer cancel()
	group := st.groups.Named(a.group)
	if a.approved {
		version, err := group.Push(ctx, st.ssm, prefix, a.rule)
		if err != nil {
			return err
		}
		st.screen.printf("  %s pushes version %d of the baseline of %s, which permits %s\n", a.by, version, a.group, a.rule)
		if err := st.settle(ctx); err != nil {
			return err
		}
	}
	if err := reference.Authorize(ctx, client, group.ID, a.rule); err != nil {
		return err
	}
	answered := time.Now()
	st.screen.printf("  %s opens %s on %s; EC2 says yes\n", a.by, a.rule, a.group)
	if a.approved {
		return st.watchItStay(ctx, a, group, answered)
	}
	return st.watchItGo(ctx, a, group, answered)
}

func (st *stage) watchItGo(ctx context.Context, a *attempt, group reference.Group, answered time.Time) error {
	for {
		live, err := reference.Live(ctx, st.ec2, group.ID)
		if err != nil {
			return err
		}
		if !slices.Contains(live, a.rule) {
			break
		}
		if time.Since(answered) > st.patience {
			a.fail(st.screen, fmt.Sprintf("still there after %s", st.patience))
			return nil
		}
		time.Sleep(10 * time.Millisecond) // each look costs moto, and so the function, some milliseconds
	}
	a.elapsed = time.Since(answered)
	st.screen.printf("  %s after %d ms\n", st.screen.style(green, "revoked"), a.elapsed.Milliseconds())
	message, err := st.alertFor(ctx, a, group)
	if err != nil {
		a.fail(st.screen, err.Error())
		return nil
	}
	st.screen.printf("  The security team gets, %d ms after the change:\n\n", message.Time.Sub(answered).Milliseconds())
	st.screen.quote("Subject: " + message.Subject + "\n\n" + message.Email)
	return nil
}

func (st *stage) watchItStay(ctx context.Context, a *attempt, group reference.Group, answered time.Time) error {
	if err := st.settle(ctx); err != nil {
		return err
	}
	a.elapsed = time.Since(answered)
	live, err := reference.Live(ctx, st.ec2, group.ID)
	if err != nil {
		return err
	}
	if !slices.Contains(live, a.rule) {
		a.fail(st.screen, "was revoked")
		return nil
	}
	st.screen.printf("  judged after %d ms: %s, and nobody is bothered\n", a.elapsed.Milliseconds(), st.screen.style(green, "it stays"))
	return nil
}

func (a *attempt) fail(s *screen, problem string) {
	a.problem = problem
	s.printf("  %s\n", s.style(red, problem))
}
