package ssmstore_test

import (
	"testing"

	"pgregory.net/rapid"
)

// running is a sweep under way: one that a request started, or a scheduled one.
type running struct {
	requested bool
	version   int64 // that was pending when it began
}

// world plays EventBridge, the remediators and the sweepers around a request.
type world struct {
	*requested
	t       *rapid.T
	asked   int // requests so far
	swept   int // requests that a sweep began after
	created int // events that have not started their sweep yet
	sweeps  []running
}

func (w *world) ask() {
	w.asked++
	if err := w.Ask(w.t.Context(), "event"); err != nil {
		w.t.Fatal(err)
	}
	for _, operation := range w.take() {
		if operation == "Create" {
			w.created++
		}
	}
}

func (w *world) begin(requested bool) {
	if requested {
		w.created--
	}
	w.sweeps = append(w.sweeps, running{requested: requested})
	w.pending(&w.sweeps[len(w.sweeps)-1])
}

func (w *world) pending(s *running) {
	version, err := w.Pending(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	s.version, w.swept = version, w.asked
}

// end ends a sweep. The sweep begins once more where there is a reason.
func (w *world) end(i int) {
	again, err := w.Done(w.t.Context(), w.sweeps[i].version)
	if err != nil {
		w.t.Fatal(err)
	}
	if again {
		w.pending(&w.sweeps[i])
		return
	}
	w.sweeps = append(w.sweeps[:i], w.sweeps[i+1:]...)
}

func (w *world) step(scheduled bool) {
	switch choice := rapid.IntRange(0, 5).Draw(w.t, "step"); {
	case choice == 0:
		w.ask()
	case choice == 1 && scheduled:
		w.begin(false)
	case choice < 4 && w.created > 0:
		w.begin(true)
	case len(w.sweeps) > 0:
		w.end(rapid.IntRange(0, len(w.sweeps)-1).Draw(w.t, "sweep"))
	}
	of := w.created
	for _, s := range w.sweeps {
		if s.requested {
			of++
		}
	}
	if !scheduled && of > 1 {
		w.t.Fatalf("requests started %d sweeps at once", of)
	}
}

// In any order of steps, none of which overlap, a sweep begins after each request,
// and no request is left. Only where a scheduled sweep runs beside may requests
// start two sweeps at once.
func TestASweepBeginsAfterEachRequest(t *testing.T) {
	t.Parallel()
	for name, scheduled := range map[string]bool{"alone": false, "beside scheduled sweeps": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRequested(t)
			rapid.Check(t, func(t *rapid.T) {
				r.version, r.operations = 0, nil
				w := &world{requested: r, t: t}
				for range rapid.IntRange(1, 30).Draw(t, "steps") {
					w.step(scheduled)
				}
				for w.created > 0 {
					w.begin(true)
				}
				for len(w.sweeps) > 0 {
					w.end(0)
				}
				if w.swept != w.asked || r.version != 0 {
					t.Fatalf("%d requests, a sweep began after %d of them, and version %d is left", w.asked, w.swept, r.version)
				}
			})
		})
	}
}
