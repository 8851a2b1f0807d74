package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// manyGroups makes n files that differ from what a push wrote, each with a history of
// ten versions.
func manyGroups(t *testing.T, n int) (*parameterStore, string) {
	t.Helper()
	store, dir := newParameterStore(t), t.TempDir()
	store.mu.Lock() // the handlers read under the lock
	defer store.mu.Unlock()
	for i := range n {
		id := fmt.Sprintf("sg-%05d", i)
		text := "schema: 1\ngroupId: " + id + "\ningress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8, 172.16.0.0/12], description: from inside}]\n"
		write(t, filepath.Join(dir, id+".yaml"), "mode: alert\n"+text)
		doc, err := yamlfile.Decode([]byte(text), id)
		if err != nil {
			t.Fatal(err)
		}
		data, err := baseline.Encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		p := awsstub.Parameter{Name: "/sg-baseline/groups/" + id, Type: "String", Value: string(data), Description: lineage.NewRecord(nil, doc).String()}
		for v := range 10 {
			p.Version = int64(v + 1)
			store.versions[p.Name] = append(store.versions[p.Name], p)
		}
		store.parameters = append(store.parameters, p)
	}
	return store, dir
}

// TestAPlanOf5000GroupsKeepsWithinBounds measures the command as a process of its own:
// its peak of memory, how many calls it makes, and how many of them side by side. With -short there are 500 groups.
func TestAPlanOf5000GroupsKeepsWithinBounds(t *testing.T) {
	t.Parallel()
	const most = 600 << 10 // KB; some 90 MB here, and 370 MB with the race detector
	n := 5000
	if testing.Short() {
		n = 500
	}
	store, dir := manyGroups(t, n)
	var under, peak atomic.Int64
	store.onHistory = func(string) (func(), error) {
		at := under.Add(1)
		for old := peak.Load(); at > old && !peak.CompareAndSwap(old, at); old = peak.Load() {
		}
		return func() { under.Add(-1) }, nil
	}
	plan, errs := processAt(t, store.URL, "plan", dir)
	var out bytes.Buffer
	plan.Stdout = &out
	var exit *exec.ExitError
	if err := plan.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 || !bytes.HasSuffix(out.Bytes(), fmt.Appendf(nil, "%d baselines to write, 0 unchanged; no live rule will be revoked\n", n)) {
		t.Fatalf("%v: %s", err, errs)
	}
	usage := plan.ProcessState.SysUsage().(*syscall.Rusage)
	calls := len(store.Requests())
	t.Logf("peak %d MB, %d calls, %d histories side by side", usage.Maxrss>>10, calls, peak.Load())
	if usage.Maxrss > most {
		t.Errorf("a peak of %d KB", usage.Maxrss)
	}
	// A history for each group, and pages: of baselines, approvals, groups and rules. A few
	// more calls are those that a loaded machine answered too late, and that were repeated.
	if pages, repeated := n/10+n/200, n/50; calls > n+2*pages+repeated {
		t.Errorf("%d calls", calls)
	}
	if peak.Load() > sideBySide {
		t.Errorf("%d histories at the same time", peak.Load())
	}
}

func TestAPlanIsPatientWithThrottling(t *testing.T) {
	t.Parallel()
	store, dir := manyGroups(t, 40)
	cfg := store.configOf()
	throttled := &awsstub.Error{Code: "ThrottlingException", Message: "Rate exceeded"}
	var counting sync.Mutex
	attempts := map[string]int{}
	store.onHistory = func(name string) (func(), error) {
		counting.Lock()
		defer counting.Unlock()
		if attempts[name]++; attempts[name] < 8 {
			return nil, throttled
		}
		return func() {}, nil
	}
	expect(t, runCommand(t, &cfg, "", "plan", dir), 2, "40 baselines to write, 0 unchanged")

	// It is not patient for ever.
	store, dir = manyGroups(t, 2)
	cfg = store.configOf()
	store.Inject("GetParameterHistory", 100, awsstub.Fault{Error: throttled})
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 1, "nothing was written:\n", "get the history of parameter /sg-baseline/groups/sg-0000", "Rate exceeded")
	if store.puts != 0 {
		t.Errorf("%d were written", store.puts)
	}
}

func TestAPlanOnATerminalShowsProgress(t *testing.T) {
	t.Parallel()
	store, dir := manyGroups(t, 25)
	got := onTerminal(t, store.configOf(), nil, "", "plan", dir)
	expect(t, got, 2, "\rcomparing baselines: 10 of 25", "\rcomparing baselines: 25 of 25")
}
