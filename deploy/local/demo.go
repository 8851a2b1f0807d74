package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// errUnexpected says that sgwarden did not do what it should, of which the output has the details.
var errUnexpected = errors.New("sgwarden did not do what it should")

// scene is one thing that somebody does, and what came of it.
type scene struct {
	title    string
	group    string
	rule     string   // rule text
	also     []string // further rules that the scene is about
	by       string   // who does it
	unheard  bool     // CloudTrail's event never comes
	expected string   // in a word
	play     func(context.Context, *scene) error

	until     func(live []string) bool // whether the group is as it should be in the end
	otherwise string                   // what to say where it never is
	kind      alert.Kind               // of the alert that tells what became of the rule; "" for none
	findings  map[string]alert.Action  // what that alert has to say of which rule
	leaves    []string                 // rules that the group has for good since then
	brief     bool                     // show the mail without its details

	elapsed time.Duration // from AWS's answer, or the sweep's beginning, to what sgwarden made of the change
	problem string        // what is not as it should be
}

func (st *stage) scenes() []*scene {
	const office, world = "ingress tcp 443 10.0.0.0/16", "ingress tcp 443 0.0.0.0/0"
	return []*scene{
		st.intrusion("An intruder opens SSH to the world on the front end", "ecs-front", "ingress tcp 22 0.0.0.0/0", false),
		st.intrusion("An intruder lets the database talk to anybody", "rds", "egress all all 0.0.0.0/0", true),
		{
			title: "An approved change: the baseline first, then the rule", group: "alb-internal", rule: office, by: "ana",
			expected: "stays", play: st.approvedChange, leaves: []string{office},
		},
		{
			title: "An intruder widens that very rule, under the same id", group: "alb-internal", rule: world, by: "mallory",
			expected: "cut back", play: st.widening(office), kind: alert.Drift, brief: true,
			until:     func(live []string) bool { return !slices.Contains(live, world) && slices.Contains(live, office) },
			otherwise: "not cut back to what is approved",
			findings:  map[string]alert.Action{office: alert.ActionRestored, world: alert.ActionRevoked},
		},
		st.removal("An intruder cuts the API off from its database", "ecs-api", "egress tcp 3306 "+st.groups.Named("rds").ID),
		st.exception("An exception that expires", "ecs-front", "ingress tcp 22 203.0.113.7/32"),
		st.unheard("A change of which no event tells", "rds", "ingress tcp 3306 198.51.100.0/24"),
		st.forgotten("A change that nobody approved, approved with the alert's own command", "alb-public", "ingress tcp 8443 198.51.100.7/32"),
		st.mistake("A baseline pushed without its egress rules by mistake, and brought back in time", "ecs-api", "egress tcp 3306 "+st.groups.Named("rds").ID),
		st.burst("An intruder opens ten ports at once", "ecs-api"),
		st.pending("A trusted pipeline's change, which waits for approval", "alb-internal", "ingress tcp 8443 10.20.0.0/16"),
	}
}

// demo plays the scenes and fails unless each one, and nothing else, comes to what it should.
func demo(ctx context.Context, s *screen, options settings) (err error) {
	var shown atomic.Pointer[stage] // mails that come before the stage is set are shown by their first lines
	options.cloud.Mailed = func(m cloud.Mail) {
		if st := shown.Load(); st != nil {
			st.showMail(m)
		} else {
			s.letter("a mail arrives:", lead(m))
		}
	}
	st, err := setUp(ctx, s, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	shown.Store(st)
	s.title("The service, as its baselines approve it")
	st.printGroups()
	scenes := st.scenes()
	for i, scene := range scenes {
		s.title(fmt.Sprintf("%d. %s", i+1, scene.title))
		if err := st.perform(ctx, scene); err != nil {
			return st.explain(err)
		}
	}
	return st.conclude(ctx, scenes)
}

func (st *stage) perform(ctx context.Context, s *scene) error {
	ctx, cancel := context.WithTimeout(ctx, 2*idleTime)
	defer cancel()
	return s.play(ctx, s)
}

// pipeline does what it does as a session of a role. Everybody else is an IAM user.
const (
	pipeline     = "terraform-ci"
	pipelineRole = "arn:aws:iam::" + cloud.Account + ":role/" + pipeline
)

func principal(name string) proxy.Principal {
	who := proxy.Principal{Identity: proxy.User(cloud.Account, name), SourceIP: "198.51.100.7"}
	switch name {
	case "mallory":
		who.SourceIP = "203.0.113.66"
	case pipeline:
		who.Identity = proxy.Role(cloud.Account, pipelineRole, "run-4711", time.Now().UTC().Format("2006-01-02T15:04:05Z"))
	}
	return who
}

// client is whoever does it.
func (st *stage) client(s *scene) *ec2.Client {
	who := principal(s.by)
	who.Unrecorded = s.unheard
	return ec2.NewFromConfig(st.As(fmt.Sprintf("%s-%t", s.by, s.unheard), who))
}

func (s *scene) fail(to *screen, problem string) {
	s.problem = problem
	to.printf("  %s\n", to.style(red, problem))
}
