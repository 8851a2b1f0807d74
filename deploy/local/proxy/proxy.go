// Package proxy is the endpoint of the local AWS. It stands in front of moto, lets every request through unchanged, and
// plays what watches the API calls of a real account: for each write to a security group, a managed prefix list or
// Parameter Store it makes the event that AWS would send, it keeps what is published to SNS, and it reports when something
// was deployed. Lambda's Invoke it answers itself.
package proxy

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

const closeGrace = 3 * time.Second

// Bus takes the events.
type Bus interface {
	Begin() (done func())      // says that an event may be on its way
	Put(event json.RawMessage) // an EventBridge envelope
}

// Config is how to start a proxy.
type Config struct {
	Moto      string // moto's URL
	Account   string // 12 digits
	Bus       Bus
	Published func(Publication) // gets each message that SNS took, before the publisher's answer
	// Invoke invokes a deployed function for the Lambda API's Invoke. ErrNoFunction is for a name that none has.
	Invoke func(ctx context.Context, function string, payload []byte) (runtime.Result, error)
	// InvokeLater takes an asynchronous invocation. It is false for a name that no function has.
	InvokeLater func(function string, payload []byte) (accepted bool)
	Deployed    func(context.Context) // called after a write that may change rules or functions, before it is answered
	Failed      func(error)           // gets what the proxy could not do about a call
}

// Proxy is a running endpoint.
type Proxy struct {
	URL string // http://127.0.0.1:PORT

	config  Config
	moto    *url.URL
	server  *http.Server
	client  *http.Transport
	ec2     *ec2.Client // of moto itself
	ssm     *ssm.Client
	writing sync.Mutex     // from the look at what a call changes to that after the call
	after   sync.WaitGroup // work that goes on after an answer
	serving sync.WaitGroup

	mu         sync.Mutex
	principals map[string]Principal
}

// Start starts the endpoint on a free loopback port. It runs until Close.
func Start(ctx context.Context, config Config) (*Proxy, error) {
	moto, err := url.Parse(config.Moto)
	if err != nil {
		return nil, fmt.Errorf("start the local endpoint: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the local endpoint: %w", err)
	}
	direct := awsconfig.New(config.Moto, awsconfig.Keys)
	p := &Proxy{
		URL:    "http://" + listener.Addr().String(),
		config: config,
		moto:   moto,
		client: &http.Transport{
			DisableCompression: true, // or answers would be unpacked on their way
			DialContext:        (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		},
		ec2:        ec2.NewFromConfig(direct),
		ssm:        ssm.NewFromConfig(direct),
		principals: map[string]Principal{},
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	p.serving.Go(func() { _ = p.server.Serve(listener) }) // returns ErrServerClosed, at Close
	return p, nil
}

// ServeHTTP passes a request on, and does for some what the package comment says. Those go to their end when the client has
// gone, since what moto does then has its consequences all the same.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := readCall(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if c.invokes() {
		p.invoke(w, c)
		return
	}
	handle := p.passOn
	switch {
	case c.service == "ec2" && groupWrites[c.action]:
		handle = p.groupWrite
	case c.service == "ssm" && parameterWrites[c.action]:
		handle = p.parameterWrite
	case c.service == "sns" && c.action == "Publish":
		handle = p.publish
	case c.deploys():
		handle = p.deployment
	default:
		handle(w, c)
		return
	}
	c.request = r.WithContext(context.WithoutCancel(r.Context()))
	handle(w, c)
}

// describeTries is how often moto is asked for what it describes.
const describeTries = 4

// passOn asks moto again where moto breaks off a description with a 500: its threads at times change what another one is
// listing.
func (p *Proxy) passOn(w http.ResponseWriter, c *call) {
	describes := c.service == "ec2" && strings.HasPrefix(c.action, "Describe")
	for try := 1; ; try++ {
		answer, ok := p.forward(w, c)
		if !ok {
			return
		}
		if !describes || answer.status != http.StatusInternalServerError || try == describeTries {
			answer.writeTo(w)
			return
		}
	}
}

func (p *Proxy) deployment(w http.ResponseWriter, c *call) {
	if answer, ok := p.forward(w, c); ok {
		if answer.succeeded() {
			p.config.Deployed(c.request.Context())
		}
		answer.writeTo(w)
	}
}

// answer is what moto answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) succeeded() bool { return a.status < 300 }

func (a *answer) writeTo(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that is gone doesn't undo the call
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
}

// forward asks moto and keeps the answer. Where moto doesn't answer, forward tells the client, and ok is false.
func (p *Proxy) forward(w http.ResponseWriter, c *call) (a *answer, ok bool) {
	a, err := p.ask(c)
	if err != nil {
		err = fmt.Errorf("pass on %s %s: %w", c.service, cmp.Or(c.action, c.request.URL.Path), err)
		if c.request.Context().Err() == nil {
			p.config.Failed(err)
		}
		http.Error(w, err.Error(), http.StatusBadGateway)
		return nil, false
	}
	return a, true
}

func (p *Proxy) ask(c *call) (*answer, error) {
	out := c.request.Clone(c.request.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = p.moto.Scheme, p.moto.Host, ""
	out.Body, out.ContentLength, out.TransferEncoding = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body)), nil
	out.Header.Del("Connection")
	out.Header.Del("Expect")
	response, err := p.client.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	response.Header.Del("Connection")
	return &answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

// Client configures clients of this endpoint with keys of their own.
func (p *Proxy) Client(keys aws.Credentials) aws.Config { return awsconfig.New(p.URL, keys) }

// Close ends the endpoint, after the events of the writes that it has answered are on the bus.
func (p *Proxy) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := p.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) { // a client that never finishes its request
		err = p.server.Close()
	}
	p.serving.Wait() // a server that is closed at once may still hold its listener
	p.after.Wait()
	p.client.CloseIdleConnections()
	return err
}
