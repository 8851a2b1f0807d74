package integration

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/local/runtime"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// functionMemory is what the functions have, in bytes: MemorySize in the template.
const functionMemory = 128 << 20

// invokeWatched runs a function's real binary, with a watchdog that ends it when it takes
// more memory than the function has, and returns its peak in bytes.
func invokeWatched(t *testing.T, name string, stub *awsstub.Stub, message []byte) (result runtime.Result, peak int) {
	t.Helper()
	// A copy has a path of its own, by which the watchdog finds the process.
	binary, err := os.ReadFile(filepath.Join("../../build/local", name, "bootstrap"))
	if err != nil {
		t.Fatalf("%v: run make local-build", err)
	}
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(bootstrap, binary, 0o700); err != nil {
		t.Fatal(err)
	}
	function, err := runtime.Start(t.Context(), runtime.Config{
		Bootstrap: bootstrap, Name: name, ARN: "arn:aws:lambda:us-east-1:111122223333:function:" + name, Timeout: time.Minute,
		Credentials: aws.Credentials{AccessKeyID: "stub", SecretAccessKey: "stub"},
		Env:         map[string]string{"ALERT_TOPIC_ARN": "arn:aws:sns:us-east-1:111122223333:alerts", "AWS_ENDPOINT_URL": stub.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan int)
	go func() { watched <- watch(ctx, bootstrap) }()
	result, err = function.Invoke(t.Context(), message)
	cancel()
	peak = <-watched
	if closeErr := function.Close(); err != nil || closeErr != nil {
		t.Fatal(err, closeErr)
	}
	return result, peak
}

// watch follows the peak of resident memory of the process that runs a binary
// (VmHWM in /proc/PID/status, see proc(5)), and kills one that takes too much.
func watch(ctx context.Context, binary string) (peak int) {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		processes, _ := filepath.Glob("/proc/[0-9]*/exe")
		for _, exe := range processes {
			if path, err := os.Readlink(exe); err != nil || path != binary {
				continue
			}
			peak = max(peak, residentPeak(filepath.Dir(exe)))
			if peak > functionMemory {
				kill(filepath.Base(filepath.Dir(exe)))
			}
		}
		select {
		case <-ctx.Done():
			return peak
		case <-ticker.C:
		}
	}
}

func kill(pid string) {
	if n, err := strconv.Atoi(pid); err == nil {
		if p, err := os.FindProcess(n); err == nil {
			_ = p.Kill() // it may have ended by itself
		}
	}
}

func residentPeak(process string) int {
	status, _ := os.ReadFile(filepath.Join(process, "status"))
	for line := range strings.Lines(string(status)) {
		if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kilobytes), "kB")))
			return n << 10
		}
	}
	return 0
}
