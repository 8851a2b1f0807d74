package awsenv

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// server counts the connections that are opened to it.
type server struct {
	*httptest.Server
	opened atomic.Int64
}

func newServer(t *testing.T, secure bool) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail on purpose
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.opened.Add(1)
		}
	}
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *server) roots() *x509.CertPool {
	if s.Certificate() == nil {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func (s *server) wanted(t *testing.T, count int) []Wanted {
	t.Helper()
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return []Wanted{{URL: *at, Count: count}}
}

// echo has the server send a text back.
func echo(t *testing.T, client interface {
	Do(*http.Request) (*http.Response, error)
}, to string,
) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || string(text) != "hello" {
		t.Errorf("%v: got %q", err, text)
	}
	return nil
}

// clock is a wall clock that tests move.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time           { return time.Unix(c.at.Load(), 0) }
func (c *clock) forward(by time.Duration) { c.at.Add(int64(by / time.Second)) }

func TestOpenConnectionsAreUsed(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"over TLS": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, secure)
			c := NewConnections(s.roots(), time.Now)
			t.Cleanup(c.Close)
			c.Open(t.Context(), s.wanted(t, 1))
			if got := len(c.open[endpointOf(s.wanted(t, 1)[0].URL)]); got != 1 {
				t.Fatalf("%d connections are open at the start", got)
			}
			client := c.Client(time.Minute)
			for range 3 {
				if err := echo(t, client, s.URL); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.opened.Load(); got != 1 {
				t.Errorf("%d connections were opened for three calls one after the other", got)
			}
		})
	}
}

// TestAFunctionThatWakesAfterAnHour has a server that ended all connections meanwhile.
func TestAFunctionThatWakesAfterAnHour(t *testing.T) {
	t.Parallel()
	s, wall := newServer(t, true), &clock{}
	c := NewConnections(s.roots(), wall.now)
	t.Cleanup(c.Close)
	c.Open(t.Context(), s.wanted(t, 2))
	client := c.Client(time.Minute)
	s.CloseClientConnections()
	wall.forward(time.Hour)
	if err := echo(t, client, s.URL); err != nil {
		t.Errorf("connections that nothing was sent over: %v", err)
	}
	s.CloseClientConnections()
	wall.forward(time.Hour)
	if err := echo(t, client, s.URL); err != nil {
		t.Errorf("a connection that was used before: %v", err)
	}
}

// TestOldConnectionsAreNotUsed although their server still has them, and newer ones are.
func TestOldConnectionsAreNotUsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age    time.Duration
		opened int64
	}{"old": {time.Minute, 2}, "fresh": {time.Second, 1}, "from the future, since a clock was set": {-time.Minute, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, wall := newServer(t, true), &clock{}
			connections := NewConnections(s.roots(), wall.now)
			connections.Open(t.Context(), s.wanted(t, 1))
			wall.forward(c.age)
			if err := echo(t, connections.Client(time.Minute), s.URL); err != nil || s.opened.Load() != c.opened {
				t.Errorf("%v: %d connections were opened, want %d", err, s.opened.Load(), c.opened)
			}
		})
	}
}

func TestAnEndpointThatNeverAnswersDelaysNoOtherCall(t *testing.T) {
	t.Parallel()
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts, by the backlog, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	trusted := newServer(t, true)
	c := NewConnections(trusted.roots(), time.Now)
	t.Cleanup(c.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // longer than a busy machine takes for the other
	defer cancel()
	c.Open(ctx, append(trusted.wanted(t, 1), Wanted{URL: url.URL{Scheme: "https", Host: silent.Addr().String()}, Count: 2}))
	if err := echo(t, c.Client(time.Minute), trusted.URL); err != nil || trusted.opened.Load() != 1 {
		t.Errorf("%v: the other endpoint's connection is not used: %d were opened", err, trusted.opened.Load())
	}
}

// TestAServerIsWhoItSaysItIs has servers of a certificate that is theirs, or isn't.
func TestAServerIsWhoItSaysItIs(t *testing.T) {
	t.Parallel()
	s := newServer(t, true) // its certificate is for example.com, 127.0.0.1 and ::1
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		host    string
		roots   *x509.CertPool
		trusted bool
	}{
		"an address that the certificate has": {"127.0.0.1", s.roots(), true},
		"a name that the certificate has":     {"example.com", s.roots(), true},
		"an address that it doesn't have":     {"127.0.0.2", s.roots(), false},
		"a name that it doesn't have":         {"ssm.us-east-1.amazonaws.com", s.roots(), false},
		"an address, signed by nobody known":  {"127.0.0.1", nil, false},
		"a name, signed by nobody known":      {"example.com", nil, false},
		"roots that signed something else":    {"127.0.0.1", amazonPool(), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connections := NewConnections(c.roots, time.Now)
			connections.dial = func(ctx context.Context, network, _ string) (net.Conn, error) { // whatever name was dialled
				return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
			}
			err := echo(t, connections.Client(time.Minute), "https://"+net.JoinHostPort(c.host, port))
			if (err == nil) != c.trusted {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestEitherRootsAreEnough checks a server by Amazon's roots, and by the system's.
func TestEitherRootsAreEnough(t *testing.T) {
	t.Parallel()
	s := newServer(t, true)
	state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{s.Certificate()}}
	for name, c := range map[string]struct {
		amazon, system *x509.CertPool
		host           string
		trusted        bool
	}{
		"Amazon's alone":         {s.roots(), x509.NewCertPool(), "127.0.0.1", true},
		"the system's alone":     {x509.NewCertPool(), s.roots(), "127.0.0.1", true},
		"neither":                {x509.NewCertPool(), x509.NewCertPool(), "127.0.0.1", false},
		"both, for another host": {s.roots(), s.roots(), "127.0.0.2", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := verifier{amazon: func() *x509.CertPool { return c.amazon }, system: c.system}.check(c.host, state)
			if (err == nil) != c.trusted {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAmazonsRootsAreFiveAuthoritiesThatLast(t *testing.T) {
	t.Parallel()
	count := 0
	for rest := amazonRoots; ; count++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !root.IsCA || root.NotAfter.Before(time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: a root %t, until %s", root.Subject, root.IsCA, root.NotAfter)
		}
	}
	if count != 5 {
		t.Errorf("%d roots", count)
	}
}
