package footprint

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Binary is a function as it is built for Lambda.
type Binary struct {
	Path  string
	Links []byte // what the linker says it linked, a line for each use
}

var buildFlags = regexp.MustCompile(`(?m)^GO_BUILD := go build (.*) -ldflags "-s -w"$`)

// Build builds a function, such as remediator, for a processor into a directory, with
// the flags that the Makefile has.
func Build(dir, function, architecture string) (Binary, error) {
	root, err := repository()
	if err != nil {
		return Binary{}, err
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		return Binary{}, fmt.Errorf("look for the flags of builds: %w", err)
	}
	found := buildFlags.FindSubmatch(makefile)
	if found == nil {
		return Binary{}, fmt.Errorf("the Makefile has no line like %s", buildFlags)
	}
	b := Binary{Path: filepath.Join(dir, function+"-"+architecture)}
	arguments := slices.Concat([]string{"build"}, strings.Fields(string(found[1])), []string{"-ldflags", "-s -w -dumpdep", "-o", b.Path, "./functions/" + function})
	command := exec.Command("go", arguments...)
	command.Dir = root
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+architecture, "CGO_ENABLED=0")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return Binary{}, fmt.Errorf("build the %s for %s: %w: %s", function, architecture, err, said.String()[max(0, said.Len()-500):])
	}
	b.Links = said.Bytes()
	return b, nil
}

// repository is the folder of the module: that of this file, two levels up.
func repository() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", fmt.Errorf("the folder of the repository is not known: was the test built with -trimpath?")
	}
	return filepath.Join(filepath.Dir(file), "..", ".."), nil
}

// The linker writes "USER -> USED". A name that continues with a dot, such as that of a
// table, is not the method: the linker keeps one of several equal tables.
var linkedOperation = regexp.MustCompile(`(?m)service/([a-z0-9]+)\.\(\*Client\)\.([A-Z]\w+)(?: |$)`)

// Operations returns the operations of AWS that a function can call through the SDK's
// clients, by service and sorted. The function may call no other: the linker drops each
// method that nothing leads to.
func (b Binary) Operations() map[string][]string {
	operations := map[string][]string{}
	for _, found := range linkedOperation.FindAllSubmatch(b.Links, -1) {
		service, name := string(found[1]), string(found[2])
		if name != "Options" && !slices.Contains(operations[service], name) {
			operations[service] = append(operations[service], name)
		}
	}
	for service := range operations {
		slices.Sort(operations[service])
	}
	return operations
}

// Uses reports whether a function of a package of this module is linked, such as
// pkg/busevents.Bus.Put.
func (b Binary) Uses(name string) bool {
	return regexp.MustCompile(`(?m) -> github\.com/sgwarden/sgwarden/` + regexp.QuoteMeta(name) + `$`).Match(b.Links)
}
