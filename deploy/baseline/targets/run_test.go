package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var three = []Target{
	{Account: "111122223333", Name: "production", Region: "us-east-1"},
	{Account: "111122223333", Name: "production", Region: "eu-west-1"},
	{Account: "444455556666", Name: "444455556666", Region: "us-east-1"},
}

// does is what a target writes and ends with.
type does struct {
	out, errs string
	status    int
	err       error
}

func (d does) one(_ context.Context, _ Target, out, errs io.Writer) (int, error) {
	_, err := io.WriteString(out, d.out)
	_, errsErr := io.WriteString(errs, d.errs)
	return d.status, errors.Join(d.err, err, errsErr)
}

// ran is what Run wrote and returned.
type ran struct {
	Out, Errs, Summary string
	Status             int
}

func run(ctx context.Context, t *testing.T, how Options, one One) ran {
	t.Helper()
	var out, errs bytes.Buffer
	how.Out, how.Errs = &out, &errs
	summary, err := Run(ctx, three, how, one)
	if err != nil {
		t.Fatal(err)
	}
	return ran{out.String(), errs.String(), summary.String(), summary.Status()}
}

// each makes the targets do different things.
func each(what ...does) One {
	return func(ctx context.Context, t Target, out, errs io.Writer) (int, error) {
		for i := range three {
			if three[i] == t {
				return what[i].one(ctx, t, out, errs)
			}
		}
		return 0, fmt.Errorf("unknown target %s", t)
	}
}

