package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/process"
)

// locate fills in the paths that were left out.
func (o *Options) locate() error {
	if o.Root == "" {
		root, err := findRoot()
		if err != nil {
			return err
		}
		o.Root = root
	}
	if o.Bootstraps == "" {
		o.Bootstraps = filepath.Join(o.Root, "build", "local")
	}
	if o.Deploy == nil {
		o.Deploy = Script()
	}
	return nil
}

func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "deploy", "deploy.sh")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the repository: run this inside it, or name it")
		}
		dir = parent
	}
}

// Script deploys with the repository's deploy.sh, further arguments included, and with what is built for this machine:
// moto never runs the code, and building it for arm64 too would take a newcomer's first minute. Nobody is asked, and the
// account is not checked: moto has no trail and needs none.
func Script(arguments ...string) func(context.Context, *Cloud) error {
	return func(ctx context.Context, c *Cloud) error {
		script := filepath.Join(c.options.Root, "deploy", "deploy.sh")
		return c.Run(ctx, c.options.DeployLogs, "bash", append([]string{
			script, "--yes", "--skip-checks", "--zips", filepath.Join(c.options.Root, "build", "local"),
		}, arguments...)...)
	}
}

// Run runs a program as a client of this AWS, with none of the caller's own AWS configuration. The error has what the
// program printed last; logs, if not nil, get all of it.
func (c *Cloud) Run(ctx context.Context, logs io.Writer, program string, arguments ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fmt.Errorf("run %s: %w", program, err)
	}
	var output bytes.Buffer
	cmd := exec.Command(path, arguments...)
	cmd.Dir = c.options.Root
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, c.Environment()...)
	cmd.Stdout = &output
	if logs != nil {
		cmd.Stdout = io.MultiWriter(&output, logs)
	}
	cmd.Stderr = cmd.Stdout
	running, err := process.Start(cmd)
	if err != nil {
		return err
	}
	select {
	case <-running.Exited():
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("run %s: %w", program, ctx.Err()), running.Stop(time.Second))
	}
	if err := running.Err(); err != nil {
		text := output.Bytes()
		return fmt.Errorf("run %s: %w: %s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(text[max(0, len(text)-2000):]))
	}
	return nil
}
