package review

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

func TestRulesAreCountedWithoutAHistory(t *testing.T) {
	t.Parallel()
	in := sample(t)
	with := New(in).Figures.Rules
	for id, about := range in.Of {
		about.Versions = nil // these credentials may not read who wrote what
		in.Of[id] = about
	}
	r := New(in)
	if r.Figures.Rules != with || with == 0 {
		t.Errorf("%d rules with a history, %d without", with, r.Figures.Rules)
	}
	if n := strings.Count(string(html(t, r, page.English)), "10.9.0.0/24"); n < 2 { // differs now, and is approved
		t.Errorf("the missing rule stands there %d times", n)
	}
}

func TestAnAccountWithoutBaselinesIsNotCalledAllRight(t *testing.T) {
	t.Parallel()
	in := sample(t)
	const allRight = "Every live rule that a baseline guards is approved."
	free := overview.Row{GroupID: "sg-0ccccccccccccccc3", GroupName: "playground", Status: overview.NoBaseline}
	in.Overview.Groups, in.Last = []overview.Row{free}, nil
	got := string(html(t, New(in), page.English))
	if strings.Contains(got, allRight) || !strings.Contains(got, "nothing that the live rules could be compared with") {
		t.Error("a review without baselines says that all is fine")
	}
	front := decode(t, frontYAML)
	row, _ := guarded(t, front, nil, "ingress tcp 443 0.0.0.0/0", "ingress tcp 80 sg-0aaaaaaaaaaaaaaa1", "ingress tcp 80 10.20.0.0/16", "egress all all 0.0.0.0/0")
	in.Overview.Groups = []overview.Row{row, free}
	if got := string(html(t, New(in), page.English)); !strings.Contains(got, allRight) {
		t.Error("a review in which nothing differs does not say so")
	}
}

func TestAPrincipalReadsAsNoOther(t *testing.T) {
	t.Parallel()
	r := &Review{Where: account.Identity{Account: "111122223333"}}
	w := writer{Review: r, Language: page.Words(page.English, texts)}
	for name, c := range map[string]struct{ arn, want string }{
		"a session of a role":                     {ana, "network-operator/ana"},
		"a user":                                  {bo, "user/bo"},
		"a session of a role in another account":  {"arn:aws:sts::999999999999:assumed-role/network-operator/ana", "network-operator/ana (account 999999999999)"},
		"a user whose path looks like a session":  {"arn:aws:iam::111122223333:user/x:assumed-role/network-operator/ana", "user/x:assumed-role/network-operator/ana"},
		"a session of a role that is called user": {"arn:aws:sts::111122223333:assumed-role/user/bo", "assumed-role/user/bo"},
		"the root user":                           {"arn:aws:iam::111122223333:root", "root"},
		"a service of AWS":                        {"autoscaling.amazonaws.com", "autoscaling.amazonaws.com"},
	} {
		if got := w.principal(c.arn); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
