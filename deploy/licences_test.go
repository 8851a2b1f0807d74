package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fakeGo lists one module, in the directory that MODULE names.
const fakeGo = "#!/bin/sh\necho example.com/module v1.2.3 \"$MODULE\"\n"

func TestLicencesAreRecognisedByTheirText(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		file, text string
		want       string
		code       int
	}{
		"Apache":                    {"LICENSE", "Apache License\n   Version 2.0, January 2004", "Apache-2.0", 0},
		"MIT, broken anywhere":      {"LICENCE.md", "Permission is hereby\ngranted, free\nof charge, to any person", "MIT", 0},
		"BSD with three clauses":    {"LICENSE", "Redistribution and use in source and binary forms\nNeither the name of X nor the names may be used to endorse", "BSD-3-Clause", 0},
		"BSD with two clauses":      {"COPYING", "Redistribution and use in source and\nbinary forms", "BSD-2-Clause", 0},
		"Mozilla":                   {"LICENSE.txt", "Mozilla Public License, version 2.0", "MPL-2.0", 0},
		"a licence to think about":  {"LICENSE", "GNU GENERAL PUBLIC LICENSE", "GNU", 1},
		"a text that nobody knows":  {"LICENSE", "All rights reserved.", "unknown", 1},
		"no file that is a licence": {"README.md", "Permission is hereby granted, free of charge", "none", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			module, bin := t.TempDir(), t.TempDir()
			for path, text := range map[string]string{filepath.Join(module, row.file): row.text, filepath.Join(bin, "go"): fakeGo} {
				if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			run := exec.CommandContext(t.Context(), "./licences.sh")
			run.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "MODULE="+module)
			var out, errs strings.Builder
			run.Stdout, run.Stderr = &out, &errs
			err := run.Run()
			fields := strings.Fields(out.String())
			if len(fields) < 3 || fields[2] != row.want || run.ProcessState.ExitCode() != row.code || (errs.Len() > 0) != (row.code > 0) {
				t.Errorf("%q, %q, %v: want %s and status %d", out.String(), errs.String(), err, row.want, row.code)
			}
		})
	}
}

// A module that a function, the command or a test is built from has a licence that permits that.
func TestEachModuleHasALicence(t *testing.T) {
	t.Parallel()
	said, err := exec.CommandContext(t.Context(), "./licences.sh").CombinedOutput()
	if err != nil || !strings.Contains(string(said), "github.com/aws/aws-sdk-go-v2 ") {
		t.Errorf("%v: %s", err, said)
	}
}
