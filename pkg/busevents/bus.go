package busevents

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Client sends requests.
type Client interface {
	Do(*http.Request) (*http.Response, error)
}

// Bus is the default event bus of a region.
type Bus struct {
	Client      Client
	Credentials aws.CredentialsProvider
	Region      string
	Partition   string // such as aws-cn
	URL         string // see URL
	Now         func() time.Time
	// Pause waits before the call is made once more, at most until ctx ends.
	Pause func(ctx context.Context, d time.Duration)
}

const (
	attempts = 3
	// pause is before the second attempt, and twice as long before the third.
	pause = 200 * time.Millisecond
	// longestAnswer bounds what is read of an answer, in bytes.
	longestAnswer = 64 << 10
)

// Put puts the event of an alert's message. It tries again what may pass.
func (b Bus) Put(ctx context.Context, m alert.Message) error {
	e, err := newEntry(m, b.Partition)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string][]entry{"Entries": {e}})
	if err != nil {
		return fmt.Errorf("encode the event %q: %w", e.DetailType, err)
	}
	for n := 1; ; n++ {
		again, err := b.put(ctx, body)
		if err == nil {
			return nil
		}
		if !again || n == attempts || ctx.Err() != nil {
			return fmt.Errorf("put the event %q on the default event bus: %w", e.DetailType, err)
		}
		b.Pause(ctx, time.Duration(n)*pause)
	}
}

// put makes one attempt. again says that another one may succeed.
func (b Bus) put(ctx context.Context, body []byte) (again bool, err error) {
	request, err := b.request(ctx, body)
	if err != nil {
		return false, err
	}
	response, err := b.Client.Do(request)
	if err != nil {
		return true, err
	}
	defer func() { _ = response.Body.Close() }() // all that counts has been read
	text, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	if err != nil {
		return true, fmt.Errorf("read the answer: %w", err)
	}
	return judge(response.StatusCode, text)
}

// request is signed. The protocol is AWS JSON 1.1.
func (b Bus) request(ctx context.Context, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
	credentials, err := b.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("find credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "events", b.Region, b.Now()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return request, nil
}

// answer is EventBridge's: of an error, or of a call that succeeded and yet may have
// refused the entry.
type answer struct {
	Type             string `json:"__type"`
	Message          string `json:"message"`
	FailedEntryCount int
	Entries          []struct{ ErrorCode, ErrorMessage string }
}

// judge reads an answer. A call that was throttled, or that failed in EventBridge, may succeed
// later.
func judge(status int, text []byte) (again bool, err error) {
	var a answer
	decodeErr := json.Unmarshal(text, &a)
	code, message := a.Type, a.Message
	if len(a.Entries) > 0 {
		code, message = a.Entries[0].ErrorCode, a.Entries[0].ErrorMessage
	}
	passing := status >= 500 || status == http.StatusTooManyRequests || code == "ThrottlingException" || code == "InternalFailure" || code == "InternalException"
	switch {
	case status != http.StatusOK:
		return passing, fmt.Errorf("status %d: %s: %s", status, code, message)
	case decodeErr != nil:
		return true, fmt.Errorf("read the answer: %w", decodeErr)
	case a.FailedEntryCount > 0:
		return passing, fmt.Errorf("the entry was refused: %s: %s", code, message)
	}
	return false, nil
}
