package mail

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestASubjectShortensTheGroupFirstAndNeverTheOutcomeOrTheOrigin(t *testing.T) {
	t.Parallel()
	const origin = "123456789012 us-east-1"
	long := strings.Repeat("a-very-long-name-", 15)
	cases := map[string]struct {
		title title
		want  string
	}{
		"what fits is whole": {
			title{"reverted", "tcp 22 open to 0.0.0.0/0", "ecs-front", "", origin},
			"[sgwarden] reverted: tcp 22 open to 0.0.0.0/0 on ecs-front (123456789012 us-east-1)",
		},
		"a short outcome leaves room for the count of the rest": {
			title{"gone", "tcp 22 open to 10.0.0.0/8", "web", " and 29 more rules in 6 groups", "1 us-east-1"},
			"[sgwarden] gone: tcp 22 open to 10.0.0.0/8 on web and 29 more rules in 6 groups (1 us-east-1)",
		},
		"a long group name is truncated": {
			title{"reverted", "tcp 22 open to 0.0.0.0/0", long, "", origin},
			"[sgwarden] reverted: tcp 22 open to 0.0.0.0/0 on a-very-long-name-a-ver... (123456789012 us-east-1)",
		},
		"then the count of the rest": {
			title{"only partly reverted", "tcp 22 open to 0.0.0.0/0", "ecs-front", " and 1 more rule", origin},
			"[sgwarden] only partly reverted: tcp 22 from 0.0.0.0/0 on ecs-front +1 (123456789012 us-east-1)",
		},
		"then the rule": {
			title{"reverted", "tcp 22 open to 2001:db8:1111:2222:3333:4444:5555:6666/128", long, "", origin},
			"[sgwarden] reverted: tcp 22 from 2001:db8:1111:2222:333... on a-very-lo... (123456789012 us-east-1)",
		},
		"an account and a region that are no such things": {
			title{strings.Repeat("not reverted ", 8), "x", "y", "", strings.Repeat("1", 20) + " " + strings.Repeat("a", 24)},
			"[sgwarden] not reverted not reverted not reverte... (11111111111111111111 aaaaaaaaaaaaaaaaaaaaaaaa)",
		},
		"other characters than ASCII become question marks": {
			title{"reverted", "x\ny", "größe\u202e", "", origin},
			"[sgwarden] reverted: x?y on gr??e? (123456789012 us-east-1)",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.title.subject()
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			checkSubject(t, got)
		})
	}
}

func checkSubject(t *testing.T, subject string) {
	t.Helper()
	if len(subject) == 0 || len(subject) > 99 {
		t.Errorf("the subject has %d characters: %s", len(subject), subject)
	}
	for _, c := range subject {
		if c < ' ' || c > '~' {
			t.Errorf("the subject has %q: %q", c, subject)
		}
	}
}

func TestASubjectBeginsWithTheOutcome(t *testing.T) {
	t.Parallel()
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newView(s)
			got := v.subject()
			checkSubject(t, got)
			if v.outcome() == "" || !strings.HasPrefix(got, "[sgwarden] "+v.outcome()) {
				t.Errorf("%q does not begin with %q", got, v.outcome())
			}
			if !strings.HasSuffix(got, "(123456789012 us-east-1)") {
				t.Errorf("%q does not end with the account and the region", got)
			}
		})
	}
}

func TestARuleIsSaidAsPeopleSayIt(t *testing.T) {
	t.Parallel()
	peers := map[string]string{"sg-0bbb": "web\nalb"}
	cases := map[string]struct {
		rule    string
		verdict alert.Verdict
		want    string
	}{
		"a port":               {"ingress tcp 22 0.0.0.0/0", alert.Violation, "tcp 22 open to 0.0.0.0/0"},
		"all ports":            {"ingress tcp all 10.0.0.0/8", alert.Violation, "tcp, all ports, open to 10.0.0.0/8"},
		"all traffic":          {"ingress all all ::/0", alert.Violation, "all traffic open to ::/0"},
		"a missing rule":       {"ingress udp 53 10.0.0.0/8", alert.Missing, "udp 53 from 10.0.0.0/8"},
		"an egress rule":       {"egress tcp 8000-8080 pl-0ccc", alert.Violation, "outbound tcp 8000-8080 to pl-0ccc"},
		"a type of ICMP":       {"ingress icmp 8 10.0.0.0/8", alert.Violation, "icmp 8 open to 10.0.0.0/8"},
		"a protocol's number":  {"ingress 50 all 10.0.0.0/8", alert.Violation, "protocol 50 open to 10.0.0.0/8"},
		"a peer with its name": {"ingress tcp 80 sg-0bbb", alert.Violation, "tcp 80 open to web?alb (sg-0bbb)"},
		"what can't be read":   {"ingress \u202e", alert.Violation, "ingress ?"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := closedPhrase(alert.Closed{Rule: c.rule, Verdict: c.verdict}, peers)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