func TestResultsAreLabelledAndSummedUp(t *testing.T) {
	t.Parallel()
	denied := errors.New("access is denied\n  use others")
	cases := map[string]struct {
		json bool
		one  One
		want ran
	}{
		"one fine, one with findings, one failed": {
			one: each(does{out: "all the same\n"}, does{out: "+ a\n\n- b\n\n", errs: "note: old\n", status: 2}, does{err: denied}),
			want: ran{
				Out:     "== production us-east-1 ==\nall the same\n\n== production eu-west-1 ==\n+ a\n\n- b\n\n== 444455556666 us-east-1 ==\n",
				Errs:    "production eu-west-1: note: old\n444455556666 us-east-1: access is denied\n444455556666 us-east-1:   use others\n",
				Summary: "3 targets: 1 fine, 1 with differences or findings, 1 failed: 444455556666 us-east-1", Status: 1,
			},
		},
		"all fine": {
			one: does{out: "fine"}.one,
			want: ran{
				Out:     "== production us-east-1 ==\nfine\n\n== production eu-west-1 ==\nfine\n\n== 444455556666 us-east-1 ==\nfine\n",
				Summary: "3 targets: 3 fine",
			},
		},
		"findings and no failure": {
			one: each(does{}, does{status: 2}, does{}),
			want: ran{
				Out:     "== production us-east-1 ==\n\n== production eu-west-1 ==\n\n== 444455556666 us-east-1 ==\n",
				Summary: "3 targets: 2 fine, 1 with differences or findings", Status: 2,
			},
		},
		"a status of failure without an error, and an unknown status": {
			one: each(does{status: 1}, does{}, does{status: 7}),
			want: ran{
				Out:     "== production us-east-1 ==\n\n== production eu-west-1 ==\n\n== 444455556666 us-east-1 ==\n",
				Summary: "3 targets: 1 fine, 2 failed: production us-east-1, 444455556666 us-east-1", Status: 1,
			},
		},
		"JSON": {
			json: true,
			one: each(
				does{out: "{\n  \"groups\": [\n    \"a\\nb\"\n  ]\n}\n"},
				does{out: "{\"cut", errs: "note: old", status: 2, err: denied},
				does{out: "[]\n", status: 2},
			),
			want: ran{
				Out: `{
  "targets": [
    {
      "account": "111122223333",
      "name": "production",
      "region": "us-east-1",
      "status": 0,
      "result": {
        "groups": [
          "a\nb"
        ]
      }
    },
    {
      "account": "111122223333",
      "name": "production",
      "region": "eu-west-1",
      "status": 1,
      "error": "access is denied\n  use others",
      "output": "{\"cut"
    },
    {
      "account": "444455556666",
      "name": "444455556666",
      "region": "us-east-1",
      "status": 2,
      "result": []
    }
  ]
}
`,
				Errs:    "production eu-west-1: note: old\nproduction eu-west-1: access is denied\nproduction eu-west-1:   use others\n",
				Summary: "3 targets: 1 fine, 1 with differences or findings, 1 failed: production eu-west-1", Status: 1,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, run(t.Context(), t, Options{JSON: c.json}, c.one)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOutputComesInTheOrderOfTheFileAsSoonAsItCan(t *testing.T) {
	t.Parallel()
	// The last target ends first and the first target last. The second ends once
	// the first heading is written, which takes the end of the first.
	lastEnded, firstWritten := make(chan struct{}), make(chan struct{})
	out := writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte("production us-east-1")) {
			close(firstWritten)
		}
		return len(p), nil
	})
	summary, err := Run(t.Context(), three, Options{Out: out, Errs: io.Discard}, func(_ context.Context, target Target, _, _ io.Writer) (int, error) {
		switch target {
		case three[0]:
			<-lastEnded
		case three[1]:
			<-firstWritten
		default:
			close(lastEnded)
		}
		return 0, nil
	})
	if err != nil || summary.Status() != 0 {
		t.Errorf("%s, %v", summary, err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestNoMoreTargetsRunAtATimeThanAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ parallel, most int32 }{
		"one":                {1, 1},
		"two":                {2, 2},
		"more than there is": {50, 20},
		"the default":        {0, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var running, most atomic.Int32
			full := make(chan struct{})
			_, err := Run(t.Context(), make([]Target, 20), Options{Parallel: int(c.parallel), Out: io.Discard, Errs: io.Discard}, func(context.Context, Target, io.Writer, io.Writer) (int, error) {
				n := running.Add(1)
				defer running.Add(-1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				if n == c.most { // everybody waits until as many run as may
					select {
					case <-full:
					default:
						close(full)
					}
				}
				<-full
				return 0, nil
			})
			if err != nil || most.Load() != c.most {
				t.Errorf("%d ran at a time, want %d (%v)", most.Load(), c.most, err)
			}
		})
	}
}

func TestAnInterruptEndsWhatRunsAndBeginsNothingMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		json bool
		out  string
	}{
		"text": {false, "== production us-east-1 ==\nfine\n\n== production eu-west-1 ==\nbegun\n"},
		"JSON": {true, `{"targets": [
{"account": "111122223333", "name": "production", "region": "us-east-1", "status": 0, "output": "fine"},
{"account": "111122223333", "name": "production", "region": "eu-west-1", "status": 1, "error": "list the parameters: context canceled", "output": "begun"},
{"account": "444455556666", "name": "444455556666", "region": "us-east-1", "status": null, "error": "not run: interrupted"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			got := run(ctx, t, Options{Parallel: 1, JSON: c.json}, func(ctx context.Context, target Target, out, _ io.Writer) (int, error) {
				if target == three[0] {
					return does{out: "fine"}.one(ctx, target, out, io.Discard)
				}
				fmt.Fprint(out, "begun")
				interrupt()
				<-ctx.Done()
				return 1, fmt.Errorf("list the parameters: %w", ctx.Err())
			})
			want := ran{
				Out: c.out, Errs: "production eu-west-1: list the parameters: context canceled\n",
				Summary: "3 targets: 1 fine, 1 interrupted: production eu-west-1; 1 not run: 444455556666 us-east-1", Status: 1,
			}
			if c.json {
				got.Out, want.Out = sameSpace(got.Out), sameSpace(want.Out)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sameSpace leaves out the space by which the layout of JSON differs.
func sameSpace(text string) string {
	return strings.NewReplacer("\n", "", "  ", "", ", ", ",", "[ ", "[").Replace(text)
}

func TestAnOutputThatCannotBeWrittenEndsTheWork(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	begun := 0
	summary, err := Run(t.Context(), three, Options{Parallel: 1, Out: writerFunc(func([]byte) (int, error) { return 0, broken }), Errs: io.Discard},
		func(ctx context.Context, _ Target, _, _ io.Writer) (int, error) {
			if begun++; begun > 1 {
				<-ctx.Done()
			}
			return 0, ctx.Err()
		})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "write the output of production us-east-1") || begun > 2 || summary.Status() != 1 {
		t.Errorf("%d begun: %s, %v", begun, summary, err)
	}
}

// line keeps what a progress line showed.
type line struct {
	shown   []string
	visible bool
}

func (l *line) Show(text string) { l.shown, l.visible = append(l.shown, text), true }
func (l *line) Clear()           { l.visible = false }

func TestProgressIsShownAndIsClearedBeforeAnyOutput(t *testing.T) {
	t.Parallel()
	progress := &line{}
	out := writerFunc(func(p []byte) (int, error) {
		if progress.visible {
			t.Errorf("%q is written behind the line of progress", p)
		}
		return len(p), nil
	})
	_, err := Run(t.Context(), three, Options{Parallel: 1, Progress: progress, Out: out, Errs: out}, each(does{out: "x"}, does{err: errors.New("denied")}, does{status: 2}))
	if err != nil || progress.visible {
		t.Errorf("visible %v, %v", progress.visible, err)
	}
	want := []string{"targets: 0 of 3 done", "targets: 1 of 3 done", "targets: 2 of 3 done, 1 failed", "targets: 3 of 3 done, 1 failed"}
	if diff := cmp.Diff(want, progress.shown); diff != "" {
		t.Error(diff)
	}
}
