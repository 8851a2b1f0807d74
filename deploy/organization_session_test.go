package deploy_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestOrganizationSessions runs the scripts of testdata/organization, sessions with organization.sh. The AWS CLI is that of
// TestDeploySessions. deploy.sh only notes in deploy-calls what it is called with, and fails where there is a file broken.
func TestOrganizationSessions(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/organization", Setup: setUpOrganizationSession, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"called": sessionCalled},
	})
}

func setUpOrganizationSession(env *testscript.Env) error {
	errs := []error{setUpDeploySession(env)}
	defaults, err := os.ReadFile("testdata/organization/defaults")
	stackset, err2 := os.ReadFile("stackset.yaml")
	errs = append(errs, err, err2)
	for name, content := range map[string][]byte{
		"defaults":                  defaults,
		"repo/deploy/stackset.yaml": stackset,
		"repo/deploy/deploy.sh":     []byte("#!/bin/sh\necho \"$*\" >>$WORK/deploy-calls\n[ ! -e $WORK/broken ]\n"),
	} {
		errs = append(errs, os.WriteFile(filepath.Join(env.WorkDir, name), content, 0o755))
	}
	env.Setenv("ORGANIZATION", filepath.Join(env.WorkDir, "repo/deploy/organization.sh"))
	return errors.Join(errs...)
}
