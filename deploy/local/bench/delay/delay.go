// Package delay puts a distance between two ends of a TCP connection on one machine.
//
// It forwards connections and holds back every byte for half a round trip in each direction. The kernel accepts a
// connection at once, and netem, which could delay that, needs root and a module. So what a client sends in the round
// trip that connecting would have taken is held back until that is over. A TLS handshake takes its own round trips.
//
//	client   connect ┄┄┄┄┄┄┄┄┐  hello ───┐            ┌──▶ request ...
//	line             one trip └─▶ half ───┴─▶ server ──┘ half
package delay

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Line leads to a server that is a round trip away. Close it.
type Line struct {
	// Address is where clients connect, host:port.
	Address string

	listener  net.Listener
	target    string
	roundTrip time.Duration
	all       sync.WaitGroup

	mu    sync.Mutex
	ends  map[net.Conn]bool
	ended bool
}

// Listen opens a line to a target, host:port.
func Listen(target string, roundTrip time.Duration) (*Line, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the delayed line to %s: %w", target, err)
	}
	l := &Line{Address: listener.Addr().String(), listener: listener, target: target, roundTrip: roundTrip, ends: map[net.Conn]bool{}}
	l.all.Go(l.accept)
	return l, nil
}

// Close ends all connections and returns when nothing of the line is left.
func (l *Line) Close() error {
	err := l.listener.Close()
	l.mu.Lock()
	l.ended = true
	for end := range l.ends {
		_ = end.Close() // its own goroutine may have closed it already
	}
	l.mu.Unlock()
	l.all.Wait()
	return err
}

func (l *Line) accept() {
	for {
		client, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			accepted := time.Now()
			l.all.Go(func() { l.serve(client, accepted) })
		}
	}
}

// serve forwards one connection until either end closes.
func (l *Line) serve(client net.Conn, accepted time.Time) {
	server, err := net.Dial("tcp", l.target)
	if err != nil || !l.keep(client, server) {
		_ = client.Close()
		return
	}
	connected := accepted.Add(l.roundTrip)
	var both sync.WaitGroup
	both.Go(func() { l.forward(server, client, connected) })
	both.Go(func() { l.forward(client, server, accepted) })
	both.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ends, client)
	delete(l.ends, server)
}

// keep notes the ends for Close. Once that was called, it closes the server's end and returns false.
func (l *Line) keep(client, server net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		_ = server.Close()
		return false
	}
	l.ends[client], l.ends[server] = true, true
	return true
}

// piece is what was read at once, and when its first byte arrives at the other end.
type piece struct {
	data    []byte
	arrives time.Time
}

// forward copies until the source ends. Nothing that is read before a moment counts as sent before it.
func (l *Line) forward(to, from net.Conn, notBefore time.Time) {
	way := make(chan piece, 1024)
	go func() {
		defer close(way)
		for {
			data := make([]byte, 16<<10)
			n, err := from.Read(data)
			sent := time.Now()
			if sent.Before(notBefore) {
				sent = notBefore
			}
			if n > 0 {
				way <- piece{data[:n], sent.Add(l.roundTrip / 2)}
			}
			if err != nil {
				return
			}
		}
	}()
	var failed error
	for p := range way {
		time.Sleep(time.Until(p.arrives))
		if failed == nil {
			_, failed = to.Write(p.data)
		}
	}
	_ = to.Close() // the other direction's goroutine ends with it
}
