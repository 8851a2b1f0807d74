package alert_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

const listID = "pl-0a1b2c3d4e5f60718"

func ofList(outcome alert.Outcome, findings ...alert.Finding) alert.Alert {
	return alert.New(alert.Alert{
		Kind: alert.PrefixListKind, Outcome: outcome, Account: "111122223333", Region: "us-east-1", PrefixListID: listID, PrefixListName: "offices",
		Baseline: alert.Baseline{Parameter: "/sg-baseline/prefix-lists/" + listID, Version: 3}, Findings: findings,
	})
}

func entry(cidr string, verdict alert.Verdict, action alert.Action) alert.Finding {
	return alert.Finding{Rule: alert.EntryText(netip.MustParsePrefix(cidr)), Verdict: verdict, Action: action, Description: "it's $HOME"}
}

// TestWhatCanBeDoneAboutEntries: every command is for the AWS CLI alone.
func TestWhatCanBeDoneAboutEntries(t *testing.T) {
	t.Parallel()
	const look = "look at the entries of the prefix list"
	cases := map[string]struct {
		alert alert.Alert
		want  []string // labels, and beside it what a command changes
	}{
		"taken out":    {ofList(alert.Reverted, entry("0.0.0.0/0", alert.Violation, alert.ActionRevoked)), []string{"put back --add-entries 0.0.0.0/0", look, "pause sgwarden for one hour"}},
		"still there":  {ofList(alert.Failed, entry("0.0.0.0/0", alert.Violation, alert.ActionFailed)), []string{"close what is open --remove-entries 0.0.0.0/0", look, "pause sgwarden for one hour"}},
		"missing":      {ofList(alert.None, entry("10.0.0.0/8", alert.Missing, alert.ActionNone)), []string{"put back what is missing --add-entries 10.0.0.0/8", look, "pause sgwarden for one hour"}},
		"of another":   {ofList(alert.None, entry("0.0.0.0/0", alert.Violation, alert.ActionNone)), []string{look, "pause sgwarden for one hour"}},
		"no such rule": {ofList(alert.Reverted, alert.Finding{Rule: "entry $(reboot)/8", Verdict: alert.Violation, Action: alert.ActionRevoked}), []string{look, "pause sgwarden for one hour"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, action := range c.alert.Actions {
				label, _, _ := strings.Cut(action.Label, " (")
				for _, option := range []string{"--add-entries", "--remove-entries"} {
					if _, rest, found := strings.Cut(action.Command, option+` '[{"Cidr":"`); found {
						cidr, _, _ := strings.Cut(rest, `"`)
						label += fmt.Sprintf(" %s %s", option, cidr)
					}
				}
				if strings.Contains(action.Command, "$HOME") || strings.Contains(action.Command, "reboot") {
					t.Errorf("a shell would read %s", action.Command)
				}
				got = append(got, label)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestManyEntriesAreChangedInSeveralCalls(t *testing.T) {
	t.Parallel()
	var findings []alert.Finding
	for i := range 120 {
		findings = append(findings, entry(fmt.Sprintf("20.0.%d.0/24", i), alert.Violation, alert.ActionRevoked))
	}
	undo := ofList(alert.Reverted, findings...).Undo
	if n := strings.Count(undo, "ec2 modify-managed-prefix-list"); n != 3 || strings.Count(undo, "sleep 10") != 2 || strings.Count(undo, `"Cidr"`) != 120 {
		t.Errorf("%d calls: %.200s", n, undo)
	}
}

func TestAnEntryThatOpensPublicAddressesIsOfHighSeverity(t *testing.T) {
	t.Parallel()
	public := entry("20.0.0.0/24", alert.Violation, alert.ActionRevoked)
	public.OpensPublic = true
	for want, f := range map[alert.Severity]alert.Finding{alert.High: public, alert.Medium: entry("10.0.0.0/8", alert.Violation, alert.ActionRevoked)} {
		if got := ofList(alert.Reverted, f).Severity; got != want {
			t.Errorf("%s is %s, want %s", f.Rule, got, want)
		}
	}
}

func TestAlertsOfTwoPrefixListsHaveDifferentIDs(t *testing.T) {
	t.Parallel()
	a := ofList(alert.None)
	b := a
	b.PrefixListID = "pl-0b"
	if ids := []string{a.ID, alert.New(b).ID, alert.New(a).ID}; ids[0] == ids[1] || ids[0] != ids[2] {
		t.Errorf("got %v", slices.Compact(ids))
	}
	messages, err := alert.Messages(a)
	if err != nil || messages[0].Attributes["prefixListId"] != listID || messages[0].Attributes["groupId"] != "" {
		t.Errorf("got %v, %v", messages[0].Attributes, err)
	}
}
