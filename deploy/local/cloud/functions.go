package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// functionConfig is how Lambda's API describes a function.
type functionConfig struct {
	Name             string `json:"FunctionName"`
	ARN              string `json:"FunctionArn"`
	Role             string
	MemorySize       int
	Timeout          int // seconds
	Environment      struct{ Variables map[string]string }
	CodeSha256       string
	DeadLetterConfig struct{ TargetARN string }
}

const (
	defaultRetries = 2 // Lambda's
	concurrency    = 2 // instances of a function at once, at most
)

// deployed is a function that runs as it was deployed.
type deployed struct {
	config   functionConfig
	function *runtime.Function
}

// reload makes functions, event source mappings and rules what is deployed now.
func (c *Cloud) reload(ctx context.Context) error {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	var list struct{ Functions []functionConfig }
	if err := c.askLambda(ctx, "/2015-03-31/functions/", &list); err != nil {
		return err
	}
	current := map[string]bool{}
	var errs []error
	for _, config := range list.Functions {
		current[config.Name] = true
		failure, err := c.onFailure(ctx, config)
		if err == nil {
			err = c.run(ctx, config, failure)
		}
		errs = append(errs, err)
	}
	for name, d := range c.functions {
		if !current[name] {
			delete(c.functions, name)
			c.bus.Unregister(d.config.ARN)
			c.retire(d.function)
		}
	}
	return errors.Join(append(errs, c.follow(ctx), c.bus.Sync(ctx))...)
}

// onFailure returns what becomes of events on which a function fails.
func (c *Cloud) onFailure(ctx context.Context, config functionConfig) (bus.OnFailure, error) {
	var list struct {
		FunctionEventInvokeConfigs []struct {
			MaximumRetryAttempts *int
			DestinationConfig    struct{ OnFailure struct{ Destination string } }
		}
	}
	failure := bus.OnFailure{Retries: defaultRetries, DeadLetters: config.DeadLetterConfig.TargetARN}
	err := c.askLambda(ctx, "/2019-09-25/functions/"+config.Name+"/event-invoke-config/list", &list)
	for _, one := range list.FunctionEventInvokeConfigs {
		if one.MaximumRetryAttempts != nil {
			failure.Retries = *one.MaximumRetryAttempts
		}
		failure.Destination = one.DestinationConfig.OnFailure.Destination
	}
	return failure, err
}

// run starts a function as deployed, unless it runs so already, in the place of the one that ran before.
func (c *Cloud) run(ctx context.Context, config functionConfig, failure bus.OnFailure) error {
	former := c.functions[config.Name]
	if former != nil && reflect.DeepEqual(former.config, config) {
		c.bus.Register(former.function, failure)
		return nil
	}
	bootstrap, err := c.bootstrap(config.Name)
	if err != nil {
		return err
	}
	env := map[string]string{}
	maps.Copy(env, config.Environment.Variables)
	env["AWS_ENDPOINT_URL"] = c.Endpoint
	keys := aws.Credentials{AccessKeyID: "ASIALOCAL" + config.Name, SecretAccessKey: "testing", SessionToken: "testing"}
	c.proxy.Register(keys.AccessKeyID, proxy.Principal{
		Identity: proxy.Role(Account, config.Role, config.Name, time.Now().UTC().Format("2006-01-02T15:04:05Z")),
	})
	function, err := runtime.Start(ctx, runtime.Config{
		Bootstrap: bootstrap, Name: config.Name, ARN: config.ARN, Env: env, Credentials: keys,
		Timeout: time.Duration(config.Timeout) * time.Second, MemoryMB: config.MemorySize,
		Concurrency: concurrency, Logs: c.options.FunctionLogs,
	})
	if err != nil {
		return err
	}
	c.address(config.Environment.Variables)
	c.functions[config.Name] = &deployed{config, function}
	c.bus.Register(function, failure)
	if former != nil {
		c.retire(former.function)
	}
	if topic := config.Environment.Variables["ALERT_TOPIC_ARN"]; topic != "" {
		return c.listen(ctx, topic)
	}
	return nil
}

// retire lets a function finish what it is at. Close doesn't wait for it.
func (c *Cloud) retire(function *runtime.Function) {
	c.retired = append(c.retired, function)
	c.retiring.Go(func() {
		if err := function.Retire(); err != nil {
			c.bus.Fail(fmt.Errorf("retire function %s: %w", function.Name(), err))
		}
	})
}

// bootstrap finds the binary for a function that is called NAME, or STACK-NAME as in the template.
func (c *Cloud) bootstrap(function string) (string, error) {
	entries, err := os.ReadDir(c.options.Bootstraps)
	if err != nil {
		return "", fmt.Errorf("find the binary of function %s: %w; run `make local-build`", function, err)
	}
	for _, entry := range entries {
		if name := entry.Name(); function == name || strings.HasSuffix(function, "-"+name) {
			return filepath.Join(c.options.Bootstraps, name, "bootstrap"), nil
		}
	}
	return "", fmt.Errorf("find the binary of function %s: %s has none of that name; run `make local-build`", function, c.options.Bootstraps)
}
