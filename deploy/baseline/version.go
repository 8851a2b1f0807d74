package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
)

// build says which sources the command was built of. The Go command writes it into what
// it builds in a checkout (`go help build`, -buildvcs).
type build struct {
	Version  string `json:"version"`  // of the module, (devel) where it is no release
	Revision string `json:"revision"` // of the checkout
	Time     string `json:"time"`     // of the revision
	Modified bool   `json:"modified"` // the checkout had changes that are in no revision
	Go       string `json:"go"`
}

const unknown = "unknown"

// buildOf reads what the Go command wrote; nil is nothing.
func buildOf(info *debug.BuildInfo) build {
	if info == nil {
		return build{Version: unknown, Revision: unknown, Time: unknown, Go: unknown}
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	return build{
		Version:  cmp.Or(info.Main.Version, unknown),
		Revision: cmp.Or(settings["vcs.revision"], unknown),
		Time:     cmp.Or(settings["vcs.time"], unknown),
		Modified: settings["vcs.modified"] == "true",
		Go:       cmp.Or(info.GoVersion, unknown),
	}
}

func (b build) String() string {
	changes := ""
	if b.Modified {
		changes = ", with changes"
	}
	return fmt.Sprintf("baseline %s\nrevision %s%s\ntime %s\ngo %s\n", b.Version, b.Revision, changes, b.Time, b.Go)
}

func (a *app) printVersion() error {
	info, _ := debug.ReadBuildInfo()
	if a.output == "json" {
		return a.printJSON(buildOf(info))
	}
	_, err := io.WriteString(a.out, buildOf(info).String())
	return err
}
