// Package cloud is the local AWS: moto behind the endpoint that any AWS client can use, sgwarden deployed to it with its
// own template and script, and its real function run for the events that the calls to that endpoint cause.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/mapping"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// Account is the account that moto plays.
const Account = "123456789012"

// services are what a deployment calls and takes moto long to load.
var services = []string{"ec2", "cloudformation", "lambda", "iam", "s3", "sns", "sqs"}

// Options say what to start. The zero value deploys sgwarden from the repository that the working directory is in.
type Options struct {
	Root         string                              // the repository; default: found from the working directory
	Bootstraps   string                              // directory with NAME/bootstrap for a function called NAME or …-NAME; default ROOT/build/local
	Deploy       func(context.Context, *Cloud) error // default: Script(), which runs deploy.sh
	FunctionLogs io.Writer                           // what the functions print; default nowhere
	DeployLogs   io.Writer                           // what deploy.sh prints; default nowhere
	RetryDelays  []time.Duration                     // see bus.Config
	Alerted      func(Alert)                         // gets each alert when SNS has taken it; may be nil
	Mailed       func(Mail)                          // gets each mail to people when SNS has taken it; may be nil
	MailWait     time.Duration                       // how long mails wait, whatever the template says; default: as it says
	Delivered    func(bus.Delivery)                  // gets each event that a function has dealt with; may be nil
}

// Cloud is a running local AWS. Several can run in one process.
type Cloud struct {
	Endpoint string // for any AWS client: http://127.0.0.1:PORT

	options Options
	moto    *moto.Server
	proxy   *proxy.Proxy
	bus     *bus.Bus
	alerts  journal[Alert]
	mails   journal[Mail]
	cards   journal[Card]

	reloading sync.Mutex
	functions map[string]*deployed // by name; guarded by reloading
	retired   []*runtime.Function  // guarded by reloading
	retiring  sync.WaitGroup
	mailWait  atomic.Int64      // see SetMailWait
	topics    map[string]string // URLs of the queues that listen to alert topics, by topic ARN; guarded by reloading

	mu       sync.Mutex
	audience map[string]string // whom a topic is for, by its ARN: one of forPeople
	mappings map[source]*mapping.Mapping
}

// Start starts a local AWS and returns once sgwarden is deployed in it, some seconds later. It runs until Close; ctx
// bounds the start only.
func Start(ctx context.Context, options Options) (c *Cloud, err error) {
	c = &Cloud{options: options, audience: map[string]string{}, functions: map[string]*deployed{}, topics: map[string]string{}, mappings: map[source]*mapping.Mapping{}}
	c.SetMailWait(options.MailWait)
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
			c = nil
		}
	}()
	if err := c.options.locate(); err != nil {
		return c, err
	}
	if c.moto, err = moto.Start(ctx, moto.Config{Services: services}); err != nil {
		return c, err
	}
	direct := awsconfig.New(c.moto.URL, awsconfig.Keys)
	c.bus = bus.Start(bus.Config{AWS: direct, RetryDelays: options.RetryDelays, Delivered: options.Delivered})
	c.reloading.Lock() // what a deployment needs is there before the first one
	c.proxy, err = proxy.Start(ctx, proxy.Config{
		Moto: c.moto.URL, Account: Account, Bus: c.bus, Failed: c.bus.Fail,
		Published: c.published, Invoke: c.Invoke, InvokeLater: c.invokeLater,
		Deployed: func(ctx context.Context) {
			if err := c.reload(ctx); err != nil {
				c.bus.Fail(fmt.Errorf("follow a deployment: %w", err))
			}
		},
	})
	if err == nil {
		c.Endpoint = c.proxy.URL
	}
	c.reloading.Unlock()
	if err != nil {
		return c, err
	}
	if err := c.options.Deploy(ctx, c); err != nil {
		return c, err
	}
	return c, c.bus.Failures()
}

// Config configures Go clients of this AWS, with the administrator's keys.
func (c *Cloud) Config() aws.Config { return c.proxy.Client(awsconfig.Keys) }

// As configures Go clients with a principal's own keys, made from the name.
func (c *Cloud) As(name string, principal proxy.Principal) aws.Config {
	keys := aws.Credentials{AccessKeyID: "AKIALOCAL" + name, SecretAccessKey: "testing"}
	c.proxy.Register(keys.AccessKeyID, principal)
	return c.proxy.Client(keys)
}

// Environment is for programs what Config is for Go clients: variables for an AWS CLI.
func (c *Cloud) Environment() []string { return awsconfig.Environment(c.Endpoint, awsconfig.Keys) }

// WaitIdle returns once every event has been delivered and every function is idle, also for the events that their own
// calls made. It reports what went wrong in the local AWS since the last call; a function that fails is its own matter.
func (c *Cloud) WaitIdle(ctx context.Context) error {
	return c.bus.WaitIdle(ctx)
}

// PutEvent puts an EventBridge envelope on the bus, as if AWS had sent it.
func (c *Cloud) PutEvent(event []byte) { c.bus.Put(event) }

// Invoke invokes a deployed function directly, by its name.
func (c *Cloud) Invoke(ctx context.Context, name string, payload []byte) (runtime.Result, error) {
	found := c.function(name)
	if found == nil {
		return runtime.Result{}, fmt.Errorf("invoke %s: %w", name, proxy.ErrNoFunction)
	}
	return found.function.Invoke(ctx, payload)
}

func (c *Cloud) invokeLater(name string, payload []byte) (accepted bool) {
	found := c.function(name)
	return found != nil && c.bus.InvokeLater(found.config.ARN, payload)
}

// function is the deployed function of that name, or nil.
func (c *Cloud) function(name string) *deployed {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	return c.functions[name]
}

// RunSchedules invokes now what the deployed schedules would in their time, the sweep, and returns what came of it. By
// themselves schedules fire at their rate, the first time when that has passed since the deployment.
func (c *Cloud) RunSchedules(ctx context.Context) ([]bus.Delivery, error) {
	return c.bus.RunSchedules(ctx)
}

// Close ends everything that Start started, and returns when it is gone.
func (c *Cloud) Close() error {
	var errs []error
	if c.proxy != nil {
		errs = append(errs, c.proxy.Close())
	}
	if c.bus != nil {
		errs = append(errs, c.bus.Close())
	}
	for _, m := range c.runningMappings() {
		m.Close() // without the lock, which their invocations want
	}
	c.reloading.Lock()
	defer c.reloading.Unlock()
	for _, d := range c.functions {
		errs = append(errs, d.function.Close())
	}
	for _, function := range c.retired {
		errs = append(errs, function.Close())
	}
	c.retiring.Wait()
	if c.moto != nil {
		errs = append(errs, c.moto.Close())
	}
	return errors.Join(errs...)
}
