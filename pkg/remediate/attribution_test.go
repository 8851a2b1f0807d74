package remediate_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// attribution is what an alert says about who brought its findings about.
type attribution struct {
	Actor, Exposure bool
	Opened          []string
}

func attributionOf(a alert.Alert) attribution {
	got := attribution{Actor: a.Actor != nil, Exposure: a.ExposureSeconds != nil}
	for _, f := range a.Findings {
		if f.OpenedByEvent {
			got.Opened = append(got.Opened, f.Rule)
		}
	}
	return got
}

func TestAnAlertNamesTheActorOnlyOfWhatTheEventOpened(t *testing.T) {
	t.Parallel()
	const others = "ingress tcp 3306 0.0.0.0/0"
	cases := map[string]struct {
		live     []string
		approved []string
		own      bool // the event's call was sgwarden's own
		want     attribution
	}{
		"the event opened the rule":               {[]string{ssh}, nil, false, attribution{true, true, []string{ssh}}},
		"another rule was open besides":           {[]string{ssh, others}, nil, false, attribution{true, true, []string{ssh}}},
		"only another rule is a violation":        {[]string{ssh, others}, []string{ssh}, false, attribution{}},
		"sgwarden's own call opened the rule":     {[]string{ssh}, nil, true, attribution{}},
		"sgwarden's own call, and another's rule": {[]string{ssh, others}, []string{ssh}, true, attribution{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.live, c.approved...)
			r := a.remediator()
			if c.own {
				r.OwnRoles = []string{"arn:aws:iam::111122223333:user/ana"} // who made the sample event's call
			}
			if _, err := r.Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, attributionOf(a.alerts(t)[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}
