package remediate_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestTheAlertSaysWhereTheGroupMatters(t *testing.T) {
	t.Parallel()
	const fromBack = "ingress tcp 8080 sg-0bbbbbbbbbbbbbbbb"
	used := &alert.Interfaces{Total: 3, Public: 1}
	withName := map[string]string{"sg-0bbbbbbbbbbbbbbbb": peerName}
	cases := map[string]struct {
		fails      string
		name       string
		interfaces *alert.Interfaces
		peers      map[string]string
	}{
		"all of it": {"", "ecs-front", used, withName},
		"a failure to count costs the interfaces only": {"interfaces", "ecs-front", nil, withName},
		"a failure to find names costs the peers only": {"names", "ecs-front", used, nil},
		"a failure to describe costs the name only":    {"group", "", used, withName},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh, fromBack})
			if c.fails != "" {
				a.fail(c.fails, errors.New("throttled"))
			}
			if _, err := a.remediator().Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
				t.Fatal(err)
			}
			got := a.alerts(t)[0]
			if got.Outcome != alert.Reverted || len(a.live) != 0 {
				t.Errorf("%s, %d rules live: the revoke must not depend on it", got.Outcome, len(a.live))
			}
			if got.GroupName != c.name {
				t.Errorf("got the name %q, want %q", got.GroupName, c.name)
			}
			if diff := cmp.Diff(c.interfaces, got.Interfaces); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.peers, got.Peers); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamesAreAskedForOnlyWhereARuleRefersToAnotherGroup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"ingress tcp 8080 sg-0bbbbbbbbbbbbbbbb": true, "ingress tcp 8080 " + group: false, "ingress tcp 8080 10.0.0.0/8": false} {
		a := newAWS([]string{ssh, text})
		if _, err := a.remediator().Handle(context.Background(), events.MustRead("authorize-ingress-ipv4")); err != nil {
			t.Fatal(err)
		}
		asked := a.alerts(t)[0].Peers != nil
		if asked != want || len(a.live) != 0 {
			t.Errorf("%s: peers named: %v, live %v", text, asked, slices.Clone(a.liveTexts()))
		}
	}
}
