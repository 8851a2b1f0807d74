package amend

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// schedule runs processes one call at a time; pick chooses whose turn it is.
type schedule struct {
	stopped chan int // a process that waits for its turn, or has ended: then -1-i
	turn    []chan struct{}
}

func (s *schedule) run(pick func(n int) int, processes ...func(turn func())) {
	s.stopped, s.turn = make(chan int), make([]chan struct{}, len(processes))
	for i, process := range processes {
		s.turn[i] = make(chan struct{})
		go func() {
			process(func() { s.stopped <- i; <-s.turn[i] })
			s.stopped <- -1 - i
		}()
	}
	var waiting []int
	for running, left := len(processes), len(processes); left > 0; {
		for ; running > 0; running-- {
			if i := <-s.stopped; i >= 0 {
				waiting = append(waiting, i)
			} else {
				left--
			}
		}
		if len(waiting) > 0 {
			at := pick(len(waiting))
			next := waiting[at]
			waiting = append(waiting[:at], waiting[at+1:]...)
			s.turn[next] <- struct{}{}
			running = 1
		}
	}
}

// TestNoChangeIsLostHoweverWritersInterleave has up to five writers allow a rule each,
// while somebody who doesn't look, as with the AWS CLI, changes other things.
func TestNoChangeIsLostHoweverWritersInterleave(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &shelf{}
		s.put(document(t, "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}]\n"))
		n := rapid.IntRange(1, 5).Draw(t, "writers")
		errs := make([]error, n)
		var processes []func(func())
		for i := range n {
			processes = append(processes, func(turn func()) {
				_, errs[i] = s.kind(turn).Edit(context.Background(), allowing(port(i)), noWait)
			})
		}
		removes := rapid.Bool().Draw(t, "somebody changes other things")
		if removes {
			processes = append(processes, func(turn func()) {
				turn()
				doc, _ := decode(s.newest())
				text, mode := "no", "alert"
				doc, err := with(doc, Changes{"ingress tcp 80 172.16.0.0/12": nil, "ingress tcp 25 10.0.0.0/8": &text, "mode": &mode})
				if err != nil {
					panic(err)
				}
				s.put(doc)
			})
		}
		(&schedule{}).run(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "turn") }, processes...)
		doc, err := decode(s.newest())
		if err != nil {
			t.Fatal(err)
		}
		got := factsOf(doc)
		for i, err := range errs {
			if _, there := got[port(i)]; !there || err != nil {
				t.Errorf("%s is lost: %v", port(i), err)
			}
		}
		_, old := got["ingress tcp 80 172.16.0.0/12"]
		_, added := got["ingress tcp 25 10.0.0.0/8"]
		if alerts := got["mode"] == "alert"; removes == old || removes != added || removes != alerts {
			t.Errorf("somebody did: %v; the old rule is there still: %v, the new one is there: %v, the mode is changed: %v", removes, old, added, alerts)
		}
	})
}

func port(i int) string { return fmt.Sprintf("ingress tcp %d 10.0.0.0/8", 1000+i) }
