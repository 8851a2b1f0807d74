package moto_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
)

func TestTheServerAnswersUntilItIsClosed(t *testing.T) {
	t.Parallel()
	server, err := moto.Start(t.Context(), moto.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	response, err := http.Get(server.URL + "/moto-api/data.json")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("status %s", response.Status)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://")); err == nil {
		_ = conn.Close()
		t.Error("the port still answers after Close")
	}
	if err := server.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}

func TestStartSaysHowToInstallAMissingServer(t *testing.T) {
	t.Parallel()
	_, err := moto.Start(t.Context(), moto.Config{Command: "no-such-moto-server"})
	if !errors.Is(err, moto.ErrNotInstalled) || !strings.Contains(err.Error(), "make tools") {
		t.Errorf("error %v", err)
	}
}

func TestStartReportsWhatAServerThatEndsHadToSay(t *testing.T) {
	t.Parallel()
	_, err := moto.Start(t.Context(), moto.Config{Command: script(t, "echo 'no module named moto' >&2; exit 1")})
	if err == nil || !strings.Contains(err.Error(), "no module named moto") {
		t.Errorf("error %v", err)
	}
}

func TestServersOfOneProcessShareNothing(t *testing.T) {
	t.Parallel()
	var ids []string
	for range 2 {
		server, err := moto.Start(t.Context(), moto.Config{Services: []string{"ec2", "no-such-service"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		client := ec2.NewFromConfig(awsconfig.New(server.URL, awsconfig.Keys))
		made, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("g"), Description: aws.String("g")})
		if err != nil {
			t.Fatal(err) // the name would be taken in a server that is shared
		}
		ids = append(ids, *made.GroupId)
	}
	if ids[0] == ids[1] {
		t.Errorf("both servers made %s", ids[0])
	}
}

func TestWhatAServerPrintsIsPassedOn(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	server, err := moto.Start(t.Context(), moto.Config{Logs: &logs})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(server.URL + "/moto-api/data.json")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(logs.String(), "GET /moto-api/data.json") {
		t.Errorf("logs %q", logs.String())
	}
}

func TestACancelledStartEndsTheServerItStarted(t *testing.T) {
	t.Parallel()
	pidFile := filepath.Join(t.TempDir(), "pid")
	command := script(t, "echo $$ >'"+pidFile+".new'; mv '"+pidFile+".new' '"+pidFile+"'; exec sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error)
	go func() {
		_, err := moto.Start(ctx, moto.Config{Command: command})
		failed <- err
	}()
	pid := readPid(t, pidFile)
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v, want it gone", pid, err)
	}
}

func readPid(t *testing.T, path string) int {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		text, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
	t.Fatal("the server wrote no pid")
	return 0
}

// script makes a moto_server of which the Python is a shell script.
func script(t *testing.T, body string) string {
	t.Helper()
	// No fork may hold a file open for writing when it is executed (golang.org/issue/22315).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	dir := t.TempDir()
	for _, name := range []string{"moto_server", "python3"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "moto_server")
}
