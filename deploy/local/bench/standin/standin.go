// Package standin answers for EC2, SSM and SNS on loopback, each at an address of its own as at AWS, with TLS and at a
// distance where wanted. It notes what was called when and over how many connections. Its answers are texts that are
// made beforehand, so that it takes little of the processors that it shares with the function.
package standin

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bench/delay"
)

// Answers are the bodies of answers by action, such as "GetParameters". Each function gets the call's body.
type Answers map[string]func(body []byte) []byte

// Options say how far away the services are.
type Options struct {
	Answers   Answers
	Identity  *Identity     // nil for HTTP
	RoundTrip time.Duration // 0 for none but loopback's own
	Hold      time.Duration // how long an answer takes, beside that
}

// Call is one request. Wave counts sequential round trips: one more than the highest wave that was answered before the
// call arrived.
type Call struct {
	Action   string
	Wave     int
	Answered time.Time // when the answer left
}

// Cloud is the three services. Close it.
type Cloud struct {
	options Options
	servers []*http.Server
	lines   []*delay.Line
	urls    map[string]string // by the name in AWS_ENDPOINT_URL_<NAME>
	served  sync.WaitGroup

	mu          sync.Mutex
	calls       []Call
	answered    int // the highest wave
	connections int
	unknown     []string // actions without an answer
}

// Start starts the services.
func Start(options Options) (*Cloud, error) {
	c := &Cloud{options: options, urls: map[string]string{}}
	for _, service := range []string{"EC2", "SSM", "SNS"} {
		if err := c.start(service); err != nil {
			return nil, errors.Join(fmt.Errorf("start the stand-in of %s: %w", service, err), c.Close())
		}
	}
	return c, nil
}

func (c *Cloud) start(service string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(c.serve), ReadHeaderTimeout: 10 * time.Second, ConnState: c.count}
	server.ErrorLog = log.New(io.Discard, "", 0) // of handshakes with functions that were ended meanwhile; a function's own error tells of others
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true) // as AWS's endpoints
	address, scheme := listener.Addr().String(), "http"
	serve := server.Serve
	if c.options.Identity != nil {
		scheme = "https"
		server.TLSConfig = c.options.Identity.config()
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	c.servers = append(c.servers, server)
	c.served.Go(func() { _ = serve(listener) }) // returns ErrServerClosed, at Close
	if c.options.RoundTrip > 0 {
		line, err := delay.Listen(address, c.options.RoundTrip)
		if err != nil {
			return err
		}
		c.lines = append(c.lines, line)
		address = line.Address
	}
	c.urls[service] = scheme + "://" + address
	return nil
}

// Close ends all connections and returns when nothing is left.
func (c *Cloud) Close() error {
	var errs []error
	for _, line := range c.lines {
		errs = append(errs, line.Close())
	}
	for _, server := range c.servers {
		errs = append(errs, server.Close())
	}
	c.served.Wait()
	return errors.Join(errs...)
}

// Distance is a round trip to the services, without loopback's own.
func (c *Cloud) Distance() time.Duration { return c.options.RoundTrip }

// Environment is what leads the SDK of any language to the services.
func (c *Cloud) Environment() []string {
	environment := []string{
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SESSION_TOKEN=" + strings.Repeat("token", 100),
	}
	for service, url := range c.urls {
		environment = append(environment, "AWS_ENDPOINT_URL_"+service+"="+url)
	}
	if c.options.Identity != nil {
		environment = append(environment, "AWS_CA_BUNDLE="+c.options.Identity.Bundle)
	}
	slices.Sort(environment)
	return environment
}

// count counts connections once their handshake, if there is one, begins.
func (c *Cloud) count(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.connections++
	}
}
