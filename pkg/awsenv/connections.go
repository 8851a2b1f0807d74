package awsenv

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

const (
	// keptFor is for how long a connection that nothing was sent over is kept, by the wall
	// clock. A function may be frozen for an hour after its start. Servers end such
	// connections meanwhile, and a function that is thawed may not have heard of that.
	keptFor = 10 * time.Second
	// handshakeTime ends a handshake that hangs. It is what the SDK's own client allows.
	handshakeTime = 10 * time.Second
)

// Connections are connections to AWS, some of them opened before they are needed.
//
//	start:        TCP, TLS ──▶ kept
//	first call:                taken, request ──▶ kept by net/http for the next calls
type Connections struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	// roots are the only ones that servers are judged by; nil for Amazon's and the system's.
	roots *x509.CertPool
	now   func() time.Time

	mu   sync.Mutex
	open map[endpoint][]opened // that nothing was sent over yet
}

// endpoint is where a connection leads.
type endpoint struct {
	secure  bool   // by TLS
	address string // host:port
}

// opened is a connection that nothing was sent over yet, but for the handshake.
type opened struct {
	net.Conn           // by TLS or plain
	socket   *watched  // below it
	at       time.Time // when it was opened, by the wall clock
}

// NewConnections returns none yet.
func NewConnections(roots *x509.CertPool, now func() time.Time) *Connections {
	return &Connections{dial: (&net.Dialer{Timeout: handshakeTime}).DialContext, roots: roots, now: now, open: map[endpoint][]opened{}}
}

// Client is the SDK's own client over these connections. An attempt of a call ends after
// a time.
func (c *Connections) Client(attemptTime time.Duration) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTimeout(attemptTime).WithTransportOptions(func(t *http.Transport) {
		t.ForceAttemptHTTP2 = false
		t.DialContext = func(ctx context.Context, _, address string) (net.Conn, error) {
			return c.connect(ctx, endpoint{false, address})
		}
		t.DialTLSContext = func(ctx context.Context, _, address string) (net.Conn, error) {
			return c.connect(ctx, endpoint{true, address})
		}
	})
}

// connect takes a connection that is open already, or opens one.
func (c *Connections) connect(ctx context.Context, to endpoint) (net.Conn, error) {
	if conn := c.take(to); conn != nil {
		return conn, nil
	}
	conn, err := c.establish(ctx, to)
	if err != nil {
		return nil, err
	}
	return conn.Conn, nil
}

// take returns an open connection, nil where none is younger than keptFor. Others are
// closed.
func (c *Connections) take(to endpoint) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open[to]) > 0 {
		last := len(c.open[to]) - 1
		conn := c.open[to][last]
		c.open[to] = c.open[to][:last]
		if c.wall().Sub(conn.at).Abs() < keptFor && conn.socket.alive() == nil {
			return conn.Conn
		}
		_ = conn.Close() // nothing was sent over it
	}
	return nil
}

// wall is the time without the monotonic clock's reading, which may stand still while a
// function is frozen.
func (c *Connections) wall() time.Time { return c.now().Round(0) }

// establish opens a connection, and shakes hands.
func (c *Connections) establish(ctx context.Context, to endpoint) (opened, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	conn, err := c.dial(ctx, "tcp", to.address)
	if err != nil {
		return opened{}, err
	}
	socket := watch(conn, c.wall)
	if !to.secure {
		return opened{socket, socket, c.wall()}, nil
	}
	host, _, err := net.SplitHostPort(to.address)
	secured := tls.Client(socket, tlsConfig(host, c.roots))
	if err == nil {
		err = secured.HandshakeContext(ctx)
	}
	if err != nil {
		_ = conn.Close() // the error says more
		return opened{}, err
	}
	return opened{secured, socket, c.wall()}, nil
}

// Wanted says how many connections to open to an URL such as
// https://ssm.us-east-1.amazonaws.com.
type Wanted struct {
	URL   url.URL
	Count int
}

// Open opens connections side by side, and returns when all are open or have failed, or
// when the context ends. What fails is no error: the first call opens its own connection
// then, and its error says what is wrong. Where a proxy leads to an URL, nothing is opened.
func (c *Connections) Open(ctx context.Context, wanted []Wanted) {
	var all sync.WaitGroup
	for _, w := range wanted {
		if proxied(w.URL) {
			continue
		}
		to := endpointOf(w.URL)
		for range w.Count {
			all.Go(func() {
				conn, err := c.establish(ctx, to)
				if err != nil {
					return
				}
				c.mu.Lock()
				defer c.mu.Unlock()
				c.open[to] = append(c.open[to], conn)
			})
		}
	}
	all.Wait()
}

// proxied reports whether a proxy of the environment leads to an URL.
func proxied(to url.URL) bool {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &to})
	return proxy != nil || err != nil
}

// endpointOf returns where an URL leads, with the scheme's port where it names none.
func endpointOf(to url.URL) endpoint {
	e := endpoint{secure: to.Scheme == "https"}
	port := to.Port()
	switch {
	case port == "" && e.secure:
		port = "443"
	case port == "":
		port = "80"
	}
	e.address = net.JoinHostPort(to.Hostname(), port)
	return e
}

// Close closes the connections that nothing was sent over.
func (c *Connections) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, all := range c.open {
		for _, conn := range all {
			_ = conn.Close()
		}
	}
	c.open = map[endpoint][]opened{}
}
