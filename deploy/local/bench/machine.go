package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// machine describes where and when it was measured.
func machine(began, ended time.Time, loadBefore string) string {
	return fmt.Sprintf("Measured on %s in %s, on %s/%s with %d processors (%s), kernel %s, %s. The load was %s before and %s afterwards.",
		began.UTC().Format("2006-01-02"), ended.Sub(began).Round(time.Second), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model(),
		word("/proc/sys/kernel/osrelease", 0), runtime.Version(), loadBefore, load())
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
