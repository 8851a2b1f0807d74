package mail

import (
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestHandledSaysWhatIsDoneAndWhatIsOpen(t *testing.T) {
	t.Parallel()
	of := func(outcome alert.Outcome, actions ...alert.Action) alert.Alert {
		a := drift(outcome)
		for i, action := range actions {
			a.Findings = append(a.Findings, finding([]string{ssh, proxy, alb, web}[i], action))
		}
		return a
	}
	exposed := func(a alert.Alert, seconds float64) alert.Alert {
		a.ExposureSeconds = &seconds
		return a
	}
	unnamed := of(alert.Reverted, alert.ActionRevoked, alert.ActionRevoked)
	unnamed.Findings[1].OpenedByEvent = false
	alongMissing := of(alert.Reverted, alert.ActionRevoked)
	alongMissing.Findings = append(alongMissing.Findings, missingRule(web, alert.ActionNone))
	alongMissing.RestoreOff = true
	news := of(alert.WouldRevert, alert.ActionNone)
	news.Reason = "the baseline is new, and nothing is revoked until 2026-11-29T07:20:30Z: AWS refuses the call"

	cases := map[string]struct {
		alert alert.Alert
		want  string
	}{
		"one rule":               {exposed(of(alert.Reverted, alert.ActionRevoked), 20.4), "Yes. sgwarden revoked the rule 20 seconds after it was opened."},
		"both rules":             {exposed(of(alert.Reverted, alert.ActionRevoked, alert.ActionRevoked), 1), "Yes. sgwarden revoked both rules 1 second after they were opened."},
		"all rules":              {exposed(of(alert.Reverted, alert.ActionRevoked, alert.ActionRevoked, alert.ActionRevoked), 0.3), "Yes. sgwarden revoked all 3 rules less than a second after they were opened."},
		"minutes":                {exposed(of(alert.Reverted, alert.ActionRevoked), 600), "Yes. sgwarden revoked the rule 10 minutes after it was opened."},
		"no exposure is known":   {of(alert.Reverted, alert.ActionRevoked), "Yes. sgwarden revoked the rule."},
		"one is not the event's": {exposed(unnamed, 20), "Yes. sgwarden revoked both rules."},
		"one was not live":       {of(alert.Reverted, alert.ActionRevoked, alert.ActionAlreadyGone), "Yes. sgwarden revoked 1 rule. 1 rule was gone already."},
		"both were not live":     {of(alert.AlreadyGone, alert.ActionAlreadyGone, alert.ActionAlreadyGone), "Yes. The rules were gone before sgwarden could revoke them."},
		"one of two failed":      {of(alert.Partial, alert.ActionRevoked, alert.ActionFailed), "Partly. sgwarden revoked 1 rule. sgwarden could not revoke 1 rule. It is still open."},
		"two failed":             {of(alert.Failed, alert.ActionFailed, alert.ActionFailed), "No. sgwarden could not revoke any of the 2 rules. They are still open."},
		"mode alert":             {of(alert.WouldRevert, alert.ActionNone, alert.ActionNone), "No. sgwarden only reports here (mode alert). All 2 rules are still open."},
		"a new baseline":         {news, "No. The baseline is new, and sgwarden could not read the version before. It revokes nothing yet. The rule is still open."},
		"one waits":              {of(alert.Reverted, alert.ActionRevoked, alert.ActionPending), "Yes. sgwarden revoked 1 rule. 1 rule stays open until its pending approval ends. Then sgwarden reverts it."},
		"an approved rule is missing too": {
			alongMissing, "Yes. sgwarden revoked the rule. 1 approved rule is missing. sgwarden did not put anything back, because the baseline says restore: false.",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := newView(storyOf(c.alert)).handled(); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestEachMailSaysWhetherItIsHandled(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"Yes.": true, "No.": true, "Partly.": true, "Not": true, "Nothing": true}
	for name, s := range stories() {
		v := newView(s)
		for what, text := range map[string]string{"what happened": v.headline(), "who": v.who(), "handled": v.handled(), "to do": v.todo()} {
			if len(text) < 8 || len(text) > 400 {
				t.Errorf("%s: %s has %d characters: %q", name, what, len(text), text)
			}
		}
		if first := firstWord(v.handled()); !known[first] {
			t.Errorf("%s: handled begins with %q", name, first)
		}
	}
}

func TestAnAlertWithoutFindingsClaimsNothing(t *testing.T) {
	t.Parallel()
	v := newView(storyOf(drift(alert.Reverted)))
	if got, want := v.handled(), "Not known. The note below says more."; got != want || v.outcome() != "a note" {
		t.Errorf("got %q, %q", v.outcome(), got)
	}
	deletedGroup := stories()["group-deleted"]
	if got := newView(deletedGroup).situation; got != groupDeleted {
		t.Errorf("the deletion of a group is situation %d", got)
	}
}

func firstWord(s string) string {
	for i, c := range s {
		if c == ' ' {
			return s[:i]
		}
	}
	return s
}

func TestInterfacesSayWhereItMatters(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		interfaces alert.Interfaces
		want       string
	}{
		"nothing uses the group": {alert.Interfaces{}, "Used by nothing."},
		"some, one public":       {alert.Interfaces{Total: 3, Public: 1}, "Used by 3 interfaces, 1 of them with a public address."},
		"one, private":           {alert.Interfaces{Total: 1}, "Used by 1 interface, none of them with a public address."},
		"one, public":            {alert.Interfaces{Total: 1, Public: 1}, "Used by 1 interface, with a public address."},
		"more than a page":       {alert.Interfaces{Total: 1000, Public: 12, More: true}, "Used by at least 1000 interfaces, at least 12 of them with a public address."},
		"more, none seen public": {alert.Interfaces{Total: 1000, More: true}, "Used by at least 1000 interfaces."},
	}
	for name, c := range cases {
		if got := interfacesText(c.interfaces); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
