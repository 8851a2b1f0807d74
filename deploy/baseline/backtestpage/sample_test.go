package backtestpage

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

var (
	from = time.Date(2026, time.October, 21, 0, 0, 0, 0, time.UTC)
	made = time.Date(2026, time.November, 21, 9, 30, 0, 0, time.UTC)
)

// people are who makes the calls of a sample. The first are the busiest.
var people = []string{
	"arn:aws:iam::111122223333:role/terraform-ci",
	"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0a1b2c3d4e5f6a7b (ana@example.com)",
	"arn:aws:iam::111122223333:user/bo", "elasticloadbalancing.amazonaws.com", "",
}

// sample is a backtest of some days with some reverts, always the same for a seed.
func sample(days, reverts int, who []string) Backtest {
	random := rand.New(rand.NewPCG(1, 2))
	b := Backtest{
		Lang: page.English, Generated: made, History: []string{"s3://central-logs/AWSLogs/"}, Documents: "baselines/",
		Records: 1_204_331, Bytes: 2_300_000_000, Reverts: &Reverts{},
	}
	b.Result = replay.Result{
		From: from, To: from.AddDate(0, 0, days-1), Changes: int64(reverts*4 + 200), Judged: int64(reverts*2 + 100),
		Assumptions: append([]string{"The rules of 3 groups are known from the groups' creation, of 0 from a description; of 2 they are assumed from what the calls imply."}, replay.NotReplayed...),
	}
	for day := range days {
		b.Result.ByDay = append(b.Result.ByDay, replay.DayCount{Day: from.AddDate(0, 0, day).Format(time.DateOnly), Changes: int64(random.IntN(12))})
	}
	rules := []string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 5432 10.0.0.0/8", "ingress all all ::/0", "egress udp 53 sg-0bbbbbbbbbbbbbbb2"}
	groups := []string{"web-front", "orders-db", "", "batch"}
	var list []replay.Revert
	for range reverts {
		g := random.IntN(len(groups))
		// The square makes the first ones the busiest.
		at := random.Float64()
		list = append(list, replay.Revert{
			Time:    from.Add(time.Duration(random.IntN(days*24*60)) * time.Minute),
			GroupID: fmt.Sprintf("sg-0a1b2c3d4e5f6071%d", g), GroupName: groups[g], Account: "111122223333", Region: "us-east-1",
			Rule: rules[random.IntN(len(rules))], Actor: who[int(at*at*float64(len(who)))], EventID: fmt.Sprintf("0e9b1c5a-0000-4000-8000-%012d", random.IntN(1e9)),
			EventName: "AuthorizeSecurityGroupIngress", Reason: "no baseline rule permits this traffic", Kind: alert.Drift,
			Outcome: []alert.Outcome{alert.Reverted, alert.Reverted, alert.Reverted, alert.WouldRevert, alert.Pending}[random.IntN(5)],
		})
	}
	slices.SortFunc(list, func(a, b replay.Revert) int { return a.Time.Compare(b.Time) })
	for _, r := range list {
		b.add(r)
	}
	b.finish()
	return b
}

// add counts a revert as the replay does.
func (b *Backtest) add(r replay.Revert) {
	b.Reverts.Add(r)
	one := replay.Tally{}
	switch r.Outcome {
	case alert.Reverted:
		one.Reverted = 1
	case alert.Pending:
		one.Pending = 1
	default:
		one.Reported = 1
	}
	count := func(t *replay.Tally) {
		t.Reverted, t.Reported, t.Pending = t.Reverted+one.Reverted, t.Reported+one.Reported, t.Pending+one.Pending
	}
	count(&b.Result.Calls)
	res := &b.Result
	count(&find(&res.ByGroup, func(g *replay.GroupCount) *string { return &g.GroupID }, r.GroupID).Tally)
	g := find(&res.ByGroup, func(g *replay.GroupCount) *string { return &g.GroupID }, r.GroupID)
	g.GroupName, g.Account, g.Region, g.JudgedBy, g.RulesKnown = r.GroupName, r.Account, r.Region, "baseline", "assumed from 12 calls"
	count(&find(&res.ByRule, func(x *replay.RuleCount) *string { return &x.Rule }, r.Rule).Tally)
	count(&find(&res.ByDay, func(d *replay.DayCount) *string { return &d.Day }, r.Time.Format(time.DateOnly)).Tally)
	if r.Actor != "" {
		a := find(&res.ByActor, func(a *replay.ActorCount) *string { return &a.Actor }, r.Actor)
		a.Changes += 3
		count(&a.Tally)
	} else {
		res.OpenedBefore++
	}
	for i, n := range res.ApprovalsNeed {
		if n.GroupID == r.GroupID && n.Rule == r.Rule {
			res.ApprovalsNeed[i].Times++
			return
		}
	}
	res.ApprovalsNeed = append(res.ApprovalsNeed, replay.ApprovalNeeded{
		GroupID: r.GroupID, GroupName: r.GroupName, Rule: r.Rule, Times: 1,
		Command: fmt.Sprintf("deploy/baseline.sh allow %s '%s' --for-good --description 'WHY'", r.GroupID, r.Rule),
		Entry:   `ingress: - {protocol: tcp, ports: "22", sources: ["0.0.0.0/0"], description: WHY}`,
	})
}

