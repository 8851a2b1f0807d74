package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/sgwarden/sgwarden/deploy/local/bench/figures"
	"github.com/sgwarden/sgwarden/deploy/local/bench/standin"
)

// report is the whole text: the goals, the figures in their own units, and how they were measured.
func report(o options, b binaries, f found, machine string) string {
	var text strings.Builder
	text.WriteString("GOALS: medians of the rounds; a ratio is made round by round. The middle half of the rounds lies in the spread.\n\n")
	writeGoals(&text, f.goals(), o.against != "")
	text.WriteString("\nFIGURES: median (middle half).\n\n")
	writeAbsolutes(&text, b, f)
	fmt.Fprintf(&text, "\n%s: %s.\n", "EC2 operations linked into the remediator or the sweeper", strings.Join(f.linked, ", "))
	text.WriteString("\n" + notes(o, b) + "\n" + machine)
	return text.String()
}

func writeGoals(to *strings.Builder, goals []goal, beside bool) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	line := func(cells ...string) {
		if !beside {
			cells = append(cells[:4:4], cells[5])
		}
		fmt.Fprintln(table, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	line("what", "goal", "figure", "spread", "before", "result")
	for _, g := range goals {
		if g.figure == nil {
			line(g.what, g.wanted(), "–", "", "", "not measured")
			continue
		}
		result := "met"
		if !g.met() {
			result = "MISSED"
		}
		first, third := g.figure.Quartiles()
		spread := fmt.Sprintf("%.*f–%.*f", g.digits, first, g.digits, third)
		if len(g.figure) == 1 {
			spread = "one value"
		}
		was := "–"
		if g.before != nil {
			was = g.text(g.value(g.before))
		}
		line(g.what, g.wanted(), g.text(g.value(g.figure)), spread, was, result)
	}
	_ = table.Flush() // a strings.Builder takes all
}

func (g goal) text(value float64) string { return fmt.Sprintf("%.*f%s", g.digits, value, g.unit) }

func (g goal) wanted() string {
	sign := "≤ "
	if g.atLeast {
		sign = "≥ "
	}
	return sign + fmt.Sprint(g.limit) + g.unit
}

// absolute is a row of the second table.
type absolute struct {
	what   string
	digits int
	at     place
	of     func(sample) float64
}

var absolutes = []absolute{
	{"init, ms", 1, plain, func(s sample) float64 { return milliseconds(s.ready) }},
	{"init, CPU ms", 1, plain, func(s sample) float64 { return milliseconds(s.readyCPU) }},
	{"init + first event, ms", 1, plain, func(s sample) float64 { return milliseconds(s.first) }},
	{"init + first event, CPU ms", 1, plain, func(s sample) float64 { return milliseconds(s.firstCPU) }},
	{"warm event, CPU ms", 2, plain, func(s sample) float64 { return milliseconds(s.warmCPU) }},
	{"peak memory, MiB", 1, plain, func(s sample) float64 { return float64(s.peak) / mebibyte }},
	{"init over TLS, ms", 1, tls, func(s sample) float64 { return milliseconds(s.ready) }},
	{"init + first event over TLS, ms", 1, tls, func(s sample) float64 { return milliseconds(s.first) }},
	{"init + first event over TLS, CPU ms", 1, tls, func(s sample) float64 { return milliseconds(s.firstCPU) }},
	{"warm event over TLS, CPU ms", 2, tls, func(s sample) float64 { return milliseconds(s.warmCPU) }},
	{"peak memory over TLS, MiB", 1, tls, func(s sample) float64 { return float64(s.peak) / mebibyte }},
	{"exec → revoked, TLS, 20 ms, ms", 0, far, func(s sample) float64 { return milliseconds(s.startToRevoked) }},
	{"cold event → revoked, TLS, 20 ms, ms", 1, far, func(s sample) float64 { return milliseconds(s.cold.revoked) }},
	{"the same in round trips", 1, far, func(s sample) float64 { return float64(s.cold.revoked) / float64(roundTrip) }},
	{"warm event → revoked, TLS, 20 ms, ms", 1, far, func(s sample) float64 { return milliseconds(s.hot.revoked) }},
	{"connections opened by the first event", 0, far, func(s sample) float64 { return float64(s.cold.connections) }},
	{"calls of AWS for an event", 0, far, func(s sample) float64 { return float64(s.cold.calls) }},
}

func writeAbsolutes(to *strings.Builder, b binaries, f found) {
	var names []string
	for _, name := range []string{sgwarden, before, floor, empty, boto3} {
		if b.reverting[name] != nil {
			names = append(names, name)
		}
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "what\t"+strings.Join(names, "\t"))
	row := func(what string, cell func(name string) string) {
		cells := []string{what}
		for _, name := range names {
			cells = append(cells, cell(name))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	row("binary for this machine, MB", func(name string) string {
		if f.sizes[name] == 0 {
			return "–"
		}
		return fmt.Sprintf("%.1f", float64(f.sizes[name])/megabyte)
	})
	for _, a := range absolutes {
		row(a.what, func(name string) string { return spread(f.rounds.series(a.at, name, a.of), a.digits) })
	}
	_ = table.Flush() // a strings.Builder takes all
	to.WriteString("\n")
	writeSweeps(to, f)
}

func writeSweeps(to *strings.Builder, f found) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "sweep\tbinary, MB\tCPU, s\tpeak memory over the idle process, MB\ttook, s")
	for _, name := range []string{sgwarden, before, decode} {
		if f.sweeps[name] == nil {
			continue
		}
		fmt.Fprintf(table, "%s\t%.1f\t%s\t%s\t%s\n", name, float64(f.sweeperSizes[name])/megabyte,
			spread(sweepSeries(f.sweeps[name], func(s swept) float64 { return s.cpu.Seconds() }), 2),
			spread(f.sweepPeak(name), 1),
			spread(sweepSeries(f.sweeps[name], func(s swept) float64 { return s.took.Seconds() }), 1))
	}
	_ = table.Flush() // a strings.Builder takes all
}

// spread is a median with its middle half, where there are several values.
func spread(s figures.Series, digits int) string {
	switch len(s) {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf("%.*f", digits, s[0])
	}
	first, third := s.Quartiles()
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, s.Median(), digits, first, digits, third)
}

// notes say how the figures came about.
func notes(o options, b binaries) string {
	return fmt.Sprintf(`HOW: built with the tags %s.
%d rounds, after one that is not counted. Each round starts every process once at each place, one after the other.
Processor time is read from the process's own clock, peak memory is VmHWM. A warm event's CPU is the mean over %d events.
The event opens a rule that the baseline does not permit. sgwarden makes all its calls; the floor and boto3 (%s) make three.
"init" runs from exec to the first request for work. "revoked" is when the answer of the revoke is back.
TLS: RSA keys of 2,048 bits, a certificate between, and a private root in AWS_CA_BUNDLE; the system's roots are not read.
20 ms: every byte is held back for 10 ms in each direction, and what is sent in the first 20 ms of a connection for as long
as connecting would have taken. TLS handshakes take their own round trips.
The sweep has %d groups and %d rules; "decoding" lists the same rules and baselines with the SDK, and forgets them.
`, b.tags, o.rounds, o.warm, b.boto3, o.groups, o.groups*standin.RulesOfEach)
}
