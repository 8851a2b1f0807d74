package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

const (
	sshToAll  = `{"schema":1,"groupId":"sg-000","ingress":[{"protocol":"tcp","ports":"22","sources":["0.0.0.0/0"]}]}`
	noIngress = `{"schema":1,"groupId":"sg-000","ingress":[]}`
	noneFile  = headOf000 + "ingress: []\n"
)

// withLiveSSH is a group with one live rule, which its baseline permitted until a
// while ago.
func withLiveSSH(t *testing.T, ago time.Duration) checkout {
	t.Helper()
	c := newCheckout(t, noneFile)
	c.store.rules["sg-000"] = append(c.store.rules["sg-000"], openRule("sg-000", 22))
	c.store.written = now.Add(-48 * time.Hour)
	c.store.set("/sg-baseline/groups/sg-000", sshToAll)
	c.store.written = now.Add(-ago)
	c.store.set("/sg-baseline/groups/sg-000", noIngress)
	return c
}

func (c checkout) plan() ran {
	c.t.Helper()
	cfg := c.store.configOf()
	return runCommand(c.t, &cfg, "", "plan", c.file)
}

func TestAnUnchangedBaselineHasTheGraceOfTheVersionInForce(t *testing.T) {
	t.Parallel()
	const noHistory = "earlier versions of the baseline can't be read"
	expect(t, withLiveSSH(t, 3*time.Minute).plan(), 2, "revoked at 12:07 UTC  ingress tcp 22 0.0.0.0/0  # when the grace ends: version 1 permits the rule until then", "0 baselines to write, 1 unchanged")
	expect(t, withLiveSSH(t, 30*time.Minute).plan(), 2, "revoked at once       ingress tcp 22 0.0.0.0/0")
	c := withLiveSSH(t, 3*time.Minute)
	c.store.Inject("GetParameterHistory", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you", Status: 400}})
	expect(t, c.plan(), 2, "revoked at 12:07 UTC  ingress tcp 22 0.0.0.0/0  # when the grace ends: "+noHistory)
}

func TestABaselineThatIsWrittenWhileItIsPlannedIsPlannedAgain(t *testing.T) {
	t.Parallel()
	c := newCheckout(t, "")
	expect(t, c.push(headOf000+nothing), 0)
	c.store.onHistory = func(name string) (func(), error) {
		c.store.mu.Lock()
		defer c.store.mu.Unlock()
		c.store.set(name, theirs)
		return func() {}, nil
	}
	expect(t, c.push(headOf000+"mode: alert\n"+nothing), 1, "/sg-baseline/groups/sg-000 was version 1: it has changed meanwhile", "Plan again")
	if c.store.puts != 1 {
		t.Errorf("%d writes", c.store.puts)
	}
}

func TestAGroupThatIsNotThereIsSaidBeforeWhatOthersChanged(t *testing.T) {
	t.Parallel()
	c := newCheckout(t, "")
	expect(t, c.push(headOf000+nothing), 0)
	c.store.set("/sg-baseline/groups/sg-000", theirs)
	expect(t, c.push(headOf000+"mode: alert\n"+nothing), 1, "others changed the baseline of sg-000")
	c.store.deleted["sg-000"] = true
	got := c.push(headOf000 + "mode: alert\n" + nothing)
	expect(t, got, 1, "there is no security group sg-000 in account 123456789012, region us-east-1")
	if strings.Contains(got.errs, "others changed") || strings.Contains(got.errs, "baseline pull") {
		t.Error(got.errs)
	}
	expect(t, c.push(headOf000+nothing, "--force"), 1, "there is no security group sg-000")
}

// TestWhoThinksLongGetsALaterGrace answers the question five minutes after it.
func TestWhoThinksLongGetsALaterGrace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		thinks time.Duration
		want   string
	}{
		"at once":            {0, "version 2; 1 live rule revoked at 12:10 UTC"},
		"five minutes later": {5 * time.Minute, "version 2; 1 live rule revoked at 12:15 UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := newCheckout(t, noneFile)
			web.store.rules["sg-000"] = append(web.store.rules["sg-000"], openRule("sg-000", 22))
			web.store.written = now.Add(-time.Hour)
			web.store.set("/sg-baseline/groups/sg-000", sshToAll)
			cfg, clock := web.store.configOf(), now
			answering := readerFunc(func(into []byte) (int, error) {
				clock = clock.Add(c.thinks)
				return copy(into, "y\n"), nil
			})
			a := &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return clock }, Config: &cfg}, in: person{answering}}
			expect(t, run(t, a, "push", web.file, "--force"), 0, c.want)
		})
	}
}
