// Package moto runs moto, the simulation of AWS that the local AWS is built on.
package moto

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"time"
)

const (
	startTimeout = 60 * time.Second
	stopGrace    = 10 * time.Second
)

// ErrNotInstalled says that there is no moto_server on PATH.
var ErrNotInstalled = errors.New("moto_server is not on PATH: run `make tools`, which installs it into .venv, and put .venv/bin on PATH")

// Config is how to start a server. The zero value is fine.
type Config struct {
	Command  string    // moto_server's name or path; default "moto_server"
	Services []string  // services to load now, such as "ec2"; moto loads the others at their first call
	Logs     io.Writer // gets what the server prints, one line a request; default nowhere
}

// Server is a running moto.
type Server struct {
	URL string // http://127.0.0.1:PORT

	conn *net.TCPConn // the server ends with it
	gone chan struct{}
}

// Start starts a server on a free loopback port: in two or three seconds the first of a process, and a further one at
// once. ctx bounds the start only: the server runs until Close, or until this process ends.
func Start(ctx context.Context, config Config) (*Server, error) {
	command := config.Command
	if command == "" {
		command = "moto_server"
	}
	path, err := exec.LookPath(command)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotInstalled, err)
	}
	python, err := pythonOf(path)
	if err != nil {
		return nil, fmt.Errorf("find the Python of %s: %w", path, err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	conn, err := dial(ctx, python)
	if err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	return start(ctx, conn.(*net.TCPConn), config)
}

func start(ctx context.Context, conn *net.TCPConn, config Config) (*Server, error) {
	lines := bufio.NewReader(conn)
	_, err := fmt.Fprintln(conn, strings.Join(config.Services, " "))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start moto: %w", err), conn.Close())
	}
	port, said, err := portIn(ctx, lines, "moto listens at ", func() { _ = conn.Close() })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start moto: %w: %s", err, said), conn.Close())
	}
	logs := config.Logs
	if logs == nil {
		logs = io.Discard
	}
	s := &Server{URL: "http://127.0.0.1:" + port, conn: conn, gone: make(chan struct{})}
	go func() {
		defer close(s.gone)
		_, _ = io.Copy(logs, lines) // until the server is gone
	}()
	return s, nil
}

// Close ends the server and returns when it is gone. A second Close does nothing.
func (s *Server) Close() error {
	_ = s.conn.CloseWrite() // an error is that the server is gone
	select {
	case <-s.gone:
	case <-time.After(stopGrace):
		return errors.Join(fmt.Errorf("end moto at %s: it goes on after %s", s.URL, stopGrace), s.conn.Close())
	}
	if err := s.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("end moto at %s: %w", s.URL, err)
	}
	return nil
}
