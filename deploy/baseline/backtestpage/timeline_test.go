package backtestpage

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

func days(n int) []replay.DayCount {
	all := make([]replay.DayCount, n)
	for i := range all {
		all[i] = replay.DayCount{Day: from.AddDate(0, 0, i).Format("2006-01-02"), Changes: 2, Tally: replay.Tally{Reverted: 1}}
	}
	return all
}

func TestDaysBecomeBars(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		days, most       int
		bars, days1, sum int
	}{
		{"no day", 0, 31, 0, 0, 0},
		{"one day", 1, 31, 1, 1, 1},
		{"as many as there is room for", 31, 31, 31, 1, 31},
		{"one more makes weeks", 32, 31, 5, 7, 32},
		{"a year on a wide page", 365, 93, 53, 7, 365},
		{"a year on a narrow page", 365, 31, 27, 14, 365},
		{"from CloudTrail's beginning on", 4748, 93, 85, 56, 4748},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := bars(days(c.days), c.most)
			sum := 0
			for _, b := range got {
				sum += int(b.Reverted)
			}
			first := 0
			if len(got) > 0 {
				first = between(got[0].First, got[0].Last) + 1
			}
			if diff := cmp.Diff([]int{c.bars, c.days1, c.sum}, []int{len(got), first, sum}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheBusiestActorsHaveLanes(t *testing.T) {
	t.Parallel()
	var r Reverts
	for actor := range 5 {
		for range 10 - actor {
			r.Add(replay.Revert{Time: from.AddDate(0, 0, actor), Actor: strconv.Itoa(actor)})
		}
	}
	of := bars(days(5), 31)
	want := []lane{
		{Actor: "0", Total: 10, Bars: []int64{10, 0, 0, 0, 0}},
		{Actor: "1", Total: 9, Bars: []int64{0, 9, 0, 0, 0}},
		{Actor: others, Total: 8 + 7 + 6, Bars: []int64{0, 0, 8, 7, 6}},
	}
	if diff := cmp.Diff(want, r.lanes(of, 2)); diff != "" {
		t.Error(diff)
	}
	if got := r.lanes(of, 5); len(got) != 5 || got[4].Actor != "4" {
		t.Errorf("where all have room, there are %d lanes, and the last is of %q", len(got), got[len(got)-1].Actor)
	}
}

func TestMemoryForActorsIsBounded(t *testing.T) {
	t.Parallel()
	var r Reverts
	for i := range mostActorDays + 500 {
		r.Add(replay.Revert{Time: from, Actor: strconv.Itoa(i)})
	}
	if len(r.days) > mostActorDays+1 {
		t.Errorf("%d days of actors are kept", len(r.days))
	}
	lanes := r.lanes(bars(days(1), 31), 1)
	if got := lanes[len(lanes)-1]; got.Actor != others || got.Total != mostActorDays+499 {
		t.Errorf("the last lane is %v, want all others with %d", got, mostActorDays+499)
	}
}

func TestWhatPeopleCallAnActor(t *testing.T) {
	t.Parallel()
	for actor, want := range map[string]string{
		"arn:aws:iam::111122223333:role/terraform-ci":                            "terraform-ci",
		"arn:aws:iam::111122223333:role/ci/deploy (ana)":                         "ana (deploy)",
		"arn:aws:iam::111122223333:role/stack (by cloudformation.amazonaws.com)": "stack (by cloudformation.amazonaws.com)",
		"arn:aws:iam::111122223333:user/bo":                                      "bo",
		"arn:aws:iam::111122223333:root":                                         "root",
		"arn:aws-cn:sts::111122223333:assumed-role/x/session":                    "session",
		"elasticloadbalancing.amazonaws.com":                                     "elasticloadbalancing.amazonaws.com",
		"not known":                                                              "not known",
		"arn:aws:iam::111122223333:role/":                                        "arn:aws:iam::111122223333:role/",
		"":                                                                       "",
	} {
		if got := shortActor(actor); got != want {
			t.Errorf("shortActor(%q) = %q, want %q", actor, got, want)
		}
	}
}

func TestNamesFitTheirLane(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"terraform", 9, "terraform"}, {"terraform", 8, "terrafor…"}, {"本番環境", 8, "本番環境"}, {"本番環境", 7, "本番環…"}, {"", 3, ""}} {
		if got := clipped(c.text, c.most); got != c.want {
			t.Errorf("clipped(%q, %d) = %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestTheScaleEndsAtAnEvenNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int64{1: 2, 2: 2, 3: 4, 7: 8, 9: 10, 10: 10, 11: 20, 61: 80, 81: 100, 101: 200, 1_234_567: 2_000_000} {
		if got := niceTop(n); got != want {
			t.Errorf("niceTop(%d) = %d, want %d", n, got, want)
		}
	}
}
