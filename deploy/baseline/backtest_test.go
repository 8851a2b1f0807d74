package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

func revertNumber(n int, o alert.Outcome) replay.Revert {
	return replay.Revert{Time: now, GroupID: "sg-0a", Rule: "ingress tcp 22 0.0.0.0/0", Actor: fmt.Sprintf("<b>%d</b>", n), EventID: fmt.Sprint("e", n), Reason: "no", Outcome: o}
}

func TestTheJSONOfABacktestIsOneDocumentWithEachOutcomeByItself(t *testing.T) {
	t.Parallel()
	type list = []struct{ EventID, Actor string }
	cases := map[string]struct {
		outcomes []alert.Outcome
		failed   error
		want     [3]int
	}{
		"nothing":       {nil, nil, [3]int{}},
		"some of each":  {[]alert.Outcome{alert.Reverted, alert.WouldRevert, alert.Pending, alert.Reverted, alert.WouldRevert, alert.Reverted}, nil, [3]int{3, 2, 1}},
		"and a failure": {[]alert.Outcome{alert.Reverted, alert.WouldRevert}, errors.New("the disk is full"), [3]int{1, 1, 0}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			r, err := startJSONReport(&out)
			if err != nil {
				t.Fatal(err)
			}
			for n, o := range c.outcomes {
				if err := r.add(revertNumber(n, o)); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.finish(backtestSummary{Records: 7, Skipped: []traillog.Skipped{}}, c.failed); err != nil {
				t.Fatal(err)
			}
			var got struct {
				Reverts, Reported, Pending list
				Records                    int
				Problem                    string
			}
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("%v: %s", err, out.String())
			}
			if diff := cmp.Diff(c.want, [3]int{len(got.Reverts), len(got.Reported), len(got.Pending)}); diff != "" || got.Records != 7 {
				t.Errorf("%+v: %s", got, diff)
			}
			if (got.Problem != "") != (c.failed != nil) {
				t.Errorf("problem %q", got.Problem)
			}
		})
	}
}

// discarded counts what is written, and keeps nothing.
type discarded int64

func (d *discarded) Write(p []byte) (int, error) { *d += discarded(len(p)); return len(p), nil }

func TestManyRevertsNeedNoMemory(t *testing.T) {
	// Not parallel: the memory of the whole process is measured.
	var out discarded
	r, err := startJSONReport(&out)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	many := 100_000
	if testing.Short() {
		many = 20_000 // kept, they would take more than the bound, too
	}
	for n := range many {
		if err := r.add(revertNumber(n, []alert.Outcome{alert.Reverted, alert.WouldRevert}[n%2])); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d reverts keep %d bytes", many, grown)
	}
	if err := r.finish(backtestSummary{}, nil); err != nil || int64(out) < int64(many)*100 {
		t.Errorf("%v, %d bytes", err, out)
	}
}

// TestTheTextOfABacktest looks at a history in which all happens that can.
func TestTheTextOfABacktest(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	result := replay.Result{
		From: day, To: day.AddDate(0, 0, 31), Changes: 340, Calls: replay.Tally{Reverted: 12, Reported: 3, Pending: 1}, Judged: 300, Unguarded: 20, Own: 2, Ended: 1, OpenedBefore: 2,
		ByGroup:       []replay.GroupCount{{GroupID: "sg-0a", GroupName: "web\x1b[31m", JudgedBy: "baseline", Tally: replay.Tally{Reverted: 12}, RulesKnown: "known from its creation"}},
		ByRule:        []replay.RuleCount{{Rule: "ingress tcp 22 0.0.0.0/0", Tally: replay.Tally{Reverted: 12, Reported: 3}}},
		Contentions:   []replay.Contention{{GroupID: "sg-0a", GroupName: "web", Rule: "ingress tcp 22 0.0.0.0/0", Times: 7, Actors: []replay.ActorTimes{{Actor: "ci", Times: 5}, {Actor: "ana", Times: 2}}}},
		ApprovalsNeed: []replay.ApprovalNeeded{{Command: "deploy/baseline.sh allow sg-0a 'ingress tcp 22 0.0.0.0/0' --for-good --description 'WHY'"}},
		NotJudged:     []replay.NotJudged{{Reason: "the record does not say which group changed", Calls: 1, Example: replay.Example{EventID: "e1", Time: day}}},
		Elsewhere:     []replay.Origin{{Account: "999999999999", Region: "eu-west-1", Calls: 9}},
		Assumptions:   append([]string{"The rules of 1 group are known."}, replay.NotReplayed...),
	}
	for i, who := range []string{"ci", "ana", "bob", "eve", "kim", "lee"} {
		result.ByActor = append(result.ByActor, replay.ActorCount{Actor: who, Changes: 20, Tally: replay.Tally{Reverted: int64(6 - i)}})
	}
	for i := range 31 {
		d := replay.DayCount{Day: day.AddDate(0, 0, i).Format(time.DateOnly), Changes: 11}
		if i%9 == 3 {
			d.Reverted = 4
		}
		result.ByDay = append(result.ByDay, d)
	}
	s := backtestSummary{Records: 10, Bytes: 2_300_000_000, Result: result, Skipped: []traillog.Skipped{{File: "a.json.gz", Reason: "the file is cut off"}}}
	for name, all := range map[string]bool{"backtest": false, "backtest-all": true} {
		var out bytes.Buffer
		report := textReport{out: &out, paint: func(_, text string) string { return text }, all: all}
		if err := report.finish(s, nil); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(out.String(), "\n"); !all && lines > 45 {
			t.Errorf("%d lines", lines)
		}
		goldenText(t, name, out.String())
	}
}
