package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const pauseParameter = "/sg-baseline/pause"

func TestPause(t *testing.T) {
	t.Parallel()
	const (
		inForce = `{"schema":1,"until":"2026-11-21T14:00:00Z","reason":"CHG-77"}`
		ended   = `{"schema":1,"until":"2026-11-21T11:00:00Z","reason":"CHG-76"}`
	)
	cases := map[string]struct {
		stored  string
		args    string // separated by |
		out     string
		wantErr string
		leaves  string // in Parameter Store
		status  int    // where nothing fails
	}{
		"it is shown that there is none":          {"", "", "sgwarden is not paused: there is no pause at /sg-baseline/pause\n", "", "", 0},
		"it is shown that there is none, by name": {"", "--show", "sgwarden is not paused: there is no pause at /sg-baseline/pause\n", "", "", 0},
		"a pause in force is shown":               {inForce, "--show", pausedUntil14, "", inForce, 0},
		"a pause that has ended is shown":         {ended, "", "sgwarden is not paused: the pause ended at 2026-11-21T11:00:00Z (CHG-76)\n", "", ended, 0},
		"a broken pause is shown":                 {"{", "", "the pause at /sg-baseline/pause pauses nothing: not JSON", "", "{", 2},
		"a pause begins":                          {"", "2h|--reason|CHG-77", pausedUntil14, "", inForce, 0},
		"a pause replaces another":                {ended, "2h|--reason|CHG-77", pausedUntil14, "", inForce, 0},
		"a pause replaces a broken one":           {"{", "2h|--reason|CHG-77", pausedUntil14, "", inForce, 0},
		"a pause lasts a day at most":             {"", "24h|--reason|CHG-77", "sgwarden is paused until 2026-11-22T12:00:00Z (CHG-77), since 2026-11-21T12:00:00Z: nothing", "", `{"schema":1,"until":"2026-11-22T12:00:00Z","reason":"CHG-77"}`, 0},
		"a pause that has ended ends":             {ended, "--end", "sgwarden was not paused any more: the pause ended at 2026-11-21T11:00:00Z (CHG-76); now its document is deleted\n", "", "", 0},
		"a pause ends":                            {inForce, "--end", "the pause is ended: sgwarden changes security groups again\n", "", "", 0},
		"a broken pause ends":                     {"{", "--end", "the pause is ended", "", "", 0},
		"there is no pause to end":                {"", "--end", "sgwarden is not paused: there is no pause at /sg-baseline/pause\n", "", "", 0},
		"a pause of 25 hours":                     {"", "25h|--reason|x", "", "nothing was written: until: is later than 2026-11-22T12:00:00Z, which is 24 hours from now", "", 0},
		"a pause of 25 hours instead of another":  {inForce, "25h|--reason|x", "", "24 hours from now", inForce, 0},
		"a pause without a reason":                {"", "2h", "", "say why: --reason TEXT", "", 0},
		"a pause for a blank reason":              {"", "2h|--reason| ", "", "reason: is missing or blank", "", 0},
		"a pause of no time":                      {"", "0h|--reason|x", "", `"0h" is not how long to pause`, "", 0},
		"a pause that is over before it begins":   {"", "--reason|x|--|-1h", "", `"-1h" is not how long to pause`, "", 0},
		"a time that is none":                     {"", "soon|--reason|x", "", `"soon" is not how long to pause: want a time such as 2h or 30m, at most 24h`, "", 0},
		"an unset variable instead of a duration": {"", "|--reason|x", "", "DURATION is empty", "", 0},
		"a reason alone":                          {"", "--reason|x", "", "say for how long", "", 0},
		"to end and to begin":                     {inForce, "2h|--reason|x|--end", "", "say one thing", inForce, 0},
		"to end and to show":                      {inForce, "--show|--end", "", "say one thing", inForce, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParameterStore(t)
			cfg := p.configOf()
			if c.stored != "" {
				p.set(pauseParameter, c.stored)
			}
			args := []string{"pause"}
			if c.args != "" {
				args = append(args, strings.Split(c.args, "|")...)
			}
			got := runCommand(t, &cfg, "", args...)
			if c.wantErr != "" {
				if got.status != 1 || got.out != "" || !strings.Contains(got.errs, c.wantErr) {
					t.Errorf("got %+v, want %q", got, c.wantErr)
				}
			} else if got.status != c.status || got.errs != "" || !strings.HasPrefix(got.out, where+c.out) {
				t.Errorf("got %+v, want %q", got, c.out)
			}
			if value := p.value(pauseParameter); value != c.leaves {
				t.Errorf("Parameter Store holds %q, want %q", value, c.leaves)
			}
		})
	}
}

