package delay_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/delay"
)

// echo answers what it gets, until the test ends.
func echo(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

func open(t *testing.T, roundTrip time.Duration) (*delay.Line, net.Conn) {
	t.Helper()
	line, err := delay.Listen(echo(t), roundTrip)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", line.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		_ = line.Close()
	})
	return line, conn
}

// ping sends a text and waits until it is back.
func ping(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	const text = "ping"
	began := time.Now()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	back := make([]byte, len(text))
	if _, err := io.ReadFull(conn, back); err != nil || string(back) != text {
		t.Fatalf("got %q, %v", back, err)
	}
	return time.Since(began)
}

func TestTheFirstAnswerTakesARoundTripForConnectingAndLaterOnesDoNot(t *testing.T) {
	t.Parallel()
	const roundTrip = 400 * time.Millisecond // long, so that a busy machine doesn't look like one more
	_, conn := open(t, roundTrip)
	if took := ping(t, conn); took < 2*roundTrip-10*time.Millisecond { // the connection is a little older than the ping
		t.Errorf("the first answer took %v, want two round trips of %v", took, roundTrip)
	}
	if took := ping(t, conn); took < roundTrip || took >= 2*roundTrip {
		t.Errorf("the second answer took %v, want one round trip of %v", took, roundTrip)
	}
}

func TestTheClientSeesThatTheServerIsGone(t *testing.T) {
	t.Parallel()
	line, err := delay.Listen("127.0.0.1:1", time.Millisecond) // where nobody listens
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	conn, err := net.Dial("tcp", line.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("got an answer from nobody")
	}
}

func TestCloseEndsConnectionsThatAreOpen(t *testing.T) {
	t.Parallel()
	line, conn := open(t, time.Millisecond)
	ping(t, conn)
	if err := line.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}
