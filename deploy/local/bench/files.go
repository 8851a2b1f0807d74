package main

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// found is all that was measured.
type found struct {
	binary, zip  file     // the largest of the functions, for Lambda
	linked       []string // operations of the EC2 client that are in the remediator or the sweeper
	notCalled    []string // those of them that no source calls
	rounds       rounds
	sweeps       map[string][]swept
	sizes        map[string]int64 // of the binaries for this machine, by name
	sweeperSizes map[string]int64
}

type file struct {
	name  string
	bytes int64
}

// measureFiles measures what needs no process.
func measureFiles(ctx context.Context, o options, b binaries) (f found, err error) {
	if f.binary, err = largest(filepath.Join(o.built, "*", "bootstrap")); err != nil {
		return f, err
	}
	if f.zip, err = largest(filepath.Join(o.built, "*.zip")); err != nil {
		return f, err
	}
	for source, binary := range b.symbols {
		linked, err := operations(binary)
		if err != nil {
			return f, err
		}
		text, err := sourceOf(ctx, source, b.tags)
		if err != nil {
			return f, err
		}
		for _, name := range linked {
			if !strings.Contains(text, "."+name+"(") && !strings.Contains(text, ".New"+name+"Paginator(") {
				f.notCalled = append(f.notCalled, name)
			}
		}
		f.linked = append(f.linked, linked...)
	}
	slices.Sort(f.linked)
	f.linked = slices.Compact(f.linked)
	f.sizes, f.sweeperSizes = sizes(b.reverting), sizes(b.sweeping)
	return f, nil
}

// largest returns the largest of the files that a pattern names, by the name of its function.
func largest(pattern string) (file, error) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		return file{}, fmt.Errorf("there is no file %s: run make build first (%v)", pattern, err)
	}
	var most file
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return file{}, fmt.Errorf("measure the built functions: %w", err)
		}
		function := strings.TrimSuffix(filepath.Base(strings.TrimSuffix(name, "/bootstrap")), ".zip")
		if info.Size() > most.bytes && function != "local" {
			most = file{function, info.Size()}
		}
	}
	return most, nil
}

// sizes leaves out commands of more than a file, which are interpreters.
func sizes(commands map[string][]string) map[string]int64 {
	bytes := map[string]int64{}
	for name, command := range commands {
		if info, err := os.Stat(command[0]); err == nil && len(command) == 1 {
			bytes[name] = info.Size()
		}
	}
	return bytes
}

// operations returns the operations of the EC2 client that the linker left in a binary, such as DescribeInstances. Each
// has a function addOperation<name>Middlewares in the SDK.
func operations(binary string) ([]string, error) {
	const start, end = "github.com/aws/aws-sdk-go-v2/service/ec2.(*Client).addOperation", "Middlewares"
	opened, err := elf.Open(binary)
	if err != nil {
		return nil, fmt.Errorf("read the symbols of %s: %w", binary, err)
	}
	defer opened.Close()
	symbols, err := opened.Symbols()
	if err != nil {
		return nil, fmt.Errorf("read the symbols of %s: %w", binary, err)
	}
	var names []string
	for _, symbol := range symbols {
		name, ours := strings.CutPrefix(symbol.Name, start)
		if name, whole := strings.CutSuffix(name, end); ours && whole {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no operation of the EC2 client: the SDK names the functions otherwise than %s…%s", binary, start, end)
	}
	return names, nil
}

// sourceOf returns the text of all of this module's files that a program is made of.
func sourceOf(ctx context.Context, program, tags string) (string, error) {
	const files = `{{$d := .Dir}}{{if .Module}}{{if .Module.Main}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`
	list, err := exec.CommandContext(ctx, "go", "list", "-deps", "-tags", tags, "-f", files, program).Output()
	if err != nil {
		return "", fmt.Errorf("list the files of %s: %w", program, err)
	}
	var all strings.Builder
	for name := range strings.FieldsSeq(string(list)) {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read the source of %s: %w", program, err)
		}
		all.Write(text)
	}
	return all.String(), nil
}
