package awsenv

import (
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// idleFor is for how long nothing was sent or received before a connection is asked
// whether it is alive. While a call is under way, nothing is asked.
const idleFor = time.Second

// watched is a TCP connection that refuses to send once its server has ended it, before
// a byte is sent. net/http then takes another connection for a call, also for a POST,
// which it would not dare to send twice. Without that, the first call of a function that
// was frozen fails, and waits for the SDK's next try.
type watched struct {
	net.Conn
	now  func() time.Time
	last atomic.Int64 // when something was sent or received, by the wall clock, in ns since 1970
}

func watch(conn net.Conn, now func() time.Time) *watched {
	w := &watched{Conn: conn, now: now}
	w.touch()
	return w
}

func (w *watched) touch() { w.last.Store(w.now().UnixNano()) }

// Write sends bytes, unless the server has ended the connection while it was idle.
func (w *watched) Write(p []byte) (int, error) {
	if w.now().Sub(time.Unix(0, w.last.Load())).Abs() > idleFor {
		if err := w.alive(); err != nil {
			return 0, err
		}
	}
	n, err := w.Conn.Write(p)
	w.touch()
	return n, err
}

// Read receives bytes.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.touch()
	return n, err
}

// established is the state of a TCP connection that neither side has ended (Linux,
// include/net/tcp_states.h).
const established = 1

// alive asks the kernel for the state of the connection. Looking for bytes to read would
// not do: TLS leaves some that nobody asked for. A connection that is no socket of
// Linux's is taken to be alive.
func (w *watched) alive() error {
	socket, ok := w.Conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	state, optErr := established, error(nil)
	err = raw.Control(func(fd uintptr) {
		var info int
		// The state is the first byte of tcp_info (tcp(7), TCP_INFO), and the lowest of
		// an int on the processors that Lambda has.
		if info, optErr = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_INFO); optErr == nil {
			state = info & 0xff
		}
	})
	switch {
	case err != nil:
		return err
	case optErr == nil && state != established:
		return fmt.Errorf("the server at %s has ended the connection: %w", w.RemoteAddr(), syscall.EPIPE)
	}
	return nil
}
