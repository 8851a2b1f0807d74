package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/process"
)

// errGone says that the instance ended before the event was handed to it.
var errGone = errors.New("the instance has ended")

// instance is one process with a Runtime API of its own.
type instance struct {
	config Config
	proc   *process.Process
	server *http.Server
	served sync.WaitGroup
	api    *api
}

func startInstance(config Config) (*instance, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the Runtime API of %s: %w", config.Name, err)
	}
	in := &instance{config: config, api: newAPI(config)}
	in.server = &http.Server{Handler: in.api.handler(), ReadHeaderTimeout: 10 * time.Second}
	bootstrap, err := filepath.Abs(config.Bootstrap)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start function %s: %w", config.Name, err), listener.Close())
	}
	cmd := exec.Command(bootstrap)
	cmd.Dir = filepath.Dir(bootstrap)
	cmd.Env = environment(config, listener.Addr().String(), cmd.Dir)
	cmd.Stdout, cmd.Stderr = config.Logs, config.Logs
	if in.proc, err = process.Start(cmd); err != nil {
		return nil, errors.Join(fmt.Errorf("start function %s: %w", config.Name, err), listener.Close())
	}
	in.served.Go(func() { _ = in.server.Serve(listener) }) // returns ErrServerClosed, at stop
	return in, nil
}

// environment is what Lambda gives a custom runtime's process, and nothing else. See
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime.
func environment(c Config, runtimeAPI, taskRoot string) []string {
	vars := make(map[string]string, len(c.Env)+20)
	for name, value := range c.Env {
		vars[name] = value
	}
	for name, value := range map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"AWS_LAMBDA_FUNCTION_NAME":        c.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(c.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + c.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_REGION":                      awsconfig.Region,
		"AWS_DEFAULT_REGION":              awsconfig.Region,
		"AWS_ACCESS_KEY_ID":               c.Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           c.Credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN":               c.Credentials.SessionToken,
		"LAMBDA_TASK_ROOT":                taskRoot,
		"LAMBDA_RUNTIME_DIR":              taskRoot,
		"_HANDLER":                        "bootstrap",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
	} {
		vars[name] = value
	}
	list := make([]string, 0, len(vars))
	for name, value := range vars {
		list = append(list, name+"="+value)
	}
	return list
}

// invoke hands payload to the process and waits for its answer. errGone: the process ended without having taken the
// event, and result says how, as Lambda reports a failed initialisation.
func (in *instance) invoke(ctx context.Context, payload []byte) (Result, error) {
	inv := newInvocation(payload)
	initialised := time.NewTimer(initTimeout)
	defer initialised.Stop()
	select {
	case in.api.work <- inv:
	case <-in.proc.Exited():
		return in.failed(inv, in.exitError(inv)), errGone
	case <-initialised.C:
		return in.failed(inv, timedOut(inv, initTimeout)), errors.Join(errGone, in.stop())
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	return in.await(ctx, inv)
}

func (in *instance) await(ctx context.Context, inv *invocation) (Result, error) {
	started := time.Now()
	timeout := time.NewTimer(in.config.Timeout)
	defer timeout.Stop()
	var out outcome
	select {
	case out = <-inv.done:
	case <-in.proc.Exited():
		select {
		case out = <-inv.done: // it answered, and then ended
		default:
			out = outcome{err: in.exitError(inv)}
		}
	case <-timeout.C:
		if err := in.stop(); err != nil {
			return Result{}, err
		}
		out = outcome{err: timedOut(inv, in.config.Timeout)}
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	result := Result{RequestID: inv.id, Payload: out.payload, Error: out.err, Duration: time.Since(started)}
	if result.Error != nil && result.Payload == nil {
		result = in.failed(inv, result.Error)
		result.Duration = time.Since(started)
	}
	return result, nil
}

func (in *instance) failed(inv *invocation, cause *FunctionError) Result {
	payload, err := json.Marshal(cause)
	if err != nil {
		panic(err) // two strings
	}
	return Result{RequestID: inv.id, Payload: payload, Error: cause}
}

func (in *instance) exitError(inv *invocation) *FunctionError {
	if cause := in.api.initError(); cause != nil {
		return cause
	}
	how := "exit status 0"
	if err := in.proc.Err(); err != nil {
		how = err.Error()
	}
	return &FunctionError{
		Type:    "Runtime.ExitError",
		Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", inv.id, how),
	}
}

func timedOut(inv *invocation, after time.Duration) *FunctionError {
	return &FunctionError{
		Type:    "Sandbox.Timedout",
		Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.id, after.Seconds()),
	}
}

// stop kills the process, as Lambda does without asking, and closes its Runtime API.
func (in *instance) stop() error {
	err := errors.Join(in.proc.Stop(0), in.server.Close())
	in.served.Wait() // a server that is closed at once may still hold its listener
	return err
}
