package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

func violation(groupID, rule string) notified.Open {
	return notified.Open{GroupID: groupID, Kind: alert.Drift, Parameter: "/sg-baseline/groups/" + groupID, Rule: rule, Verdict: alert.Violation, Since: now}
}

func missing(groupID, rule string) notified.Open {
	e := violation(groupID, rule)
	e.Verdict = alert.Missing
	return e
}

func notJudged(groupID string) notified.Open {
	e := violation(groupID, "")
	e.Verdict = ""
	return e
}

func unusable(groupID, parameter string) notified.Open {
	return notified.Open{GroupID: groupID, Kind: alert.BaselineError, Parameter: parameter, Since: now}
}

func TestWhatPeopleWereNotifiedOfIsReportedToBeOverOnlyWhereItIs(t *testing.T) {
	t.Parallel()
	const drift, ofA = "sg-a|drift|/sg-baseline/groups/sg-a|", "/sg-baseline/groups/sg-a"
	guarded := []baseline.GroupDocument{document("sg-a", permits)}
	broken := []baseline.GroupDocument{document("sg-a", `"x":1`)}
	cases := map[string]struct {
		region region
		open   notified.Open
		want   string
	}{
		"a violation that is still live":              {region{documents: guarded, rules: [][2]string{{"sg-a", https}, {"sg-a", ssh}}}, violation("sg-a", ssh), ""},
		"one that is not":                             {region{documents: guarded, rules: [][2]string{{"sg-a", https}}}, violation("sg-a", ssh), drift + ssh + "|not live any more"},
		"one that is permitted now":                   {region{documents: guarded, rules: [][2]string{{"sg-a", https}}}, violation("sg-a", https), drift + https + "|permitted now"},
		"a rule that is still missing":                {region{documents: guarded}, missing("sg-a", https), ""},
		"one that is back":                            {region{documents: guarded, rules: [][2]string{{"sg-a", https}}}, missing("sg-a", https), drift + https + "|live again"},
		"one that nobody wants any more":              {region{documents: guarded, rules: [][2]string{{"sg-a", https}}}, missing("sg-a", ssh), drift + ssh + "|not approved any more"},
		"a rule without canonical form that stays":    {region{documents: guarded, rules: [][2]string{{"sg-a", https}, {"sg-a", "?"}}}, violation("sg-a", "?"), ""},
		"one that went":                               {region{documents: guarded, rules: [][2]string{{"sg-a", https}}}, violation("sg-a", "?"), drift + "?|not live any more"},
		"half a view of the rules":                    {region{documents: guarded, rulesErr: errors.New("throttled")}, violation("sg-a", ssh), ""},
		"a baseline that can't be used":               {region{documents: broken}, violation("sg-a", ssh), ""},
		"a baseline that still can't be used":         {region{documents: broken}, unusable("sg-a", ofA), ""},
		"one that can be used again":                  {region{documents: guarded, rules: [][2]string{{"sg-a", https}}}, unusable("sg-a", ofA), "sg-a|baseline-error|" + ofA + "||can be used again"},
		"one that was deleted":                        {region{}, unusable("sg-a", ofA), "sg-a|baseline-error|" + ofA + "||deleted"},
		"one that may be on a page not read":          {region{listErr: errors.New("throttled")}, unusable("sg-a", ofA), ""},
		"a guardrail that still can't be used":        {region{guardrail: `{"schema":1}`}, unusable("", "/sg-baseline/guardrail"), ""},
		"one that can":                                {region{guardrail: forbids}, unusable("", "/sg-baseline/guardrail"), "|baseline-error|/sg-baseline/guardrail||can be used again"},
		"the guardrail still forbids it":              {region{guardrail: forbids, rules: [][2]string{{"sg-a", ssh}}}, violation("sg-a", ssh), ""},
		"the guardrail's group has no rules left":     {region{guardrail: forbids}, violation("sg-a", ssh), drift + ssh + "|not live any more"},
		"the guardrail is deleted":                    {region{rules: [][2]string{{"sg-a", ssh}}}, violation("sg-a", ssh), drift + ssh + "|not guarded any more"},
		"one that is back in two halves":              {region{documents: guarded, rules: [][2]string{{"sg-a", "ingress tcp 443 0.0.0.0/1"}, {"sg-a", "ingress tcp 443 128.0.0.0/1"}}}, missing("sg-a", https), drift + https + "|live again"},
		"a part of a rule that is still missing":      {region{documents: guarded}, missing("sg-a", "ingress tcp 443 10.0.0.0/8"), ""},
		"a group that is deleted, its baseline empty": {region{documents: []baseline.GroupDocument{document("sg-a", `"ingress":[]`)}}, notJudged("sg-a"), ""},
		"a group that can be judged again":            {region{documents: guarded, rules: [][2]string{{"sg-a", https}}}, notJudged("sg-a"), drift + "|judged again"},
		"the baseline of a group that is deleted is":  {region{}, notJudged("sg-a"), drift + "|not guarded any more"},
		"a broken pause that was deleted":             {region{}, notified.Open{Kind: alert.Paused, Parameter: "/sg-baseline/pause", Since: now}, "|paused|/sg-baseline/pause||deleted"},
		"the baseline may be on a page not read":      {region{listErr: errors.New("throttled"), rules: [][2]string{{"sg-a", ssh}}}, violation("sg-a", ssh), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.region.open = []notified.Open{c.open}
			summary, _ := c.region.run(context.Background()) // some cases fail to read something
			if got := strings.Join(c.region.closed, "\n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if summary.Closed != len(c.region.closed) {
				t.Errorf("counted %d, reported %d", summary.Closed, len(c.region.closed))
			}
		})
	}
}

func TestAMemoryThatCannotBeReadCostsTheSweepNothingElse(t *testing.T) {
	t.Parallel()
	r := region{rules: [][2]string{{"sg-a", ssh}}, documents: []baseline.GroupDocument{document("sg-a", permits)}, openErr: errors.New("denied")}
	_, err := r.run(context.Background())
	if !errors.Is(err, r.openErr) || !strings.Contains(err.Error(), "read what people were told of") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"sg-a"}, r.reconciled); diff != "" {
		t.Error(diff)
	}
}

func TestManyClosingsAreReportedInAlertsOfAMessagesSize(t *testing.T) {
	t.Parallel()
	r := region{documents: []baseline.GroupDocument{document("sg-a", permits)}, rules: [][2]string{{"sg-a", https}}, reportErr: nil}
	for port := range 500 {
		r.open = append(r.open, violation("sg-a", fmt.Sprintf("ingress tcp %d 0.0.0.0/0", port+1000)))
	}
	summary, err := r.run(context.Background())
	if err != nil || summary.Closed != 500 || len(r.closed) != 500 {
		t.Errorf("%d closed, %d reported, %v", summary.Closed, len(r.closed), err)
	}
}
