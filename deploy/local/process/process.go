// Package process runs child processes that do not outlive this one.
package process

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Process is a running child in a process group of its own, so that a ^C at the terminal reaches only the parent,
// which then ends its children in order.
type Process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error
}

// Start starts cmd, which must not have been started. On Linux the kernel kills the child when this process dies,
// however it dies. Whatever still holds the child's output open one second after its end is closed.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, exited: make(chan struct{})}
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = time.Second
	started := make(chan error)
	go func() {
		// The parent-death signal fires when the *thread* that started the child ends (prctl(2)), so this
		// goroutine keeps its thread until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// Pid is the child's process id, and its process group's.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Exited is closed once the child has ended and been waited for.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Err says how the child ended, as exec.Cmd.Wait does: nil for exit status 0. It waits for the end.
func (p *Process) Err() error {
	<-p.exited
	return p.err
}

// Stop asks the child's group to end with SIGTERM, ends it with SIGKILL after grace, and returns when it is gone. A
// grace of zero kills at once. Stopping a child that has ended does nothing.
func (p *Process) Stop(grace time.Duration) error {
	select {
	case <-p.exited:
		return nil
	default:
	}
	if grace > 0 {
		if err := p.signal(syscall.SIGTERM); err != nil {
			return err
		}
		select {
		case <-p.exited:
			return nil
		case <-time.After(grace):
		}
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.exited
	return nil
}

func (p *Process) signal(sig syscall.Signal) error {
	if err := syscall.Kill(-p.Pid(), sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("send %s to process group %d: %w", sig, p.Pid(), err)
	}
	return nil
}
