package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// start is when something began or ended, and the load of the machine then.
type start struct {
	at   time.Time
	load string
}

// machine describes where and when it was measured.
func machine(began, ended start) string {
	text := fmt.Sprintf("MACHINE: measured on %s in %s, on %s/%s with %d processors (%s), kernel %s, %s.\nThe load was %s before and %s afterwards.\n",
		began.at.UTC().Format("2006-01-02"), ended.at.Sub(began.at).Round(time.Second), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model(),
		word("/proc/sys/kernel/osrelease", 0), runtime.Version(), began.load, ended.load)
	if busy, err := strconv.ParseFloat(began.load, 64); err == nil && busy > float64(runtime.NumCPU())/2 {
		text += "The machine was busy with other work before: what is measured by the clock is too slow and unsure, and processor time is\n" +
			"higher than on a machine at rest. Measure again when the load is low.\n"
	}
	return text
}

// load is the average over a minute of how many threads could run.
func load() string { return word("/proc/loadavg", 0) }

// word returns a word of a file of the kernel's, or "unknown".
func word(name string, n int) string {
	text, err := os.ReadFile(name)
	words := strings.Fields(string(text))
	if err != nil || len(words) <= n {
		return "unknown"
	}
	return words[n]
}

func model() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "of an unknown model"
	}
	for line := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "of an unknown model"
}
