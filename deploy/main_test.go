package deploy_test

import (
	"os"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

func TestMain(m *testing.M) { os.Exit(localtest.RunWithQuickCLI(m)) }
