package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// functionConfig is how Lambda's API describes a function.
type functionConfig struct {
	Name        string `json:"FunctionName"`
	ARN         string `json:"FunctionArn"`
	Role        string
	MemorySize  int
	Timeout     int // seconds
	Environment struct{ Variables map[string]string }
	CodeSha256  string
}

// deployed is a function that runs as it was deployed.
type deployed struct {
	config   functionConfig
	function *runtime.Function
}

// reload makes functions and rules what is deployed now.
func (c *Cloud) reload(ctx context.Context) error {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	configs, err := c.deployedFunctions(ctx)
	if err != nil {
		return err
	}
	policies, left, err := c.readStacks(ctx)
	if err != nil {
		return err
	}
	if err := c.makeUp(ctx, left); err != nil {
		return fmt.Errorf("make up for what moto left out: %w", err)
	}
	current := map[string]bool{}
	var errs []error
	for _, config := range configs {
		current[config.ARN] = true
		if err := c.run(ctx, config, policies[config.Name]); err != nil {
			errs = append(errs, err)
		}
	}
	for arn, d := range c.functions {
		if !current[arn] {
			delete(c.functions, arn)
			c.bus.Unregister(arn)
			c.retire(d.function)
		}
	}
	return errors.Join(append(errs, c.bus.Sync(ctx))...)
}

func (c *Cloud) deployedFunctions(ctx context.Context) ([]functionConfig, error) {
	body, err := askAWS(ctx, http.MethodGet, c.moto.URL+"/2015-03-31/functions/", "lambda", nil)
	if err != nil {
		return nil, fmt.Errorf("list the deployed functions: %w", err)
	}
	var list struct{ Functions []functionConfig }
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("list the deployed functions: %w", err)
	}
	return list.Functions, nil
}

// run starts a function as deployed, unless it runs so already, in the place of the one that ran before.
func (c *Cloud) run(ctx context.Context, config functionConfig, failure bus.OnFailure) error {
	former := c.functions[config.ARN]
	if former != nil && reflect.DeepEqual(former.config, config) {
		c.bus.Register(former.function, failure)
		return nil
	}
	bootstrap, err := c.bootstrap(config.Name)
	if err != nil {
		return err
	}
	env := maps.Clone(config.Environment.Variables)
	if env == nil {
		env = map[string]string{}
	}
	env["AWS_ENDPOINT_URL"] = c.Endpoint
	keys := aws.Credentials{AccessKeyID: "ASIALOCAL" + config.Name, SecretAccessKey: "testing", SessionToken: "testing"}
	c.proxy.Register(keys.AccessKeyID, proxy.Principal{
		Identity: proxy.Role(Account, config.Role, config.Name, time.Now().UTC().Format("2006-01-02T15:04:05Z")),
	})
	function, err := runtime.Start(ctx, runtime.Config{
		Bootstrap: bootstrap, Name: config.Name, ARN: config.ARN, Region: awsconfig.Region, Env: env, Credentials: keys,
		Timeout: time.Duration(config.Timeout) * time.Second, MemoryMB: config.MemorySize,
		Concurrency: c.options.Concurrency, Logs: c.options.FunctionLogs,
	})
	if err != nil {
		return err
	}
	c.address(config.Environment.Variables)
	c.functions[config.ARN] = &deployed{config, function}
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
			c.fail(fmt.Errorf("retire function %s: %w", function.Name(), err))
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
