package process_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/process"
)

func TestStopEndsAChildThatListensToSIGTERM(t *testing.T) {
	t.Parallel()
	p := start(t, exec.Command("sleep", "60"))
	if err := p.Stop(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if !errors.As(p.Err(), &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v, want SIGTERM", p.Err())
	}
	wantGone(t, p.Pid())
}

func TestStopKillsAChildThatIgnoresSIGTERM(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", `trap "" TERM; echo ready; while :; do sleep 0.01; done`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, cmd)
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(50 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if !errors.As(p.Err(), &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("ended with %v, want SIGKILL", p.Err())
	}
	wantGone(t, p.Pid())
}

func TestStopAfterTheEndDoesNothing(t *testing.T) {
	t.Parallel()
	p := start(t, exec.Command("true"))
	if err := p.Err(); err != nil {
		t.Fatalf("true ended with %v", err)
	}
	if err := p.Stop(0); err != nil {
		t.Error(err)
	}
}

func TestStartSaysWhatCouldNotBeStarted(t *testing.T) {
	t.Parallel()
	if _, err := process.Start(exec.Command("/nonexistent/program")); err == nil || !strings.Contains(err.Error(), "/nonexistent/program") {
		t.Errorf("error %v does not name the program", err)
	}
}

// The test binary plays the parent: it starts a sleeper, prints its pid and waits to be killed.
func TestAChildDoesNotOutliveAParentThatIsKilled(t *testing.T) {
	if os.Getenv("SGWARDEN_TEST_PARENT") == "1" {
		p := start(t, exec.Command("sleep", "60"))
		_, _ = os.Stdout.WriteString("child " + strconv.Itoa(p.Pid()) + "\n")
		<-p.Exited()
		return
	}
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("only Linux has a parent-death signal")
	}
	t.Parallel()
	parent := exec.Command(os.Args[0], "-test.run=^TestAChildDoesNotOutliveAParentThatIsKilled$")
	parent.Env = append(os.Environ(), "SGWARDEN_TEST_PARENT=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, parent)
	child := childPid(t, out)
	if err := p.Stop(0); err != nil {
		t.Fatal(err)
	}
	wantGone(t, child)
}

func childPid(t *testing.T, out io.Reader) int {
	t.Helper()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "child "); ok {
			pid, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("the parent printed no child's pid")
	return 0
}

func start(t *testing.T, cmd *exec.Cmd) *process.Process {
	t.Helper()
	p, err := process.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(0) })
	return p
}

// wantGone waits until the process is gone, or is a zombie that waits for init to collect it.
func wantGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d is still there", pid)
}
