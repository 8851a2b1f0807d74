package moto

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

var (
	//go:embed amendments.py
	amendments string
	//go:embed launcher.py
	program string
)

// launcher is a running launcher.py, which forks servers. Python takes a second of the processor to load moto, and EC2 and
// CloudFormation take two more, so this process has one launcher for all its servers. It ends when its input does, and
// so with this process.
type launcher struct {
	mu      sync.Mutex
	address string // "" while there is none
	input   io.Closer
}

var launchers sync.Map // *launcher by the path of Python

// dial connects to the launcher, and starts it first where there is none.
func dial(ctx context.Context, python string) (net.Conn, error) {
	found, _ := launchers.LoadOrStore(python, &launcher{})
	l := found.(*launcher)
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		started := l.address == ""
		if started {
			if err := l.start(ctx, python); err != nil {
				return nil, err
			}
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.address)
		if err == nil || started || ctx.Err() != nil {
			return conn, err
		}
		l.address = "" // somebody ended it
	}
}

func (l *launcher) start(ctx context.Context, python string) (err error) {
	cmd := exec.Command(python, "-u", "-c", amendments+program)
	cmd.Env = append(os.Environ(), "MOTO_EC2_LOAD_DEFAULT_AMIS=false")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a ^C at the terminal is for this process, which ends it
	input, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = write, write
	err = cmd.Start()
	if err = errors.Join(err, write.Close()); err != nil {
		return fmt.Errorf("start %s: %w", python, err)
	}
	port, said, err := portIn(ctx, bufio.NewReader(out), "launcher.py listens at ", func() { _ = cmd.Process.Kill() })
	if err != nil {
		_ = cmd.Process.Kill()
		return fmt.Errorf("load moto with %s: %w (%w): %s", python, err, cmd.Wait(), said)
	}
	l.address, l.input = "127.0.0.1:"+port, input
	return nil
}

// portIn reads lines until one says at which port something listens, and returns what it read before. end ends whoever
// writes the lines, and is called where ctx ends first.
func portIn(ctx context.Context, lines *bufio.Reader, says string, end func()) (port, said string, err error) {
	defer context.AfterFunc(ctx, end)()
	for {
		line, err := lines.ReadString('\n')
		if port, found := strings.CutPrefix(line, says); found && err == nil {
			return strings.TrimSpace(port), said, nil
		}
		said += line
		if err != nil {
			return "", said, errors.Join(ctx.Err(), fmt.Errorf("it ended before it answered: %w", err))
		}
	}
}

// pythonOf finds the Python that has moto, which moto_server belongs to: beside it, as in .venv/bin, or on PATH.
func pythonOf(server string) (string, error) {
	beside := []string{filepath.Dir(server)}
	if target, err := filepath.EvalSymlinks(server); err == nil {
		beside = append(beside, filepath.Dir(target))
	}
	for _, dir := range beside {
		if path, err := exec.LookPath(filepath.Join(dir, "python3")); err == nil {
			return path, nil
		}
	}
	return exec.LookPath("python3")
}
