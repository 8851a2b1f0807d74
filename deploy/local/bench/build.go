package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const module = "github.com/sgwarden/sgwarden"

// The names of what is measured, as the report has them.
const (
	sgwarden = "sgwarden"
	before   = "before"
	floor    = "floor"
	empty    = "empty"
	boto3    = "boto3"
)

//go:embed functions/boto3/*.py
var python embed.FS

// binaries are the commands of what is measured, by name. What there isn't has no entry.
type binaries struct {
	reverting map[string][]string // those that get an event: sgwarden, before, floor, empty, boto3
	sweeping  map[string][]string // sgwarden and before, and the SDK's decoding alone
	directory string              // for what else is written
	tags      string              // that all are built with
	symbols   map[string]string   // the remediator and the sweeper with symbols, by package
	boto3     string              // why there is no boto3, or its version
}

// decode is the SDK's decoding of a sweep's answers, in binaries.sweeping.
const decode = "decoding"

// build builds all but what --against names.
func build(ctx context.Context, o options, directory string) (binaries, error) {
	to := directory
	if o.keep != "" {
		to = o.keep
	}
	tags, err := tagsOf(filepath.Join(o.built, "remediator", "bootstrap"))
	if err != nil {
		return binaries{}, err
	}
	b := binaries{directory: directory, tags: tags, reverting: map[string][]string{}, sweeping: map[string][]string{}, symbols: map[string]string{}}
	here := module + "/deploy/local/bench/functions/"
	for _, one := range []struct {
		source string
		into   map[string][]string
		name   string
	}{
		{module + "/functions/remediator", b.reverting, sgwarden},
		{module + "/functions/sweeper", b.sweeping, sgwarden},
		{here + "empty", b.reverting, empty},
		{here + "floor", b.reverting, floor},
		{here + "decode", b.sweeping, decode},
	} {
		binary := filepath.Join(to, filepath.Base(one.source), "bootstrap")
		if err := b.compile(ctx, one.source, binary, o.asForLambda, false); err != nil {
			return binaries{}, err
		}
		one.into[one.name] = []string{binary}
	}
	for _, name := range []string{"remediator", "sweeper"} {
		source := module + "/functions/" + name
		b.symbols[source] = filepath.Join(directory, name+"-with-symbols")
		if err := b.compile(ctx, source, b.symbols[source], o.asForLambda, true); err != nil {
			return binaries{}, err
		}
	}
	if err := b.addOthers(o.against); err != nil {
		return binaries{}, err
	}
	return b, b.addBoto3(ctx, directory)
}

// tagsOf returns the build tags of a binary, so that what is measured is built as what is deployed.
func tagsOf(binary string) (string, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", fmt.Errorf("read how the function is built for Lambda (make build builds it): %w", err)
	}
	for _, setting := range info.Settings {
		if setting.Key == "-tags" {
			return setting.Value, nil
		}
	}
	return "", nil
}

// compile builds a program for this machine. For Lambda the Makefile has the same flags; -trimpath, which a test leaves
// out, has the whole SDK compiled once more.
func (b binaries) compile(ctx context.Context, source, to string, asForLambda, symbols bool) error {
	arguments := []string{"build", "-tags", b.tags, "-o", to}
	if asForLambda {
		arguments = append(arguments, "-trimpath")
	}
	if !symbols {
		arguments = append(arguments, "-ldflags", "-s -w")
	}
	command := exec.CommandContext(ctx, "go", append(arguments, source)...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", source, err, output)
	}
	return nil
}

// addOthers adds the binaries of another build.
func (b binaries) addOthers(directory string) error {
	if directory == "" {
		return nil
	}
	for _, other := range []struct {
		name string
		to   map[string][]string
	}{{"remediator", b.reverting}, {"sweeper", b.sweeping}} {
		binary, err := filepath.Abs(filepath.Join(directory, other.name, "bootstrap"))
		if err == nil {
			_, err = os.Stat(binary)
		}
		if err != nil {
			return fmt.Errorf("find the binaries of --against: %w", err)
		}
		other.to[before] = []string{binary}
	}
	return nil
}

// addBoto3 adds the function with boto3, if a Python of PATH has that. It starts the interpreter itself: the python3 of
// a version manager is a script that costs time of its own.
func (b *binaries) addBoto3(ctx context.Context, directory string) error {
	b.boto3 = "no python3 on PATH has boto3"
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		const question = "import boto3, sys; print(boto3.__version__, sys.executable, end='')"
		answer, err := exec.CommandContext(ctx, filepath.Join(folder, "python3"), "-c", question).Output()
		version, interpreter, found := bytes.Cut(answer, []byte(" "))
		if err != nil || !found {
			continue // the next may have it
		}
		b.boto3 = "boto3 " + string(version)
		b.reverting[boto3] = []string{string(interpreter), filepath.Join(directory, "runtime.py")}
		for _, name := range []string{"runtime.py", "function.py"} {
			text, err := python.ReadFile("functions/boto3/" + name)
			if err == nil {
				err = os.WriteFile(filepath.Join(directory, name), text, 0o600)
			}
			if err != nil {
				return fmt.Errorf("write the function with boto3: %w", err)
			}
		}
		return nil
	}
	return nil
}
