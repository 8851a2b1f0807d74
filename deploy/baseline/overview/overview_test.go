package overview

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func plain(_, text string) string { return text }

func TestOneLineOfTheTable(t *testing.T) {
	t.Parallel()
	ends := now.Add(time.Hour)
	written := &Written{ModifiedAt: now.Add(-time.Hour), ModifiedBy: "arn:aws:sts::123456789012:assumed-role/operator/ana"}
	cases := map[string]struct {
		row     Row
		want    string
		differs bool
	}{
		"a guarded group":                      {Row{GroupID: "sg-a", GroupName: "web", Status: Guarded, Mode: "enforce", Guards: []string{"ingress", "egress"}, Rules: 3, Baseline: written}, "web|sg-a|enforce|ingress, egress|3|-|-|11:00 UTC by ana", false},
		"a user wrote it":                      {Row{GroupID: "sg-a", Status: Guarded, Mode: "enforce", Guards: []string{"egress"}, Baseline: &Written{ModifiedAt: now, ModifiedBy: "arn:aws:iam::123456789012:user/bo"}}, "-|sg-a|enforce|egress|0|-|-|12:00 UTC by bo", false},
		"everything differs":                   {Row{GroupID: "sg-a", GroupName: "web", Status: Guarded, Mode: "alert", Drift: compare.Drift{Violating: 1, InGrace: 2, Missing: 3, NotCanonical: 4}}, "web|sg-a|alert|-|0|1 violating, 2 in grace, 3 missing, 4 unreadable|-|-", true},
		"one approval":                         {Row{GroupID: "sg-a", Status: NoBaseline, Approvals: 1, NextEnd: &ends}, "-|sg-a|none|no baseline|-|-|1, ends 13:00 UTC|-", false},
		"approvals, beside a guardrail":        {Row{GroupID: "sg-a", Status: NoBaseline, Mode: "enforce", Approvals: 2, NextEnd: &ends, Drift: compare.Drift{Violating: 1}}, "-|sg-a|enforce (guardrail)|no baseline|-|1 violating|2, next ends 13:00 UTC|-", true},
		"no such group":                        {Row{GroupID: "sg-a", GroupName: "old", Status: NoGroup, Mode: "enforce", Guards: []string{"ingress"}, Rules: 1}, "old|sg-a|enforce|ingress|1|no such group|-|-", true},
		"a broken baseline":                    {Row{GroupID: "sg-a", Status: Broken}, "-|sg-a|broken|-|-|not known|-|-", true},
		"a name that would spoil the terminal": {Row{GroupID: "sg-a", GroupName: "a\x1b[2J\tb\nc", Status: NoGroup}, "a?[2J?b?c|sg-a|-|-|0|no such group|-|-", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Overview{Identity: account.Identity{Account: "1", Region: "r", Prefix: "/p"}, Groups: []Row{c.row}}
			lines := strings.Split(o.Text(plain, now), "\n")
			cells := strings.FieldsFunc(strings.ReplaceAll(lines[3], "  ", "\x00"), func(r rune) bool { return r == 0 })
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			if diff := cmp.Diff(c.want, strings.Join(cells, "|")); diff != "" || lines[0] != "account 1, region r, prefix /p" {
				t.Errorf("%s: %s", lines[0], diff)
			}
			if c.row.Differs() != c.differs || o.Differs() != c.differs {
				t.Errorf("it differs: %v", c.row.Differs())
			}
		})
	}
}

func TestApprovalsInForceAreCounted(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) *baseline.Approval { return &baseline.Approval{Expires: now.Add(d)} }
	var r Row
	r.SetApprovals([]*baseline.Approval{at(2 * time.Hour), at(time.Hour), at(0), at(-time.Hour)}, now)
	if r.Approvals != 2 || r.NextEnd == nil || !r.NextEnd.Equal(now.Add(time.Hour)) {
		t.Errorf("got %+v", r)
	}
}

func TestOnlyWhatDiffersIsLeft(t *testing.T) {
	t.Parallel()
	o := Overview{Groups: []Row{
		{GroupID: "sg-c", GroupName: "b", Status: Guarded},
		{GroupID: "sg-b", GroupName: "a", Status: NoGroup},
		{GroupID: "sg-a", GroupName: "a", Status: Guarded, Remarks: []string{"look"}},
	}}
	o.Sort()
	o.OnlyDiffering()
	var ids []string
	for _, r := range o.Groups {
		ids = append(ids, r.GroupID)
	}
	if diff := cmp.Diff([]string{"sg-a", "sg-b"}, ids); diff != "" || !o.Differs() {
		t.Error(diff)
	}
	if empty := (&Overview{}); empty.Differs() || !(&Overview{Broken: true}).Differs() {
		t.Error("what is for all groups doesn't count")
	}
}
