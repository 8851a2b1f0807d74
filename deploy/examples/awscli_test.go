package examples_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/process"
)

// quickenAWS puts an aws first on PATH which is the AWS CLI all the same, but one that has been started already: the
// scripts call it a hundred times. Where the CLI isn't a module of the python3 on PATH, as version 2 isn't, it is left as
// it is. stop ends it.
func quickenAWS(dir string) (stop func() error, err error) {
	none := func() error { return nil }
	python, err := exec.Command("python3", "-c", "import sys, socket, awscli; socket.recv_fds; print(sys.executable)").Output()
	if err != nil {
		return none, nil
	}
	program, err := filepath.Abs("testdata/aws.py")
	if err != nil {
		return none, err
	}
	interpreter, socket := strings.TrimSpace(string(python)), filepath.Join(dir, "socket")
	server := exec.Command(interpreter, program, "serve", socket)
	server.Env, server.Stderr = append(os.Environ(), local.Environment()...), os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		return none, err
	}
	running, err := process.Start(server)
	if err != nil {
		return none, err
	}
	stop = func() error { return running.Stop(5 * time.Second) }
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return stop, fmt.Errorf("start the AWS CLI, which says %q: %w", line, err)
	}
	client := fmt.Sprintf("#!/bin/sh\nexec '%s' -IS '%s' run '%s' \"$@\"\n", interpreter, program, socket)
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(client), 0o755); err != nil {
		return stop, err
	}
	return stop, os.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}
