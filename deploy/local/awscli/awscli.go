// Package awscli makes the AWS CLI quick, for tests that call it a hundred times.
package awscli

import (
	"bufio"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/process"
)

//go:embed aws.py
var program []byte

// Quicken puts aws and python3 into dir, and dir first on this process's PATH: the AWS CLI all the same, but
// one that has been started already. Where the CLI isn't a module of the python3 on PATH, as version 2 isn't, it is left as it is. stop ends
// it, and is never nil.
func Quicken(dir string) (stop func() error, err error) {
	stop = func() error { return nil }
	python, err := exec.Command("python3", "-c", "import sys, socket, awscli; socket.recv_fds; print(sys.executable)").Output()
	if err != nil {
		return stop, nil
	}
	file := filepath.Join(dir, "aws.py")
	if err := os.WriteFile(file, program, 0o600); err != nil {
		return stop, err
	}
	interpreter, socket := strings.TrimSpace(string(python)), filepath.Join(dir, "socket")
	server := exec.Command(interpreter, file, "serve", socket)
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		return stop, err
	}
	running, err := process.Start(server)
	if err != nil {
		return stop, err
	}
	stop = func() error { return running.Stop(5 * time.Second) }
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return stop, fmt.Errorf("start the AWS CLI, which says %q: %w", line, err)
	}
	for name, command := range map[string]string{
		"aws":     fmt.Sprintf("'%s' -IS '%s' run '%s'", interpreter, file, socket),
		"python3": "'" + interpreter + "'", // past shims, which take longer than most scripts
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexec "+command+" \"$@\"\n"), 0o755); err != nil {
			return stop, err
		}
	}
	return stop, os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}
