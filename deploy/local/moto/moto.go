// Package moto runs moto_server, the simulation of AWS that the local AWS is built on.
package moto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/process"
)

const (
	startTimeout = 60 * time.Second
	stopGrace    = 2 * time.Second
	pollInterval = 20 * time.Millisecond
	portAttempts = 5
)

// ErrNotInstalled says that there is no moto_server on PATH.
var ErrNotInstalled = errors.New("moto_server is not on PATH: run `make tools`, which installs it into .venv, and put .venv/bin on PATH")

// Config is how to start a server. The zero value is fine.
type Config struct {
	Command string    // moto_server's name or path; default "moto_server"
	Logs    io.Writer // gets what the server prints, one line a request; default nowhere
}

// Server is a running moto_server.
type Server struct {
	URL  string // http://127.0.0.1:PORT
	proc *process.Process
	out  *output
}

// Start starts a server on a free loopback port and returns once it answers, about two seconds later. ctx bounds the
// start only: the server runs until Close.
func Start(ctx context.Context, config Config) (*Server, error) {
	command := config.Command
	if command == "" {
		command = "moto_server"
	}
	path, err := exec.LookPath(command)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotInstalled, err)
	}
	for attempt := 1; ; attempt++ {
		server, err := start(ctx, path, config.Logs)
		if errors.Is(err, errPortTaken) && attempt < portAttempts {
			continue
		}
		return server, err
	}
}

// errPortTaken says that another process got the port between its choice and the server's bind.
var errPortTaken = errors.New("the port was taken by another process")

func start(ctx context.Context, path string, logs io.Writer) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	out := &output{forward: logs}
	cmd := exec.Command(path, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	cmd.Env = append(os.Environ(), "MOTO_EC2_LOAD_DEFAULT_AMIS=false", "PYTHONUNBUFFERED=1")
	cmd.Stdout, cmd.Stderr = out, out
	proc, err := process.Start(cmd)
	if err != nil {
		return nil, err
	}
	server := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", port), proc: proc, out: out}
	if err := server.waitReady(ctx); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return server, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("choose a port for moto_server: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.proc.Exited():
			if strings.Contains(s.out.Tail(), "already in use") {
				return errPortTaken
			}
			return fmt.Errorf("moto_server ended (%w) before it answered: %s", s.proc.Err(), s.out.Tail())
		case <-ctx.Done():
			return fmt.Errorf("wait for moto_server at %s: %w: %s", s.URL, ctx.Err(), s.out.Tail())
		case <-tick.C:
			// Its own word that it listens, and not just an answer: a lost race for the port would
			// otherwise be answered by the winner.
			if strings.Contains(s.out.Tail(), "Running on "+s.URL) && s.answers(ctx) {
				return nil
			}
		}
	}
}

func (s *Server) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, s.URL+"/moto-api/", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil
}

// Warm asks each service for something small, one after the other: moto loads a service on its first call, which costs
// EC2 more than a second. It is worth calling beside other work.
func (s *Server) Warm(ctx context.Context, services ...string) error {
	for _, service := range services {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, strings.NewReader("Action=Warm"))
		if err != nil {
			return fmt.Errorf("warm moto's %s: %w", service, err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", fmt.Sprintf(
			"AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0", service))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return fmt.Errorf("warm moto's %s: %w", service, err)
		}
		if err := response.Body.Close(); err != nil {
			return fmt.Errorf("warm moto's %s: %w", service, err)
		}
	}
	return nil
}

// Close ends the server and returns when it is gone. A second Close does nothing.
func (s *Server) Close() error {
	return s.proc.Stop(stopGrace)
}