// find returns the row with the key, which it adds where there is none.
func find[T any](rows *[]T, key func(*T) *string, want string) *T {
	for i := range *rows {
		if *key(&(*rows)[i]) == want {
			return &(*rows)[i]
		}
	}
	var row T
	*key(&row) = want
	*rows = append(*rows, row)
	return &(*rows)[len(*rows)-1]
}

// finish sorts as the replay does, and adds contentions.
func (b *Backtest) finish() {
	res := &b.Result
	slices.SortStableFunc(res.ByActor, func(a, b replay.ActorCount) int { return cmp.Compare(b.Sum(), a.Sum()) })
	slices.SortStableFunc(res.ByGroup, func(a, b replay.GroupCount) int { return cmp.Compare(b.Sum(), a.Sum()) })
	slices.SortStableFunc(res.ByRule, func(a, b replay.RuleCount) int { return cmp.Compare(b.Sum(), a.Sum()) })
	slices.SortStableFunc(res.ApprovalsNeed, func(a, b replay.ApprovalNeeded) int { return cmp.Compare(b.Times, a.Times) })
	for _, n := range res.ApprovalsNeed {
		if n.Times >= 3 && len(res.Contentions) < 4 {
			res.Contentions = append(res.Contentions, replay.Contention{
				GroupID: n.GroupID, GroupName: n.GroupName, Rule: n.Rule, Times: n.Times, First: from.Add(30 * time.Hour), Last: from.Add(700 * time.Hour),
				Actors: []replay.ActorTimes{{Actor: res.ByActor[0].Actor, Times: n.Times - 1}, {Actor: res.ByActor[len(res.ByActor)-1].Actor, Times: 1}},
			})
		}
	}
	res.ByActor = append(res.ByActor, replay.ActorCount{Actor: "arn:aws:iam::111122223333:user/calm", Changes: 40})
}

// hostile are names that attack a page, or are only unusual.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'); alert(1); ('`, `javascript:alert(1)`, "web\u202Etxt.exe", "مجموعة الأمان", "本番ウェブ",
	strings.Repeat("a-very-long-name", 19)[:300], strings.Repeat("W", 300), "👩‍💻🔥", "</title></style></script><!--", "{{.}} ${1} \\ \x00\x1b[31m",
}

// hostileSample has the hostile texts wherever a stranger can choose the text.
func hostileSample() Backtest {
	b := sample(20, 60, people)
	for i, h := range hostile {
		r := replay.Revert{
			Time: from.AddDate(0, 0, i), GroupID: h, GroupName: h, Account: h, Region: h, Rule: h, Actor: "arn:aws:iam::111122223333:role/" + h,
			EventID: h, EventName: h, Reason: h, Outcome: alert.Reverted,
		}
		for range 3 {
			b.add(r)
		}
		b.Skipped = append(b.Skipped, Skipped{h, h})
		b.Result.NotJudged = append(b.Result.NotJudged, replay.NotJudged{Reason: h, Calls: 1, Example: replay.Example{EventID: h, EventName: h}})
		b.Result.Elsewhere = append(b.Result.Elsewhere, replay.Origin{Account: h, Region: h, Calls: 3})
	}
	b.Result.Contentions = nil
	b.finish()
	b.History, b.Documents = hostile, hostile[0]
	b.Result.Assumptions = append(b.Result.Assumptions, hostile...)
	return b
}

func write(t *testing.T, b Backtest) string {
	t.Helper()
	var s strings.Builder
	if err := Write(&s, b); err != nil {
		t.Fatal(err)
	}
	return s.String()
}