// where is what stands above everything.
const where = "account 123456789012, region us-east-1, prefix /sg-baseline\n"

const pausedUntil14 = `sgwarden is paused until 2026-11-21T14:00:00Z (CHG-77), since 2026-11-21T12:00:00Z: nothing is changed in EC2 for 2h
to go on at once: baseline pause --end
`

func TestPauseWithOutputJSON(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	for _, step := range []struct {
		args string
		want pauseState
	}{
		{"--show", pauseState{Parameter: pauseParameter}},
		{"2h --reason CHG-77", pauseState{Parameter: pauseParameter, Paused: true, Changed: true, Reason: "CHG-77"}},
		{"--show", pauseState{Parameter: pauseParameter, Paused: true, Reason: "CHG-77"}},
		{"--end", pauseState{Parameter: pauseParameter, Changed: true}},
		{"--end", pauseState{Parameter: pauseParameter}},
	} {
		got := runCommand(t, &cfg, "", append([]string{"pause", "--output", "json"}, strings.Fields(step.args)...)...)
		var state pauseState
		if err := json.Unmarshal([]byte(got.out), &state); err != nil || got.status != 0 {
			t.Fatalf("%v in %+v", err, got)
		}
		if hasTimes := state.Until != nil && state.Since != nil; hasTimes != step.want.Paused || state.Identity.Account != "123456789012" {
			t.Errorf("%s: %+v", step.args, state)
		}
		state.Until, state.Since, state.Identity = nil, nil, account.Identity{}
		if state != step.want {
			t.Errorf("%s: got %+v, want %+v", step.args, state, step.want)
		}
	}
}

// TestAPauseThatAWSTakesForTooLongIsAnError is about a machine whose clock is ahead.
func TestAPauseThatAWSTakesForTooLongIsAnError(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	p.written = now.Add(-time.Hour)
	got := runCommand(t, &cfg, "", "pause", "24h", "--reason", "x")
	expect(t, got, 1, "a pause was written, but the pause at /sg-baseline/pause pauses nothing", "is this machine's clock ahead of AWS's?")
	expect(t, runCommand(t, &cfg, "", "pause", "22h", "--reason", "x"), 0, "sgwarden is paused until")
}

func TestAPauseWithoutThePermission(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"PutParameter", "DeleteParameters", "GetParameters"} {
		p := newParameterStore(t)
		cfg := p.configOf()
		p.set(pauseParameter, "{")
		p.Inject(action, 20, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not authorized to perform ssm:" + action, Status: 400}})
		args := map[string][]string{"PutParameter": {"2h", "--reason", "x"}, "DeleteParameters": {"--end"}, "GetParameters": {"--show"}}[action]
		got := runCommand(t, &cfg, "", append([]string{"pause"}, args...)...)
		if says := got.out + got.errs; !strings.Contains(says, "not authorized to perform ssm:"+action) || got.status != 1 {
			t.Errorf("%s: got %+v", action, got)
		}
		if p.value(pauseParameter) != "{" {
			t.Errorf("%s: it was changed", action)
		}
	}
}

// TestAPauseInTheLocalAWS has the pause read as the remediator reads it.
func TestAPauseInTheLocalAWS(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
	pause := func(args ...string) ran {
		return runAt(t, time.Now(), &cfg, append([]string{"pause", "--prefix", store.Prefix}, args...)...)
	}
	expect(t, pause("2h", "--reason", "see {{ssm:x}}"), 0, "sgwarden is paused until")
	shared, err := store.ReadShared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	written, err := baseline.DecodePause(shared.Pause.Value, shared.Pause.ModifiedAt)
	if err != nil || written.Reason != "see {{ssm:x}}" || !written.Active(time.Now().Add(119*time.Minute)) {
		t.Errorf("%v: %+v", err, written)
	}
	expect(t, pause("--end"), 0, "the pause is ended")
	if shared, err = store.ReadShared(t.Context()); err != nil || shared.Pause.Exists() {
		t.Errorf("%v: it is still there: %s", err, shared.Pause.Value)
	}
}
