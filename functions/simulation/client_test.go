package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

const (
	account     = "111122223333"
	region      = "us-east-1"
	topicARN    = "arn:aws:sns:" + region + ":" + account + ":alerts"
	functionARN = "arn:aws:sts::" + account + ":assumed-role/sgwarden/remediator"
)

// call is one request on its way.
type call struct {
	by      *invocation
	id      string // the SDK's: the same for all attempts of a call
	service string // ec2, ssm or sns
	action  string
	form    url.Values // of EC2 and SNS
	json    []byte     // of SSM
	ssm     ssmRequest // what json says
}

// String is a call in a line, for the trace.
func (c *call) String() string {
	text := c.action + " " + string(c.json)
	for _, key := range slices.Sorted(maps.Keys(c.form)) {
		if c.service == "ec2" && key != "Action" && key != "Version" {
			text += key + "=" + c.form.Get(key) + " "
		}
	}
	return text
}

func readCall(r *http.Request) (*call, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	by, _ := r.Context().Value(invocationKey{}).(*invocation)
	if by == nil {
		return nil, errors.New("a call outside of any invocation")
	}
	c := &call{by: by, id: r.Header.Get("Amz-Sdk-Invocation-Id")}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		c.service, c.action, c.json = "ssm", target[strings.LastIndex(target, ".")+1:], body
		return c, json.Unmarshal(body, &c.ssm)
	}
	c.form, err = url.ParseQuery(string(body))
	c.service, c.action = "ec2", c.form.Get("Action")
	if c.action == "Publish" {
		c.service = "sns"
		if c.form.Get("TopicArn") == mailARN {
			c.action = publishMail
		}
	}
	return c, err
}

// client is the functions' way to AWS. The SDK's requests are the real ones; only
// the network is not.
type client struct{ world *world }

// Do carries a request to the service, which acts at its own time whether or not
// the function still waits, and the answer back.
func (n client) Do(r *http.Request) (*http.Response, error) {
	c, err := readCall(r)
	if err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	back := make(chan answer, 1)
	if !n.world.accept(c, back) {
		return nil, errors.New("the function is dead")
	}
	attempt := time.NewTimer(awserr.AttemptTime)
	defer attempt.Stop()
	select {
	case a := <-back:
		n.world.locked(func() {
			n.world.receives(c, a)
			if a.received != nil {
				a.received()
			}
		})
		return a.response(r)
	case <-attempt.C:
		n.world.locked(func() { n.world.givesUp(c) })
		return nil, attemptTimedOut
	case <-r.Context().Done():
		n.world.locked(func() { n.world.givesUp(c) })
		return nil, r.Context().Err()
	}
}

// attemptTimedOut is what http.Client says after its Timeout.
var attemptTimedOut = &url.Error{Op: "Post", URL: "http://aws.invalid", Err: os.ErrDeadlineExceeded}

// config is what the functions make their clients from.
func (w *world) config() aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String("http://aws.invalid"), HTTPClient: client{w},
		Credentials: aws.AnonymousCredentials{}, // nobody looks at signatures, and they take time
		Retryer:     w.newRetryer,
	}
}

// retryer is the product's own but for the jitter of its back-off, which the SDK
// takes from the machine.
type retryer struct {
	aws.RetryerV2
	dice dice
}

func newHistoryRetryer(d dice) aws.Retryer { return retryer{awserr.Retryer().(aws.RetryerV2), d} }

// RetryDelay is exponential with full jitter, 5 s at most, as the product's is.
func (r retryer) RetryDelay(attempt int, _ error) (time.Duration, error) {
	most := min(5*time.Second, time.Second<<attempt)
	return r.dice.throw(time.Now(), "back-off", attempt).between(0, most), nil
}

type invocationKey struct{}

func withInvocation(i *invocation) context.Context {
	return context.WithValue(context.Background(), invocationKey{}, i)
}
