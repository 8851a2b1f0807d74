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
// one that has been started already. Where the CLI is a module of no python3 on PATH, as version 2 isn't, it is left as it
// is. stop ends it, and is never nil.
func Quicken(dir string) (stop func() error, err error) {
	stop = func() error { return nil }
	interpreter := pythonOfCLI()
	if interpreter == "" {
		return stop, nil
	}
	file := filepath.Join(dir, "aws.py")
	if err := os.WriteFile(file, program, 0o600); err != nil {
		return stop, err
	}
	socket := filepath.Join(dir, "socket")
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

// pythonOfCLI is the first python3 on PATH that has the AWS CLI, by its own path: the one of a virtual environment may come
// first and have other modules only. It is empty where none has.
func pythonOfCLI() string {
	const question = "import sys, socket, awscli.clidriver; socket.recv_fds; print(sys.executable)"
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		python, err := exec.Command(filepath.Join(folder, "python3"), "-I", "-c", question).Output()
		if err == nil {
			return strings.TrimSpace(string(python))
		}
	}
	return ""
}
