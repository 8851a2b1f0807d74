//go:build unix

package traillog

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// plainRecord is how a program that decodes each record would do so: what it asks for has a type, and what differs from
// call to call stays as it is written, which makes this decode faster than one into maps.
type plainRecord struct {
	EventVersion string `json:"eventVersion"`
	UserIdentity struct {
		Type           string `json:"type"`
		PrincipalID    string `json:"principalId"`
		ARN            string `json:"arn"`
		AccountID      string `json:"accountId"`
		AccessKeyID    string `json:"accessKeyId"`
		UserName       string `json:"userName"`
		InvokedBy      string `json:"invokedBy"`
		SessionContext struct {
			SessionIssuer struct {
				ARN string `json:"arn"`
			} `json:"sessionIssuer"`
			SourceIdentity string `json:"sourceIdentity"`
		} `json:"sessionContext"`
	} `json:"userIdentity"`
	EventTime          time.Time       `json:"eventTime"`
	EventSource        string          `json:"eventSource"`
	EventName          string          `json:"eventName"`
	AWSRegion          string          `json:"awsRegion"`
	SourceIPAddress    string          `json:"sourceIPAddress"`
	UserAgent          string          `json:"userAgent"`
	ErrorCode          string          `json:"errorCode"`
	RequestParameters  json.RawMessage `json:"requestParameters"`
	ResponseElements   json.RawMessage `json:"responseElements"`
	RequestID          string          `json:"requestID"`
	EventID            string          `json:"eventID"`
	RecipientAccountID string          `json:"recipientAccountId"`
}

// BenchmarkRecordsThatDoNotConcernUs and BenchmarkRecordsThatConcernUs compare Read with a plain decode of the same bytes
// in the same run, both on one core. The ratio is of the best times of both, which other work on the machine disturbs
// least. The goals are 8 and 0.8.
func BenchmarkRecordsThatDoNotConcernUs(b *testing.B) { compare(b, manyRecords(false, 8<<20)) }

func BenchmarkRecordsThatConcernUs(b *testing.B) { compare(b, manyRecords(true, 8<<20)) }

func compare(b *testing.B, file []byte) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	plain, ours := time.Hour, time.Hour
	for b.Loop() {
		plain = min(plain, timed(func() { decodePlain(b, file) }))
		ours = min(ours, timed(func() { readOnce(b, file) }))
	}
	speed := func(d time.Duration) float64 { return float64(len(file)) / 1e6 / d.Seconds() }
	b.ReportMetric(speed(plain), "plain-MB/s")
	b.ReportMetric(speed(ours), "ours-MB/s")
	b.ReportMetric(speed(ours)/speed(plain), "ratio")
}

// timed is the time that the processor needed, garbage collection included: other work on the machine does not count.
func timed(work func()) time.Duration {
	runtime.GC()
	begin := processorTime()
	work()
	return processorTime() - begin
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func decodePlain(b *testing.B, file []byte) {
	var document struct{ Records []plainRecord }
	if err := json.Unmarshal(file, &document); err != nil || len(document.Records) == 0 {
		b.Fatalf("%d records, %v", len(document.Records), err)
	}
}

func readOnce(b *testing.B, file []byte) {
	tally, err := Read(context.Background(), of("file", io.NopCloser(bytes.NewReader(file))), Options{Workers: 1}, func(Event) error { return nil })
	if err != nil || tally.Records == 0 {
		b.Fatalf("%+v, %v", tally, err)
	}
}
