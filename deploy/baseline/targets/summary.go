package targets

import (
	"fmt"
	"strings"
)

// fate is what became of a target.
type fate int

const (
	passed fate = iota
	findings
	failed
	interrupted // in the middle
	notRun
	fates
)

// Summary says what became of all targets.
type Summary struct {
	Targets int
	of      [fates][]Target // in the order of the file
}

func (s *Summary) add(t Target, f fate) { s.of[f] = append(s.of[f], t) }

// Status is the exit status of all targets as one: 1 where a target failed or was
// not run, else 2 where there are differences or findings, else 0.
func (s Summary) Status() int {
	switch {
	case len(s.of[failed])+len(s.of[interrupted])+len(s.of[notRun]) > 0:
		return statusFailed
	case len(s.of[findings]) > 0:
		return statusFindings
	}
	return statusPassed
}

// String is one line, such as "3 targets: 1 fine, 1 with differences or findings,
// 1 failed: staging eu-west-1".
func (s Summary) String() string {
	var counts []string
	for _, c := range []struct {
		fate fate
		text string
	}{{passed, "fine"}, {findings, "with differences or findings"}} {
		if n := len(s.of[c.fate]); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, c.text))
		}
	}
	var listed []string
	for _, c := range []struct {
		fate fate
		text string
	}{{failed, "failed"}, {interrupted, "interrupted"}, {notRun, "not run"}} {
		if those := s.of[c.fate]; len(those) > 0 {
			listed = append(listed, fmt.Sprintf("%d %s: %s", len(those), c.text, labels(those)))
		}
	}
	if len(listed) > 0 {
		counts = append(counts, strings.Join(listed, "; "))
	}
	return fmt.Sprintf("%s: %s", countOf(s.Targets), strings.Join(counts, ", "))
}

// soFar is the line of progress, such as "targets: 3 of 8 done, 1 failed".
func (s Summary) soFar() string {
	done := 0
	for _, those := range s.of[:notRun] {
		done += len(those)
	}
	text := fmt.Sprintf("targets: %d of %d done", done, s.Targets)
	if n := len(s.of[failed]) + len(s.of[interrupted]); n > 0 {
		text += fmt.Sprintf(", %d failed", n)
	}
	return text
}

// order puts the targets in the order of the file: they were added as they ended.
func (s *Summary) order(targets []Target, results []*result) {
	s.of = [fates][]Target{}
	for i, r := range results {
		s.add(targets[i], r.fate)
	}
}

func labels(targets []Target) string {
	var names []string
	for _, t := range targets {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}

func countOf(targets int) string {
	if targets == 1 {
		return "1 target"
	}
	return fmt.Sprintf("%d targets", targets)
}
