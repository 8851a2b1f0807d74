// Package proxy is the endpoint of the local AWS. It stands in front of moto, lets every request through unchanged, and
// plays what watches the API calls of a real account: for each write to a security group or to
// Parameter Store it makes the event that AWS would send, it keeps what is published to SNS, and it tells when something
// was deployed. It also says who wrote a parameter, which moto doesn't know.
package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
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
	Published func(Publication) // told of each message that SNS took, before the publisher is; may be nil
	// Invoke invokes a deployed function for the Lambda API's Invoke; may be nil. ErrNoFunction is for a name that none has.
	Invoke func(ctx context.Context, function string, payload []byte) (runtime.Result, error)
	// InvokeLater takes an asynchronous invocation; may be nil. It is false for a name that no function has.
	InvokeLater func(function string, payload []byte) (accepted bool)
	Deployed    func(context.Context) // called after a write that may change rules or functions, before it is answered; may be nil
	Failed      func(error)           // told of what the proxy could not do about a call; default: the standard logger
	Now         func() time.Time      // default time.Now
	NewID       func() string         // makes UUIDs; default random ones
}

// Proxy is a running endpoint.
type Proxy struct {
	URL string // http://127.0.0.1:PORT

	config  Config
	moto    *url.URL
	server  *http.Server
	reverse *httputil.ReverseProxy
	client  *http.Transport
	ec2     *ec2.Client // of moto itself
	ssm     *ssm.Client
	groups  locks
	names   locks          // of parameters
	authors authors        // of parameters
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
		config: withDefaults(config),
		moto:   moto,
		client: &http.Transport{
			DisableCompression: true, // or answers would be unpacked on their way
			DialContext:        (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		},
		ec2:        ec2.NewFromConfig(direct),
		ssm:        ssm.NewFromConfig(direct),
		principals: map[string]Principal{},
	}
	p.reverse = &httputil.ReverseProxy{
		Transport: p.client,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(moto)
			r.Out.Host = r.In.Host // queue URLs are made of it, and so lead back here
		},
		ErrorLog: log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				p.config.Failed(fmt.Errorf("pass on %s %s: %w", r.Method, r.URL.Path, err))
			}
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	p.serving.Go(func() { _ = p.server.Serve(listener) }) // returns ErrServerClosed, at Close
	return p, nil
}

func withDefaults(c Config) Config {
	if c.Published == nil {
		c.Published = func(Publication) {}
	}
	if c.Deployed == nil {
		c.Deployed = func(context.Context) {}
	}
	if c.Failed == nil {
		c.Failed = func(err error) { log.Print(err) }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = cloudtrail.NewID
	}
	return c
}

// ServeHTTP passes a request on, and does for some what the package comment says.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := readCall(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch {
	case c.service == "ec2" && groupWrites[c.action]:
		p.groupWrite(w, c)
	case c.service == "ec2" && listWrites[c.action]:
		p.listWrite(w, c)
	case c.service == "ssm" && parameterWrites[c.action]:
		p.parameterWrite(w, c)
	case c.service == "ssm" && parameterReads[c.action]:
		p.parameterRead(w, c)
	case c.service == "sns" && (c.action == "Publish" || c.action == "PublishBatch"):
		p.publish(w, c)
	case c.invokes() && p.config.Invoke != nil:
		p.invoke(w, c)
	case c.deploys():
		p.deployment(w, c)
	case c.service == "ec2" && strings.HasPrefix(c.action, "Describe"):
		p.describe(w, c)
	default:
		p.reverse.ServeHTTP(w, r)
	}
}

// describeTries is how often moto is asked for what it describes.
const describeTries = 4

// describe asks moto again where moto breaks off with a 500: its threads at times change what another one is listing.
func (p *Proxy) describe(w http.ResponseWriter, c *call) {
	for try := 1; ; try++ {
		answer, ok := p.forward(w, c)
		if !ok {
			return
		}
		if answer.status != http.StatusInternalServerError || try == describeTries {
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

// forward asks moto and keeps the answer. It goes through with it when the client has gone, since what moto does then
// must be seen all the same. Where moto doesn't answer, forward tells the client, and ok is false.
func (p *Proxy) forward(w http.ResponseWriter, c *call) (a *answer, ok bool) {
	a, err := p.ask(c)
	if err != nil {
		err = fmt.Errorf("pass on %s %s: %w", c.service, c.action, err)
		p.config.Failed(err)
		http.Error(w, err.Error(), http.StatusBadGateway)
		return nil, false
	}
	return a, true
}

func (p *Proxy) ask(c *call) (*answer, error) {
	out := c.request.Clone(context.WithoutCancel(c.request.Context()))
	out.URL.Scheme, out.URL.Host, out.RequestURI = p.moto.Scheme, p.moto.Host, ""
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body))
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
