package deadletters_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
)

// theMoto is the server that the tests share, nil until one needs it.
var theMoto *moto.Server

var startMoto = sync.OnceValue(func() (err error) {
	theMoto, err = moto.Start(context.Background(), moto.Config{})
	return err
})

func TestMain(m *testing.M) {
	status := m.Run()
	if theMoto != nil {
		if err := theMoto.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}

// motoConfig is for clients of the shared server. A test keeps to its own queues.
func motoConfig(t *testing.T) aws.Config {
	t.Helper()
	if err := startMoto(); err != nil {
		t.Fatal(err)
	}
	return awsconfig.New(theMoto.URL, awsconfig.Keys)
}
