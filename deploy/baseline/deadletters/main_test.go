package deadletters_test

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

func TestMain(m *testing.M) { os.Exit(localtest.Run(m)) }

// motoConfig is for clients of the shared server. A test keeps to its own queues.
func motoConfig(t *testing.T) aws.Config {
	t.Helper()
	return localtest.SharedConfig(t)
}
