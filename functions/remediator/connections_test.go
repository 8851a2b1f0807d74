package main

import (
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sgwarden/sgwarden/functions/wiring"
)

// turnstile counts the connections that go through it to another address.
type turnstile struct {
	net.Listener
	to     string
	passed atomic.Int64
}

func newTurnstile(t *testing.T, to string) *turnstile {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &turnstile{Listener: listener, to: strings.TrimPrefix(to, "http://")}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			s.passed.Add(1)
			go s.carry(conn)
		}
	}()
	return s
}

// carry moves bytes both ways until one side ends.
func (s *turnstile) carry(from net.Conn) {
	defer from.Close()
	to, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", s.to)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}()
	_, _ = io.Copy(from, to)
}

// TestTheFirstEventOpensNoConnection: all that it needs are open when the function asks
// for it. A handshake within the event would cost two round trips and, with a fourteenth of
// a processor, more time than those.
func TestTheFirstEventOpensNoConnection(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 0, ssh)
	way := newTurnstile(t, c.stub.URL)
	var opened int64
	answer, log := c.serveOne(t, "http://"+way.Addr().String(), func() { opened = way.passed.Load() })
	if !strings.Contains(answer, `"outcome":"reverted"`) {
		t.Fatalf("got %s; log %s", answer, log)
	}
	calls := wiring.Remediating
	if want := int64(calls.EC2 + calls.SSM + calls.SNS); opened != want {
		t.Errorf("%d connections were opened, and the start opens %d", opened, want)
	}
}
