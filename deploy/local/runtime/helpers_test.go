package runtime_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

func start(t *testing.T, config runtime.Config) *runtime.Function {
	t.Helper()
	config.Bootstrap, config.Name = bootstrap, "probe"
	config.ARN = "arn:aws:lambda:us-east-1:123456789012:function:probe"
	config.Credentials = aws.Credentials{AccessKeyID: "ASIAROLE", SecretAccessKey: "secret", SessionToken: "token"}
	f, err := runtime.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func invoke(t *testing.T, f *runtime.Function, event string) runtime.Result {
	t.Helper()
	result, err := f.Invoke(t.Context(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func decode(t *testing.T, result runtime.Result) answer {
	t.Helper()
	if result.Error != nil {
		t.Fatalf("the function failed: %v", result.Error)
	}
	var a answer
	if err := json.Unmarshal(result.Payload, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *buffer) waitFor(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if strings.Contains(b.String(), text) {
			return
		}
	}
	t.Fatalf("%q never appeared in %q", text, b.String())
}
