package trailsource

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

func TestMain(m *testing.M) { os.Exit(localtest.Run(m)) }

// motoConfig is for clients of the shared server.
func motoConfig(t *testing.T) aws.Config {
	t.Helper()
	return localtest.SharedConfig(t)
}

var buckets atomic.Int64

// newBucket makes a bucket that no other test has.
func newBucket(t *testing.T, cfg aws.Config) string {
	t.Helper()
	name := fmt.Sprintf("trail-%d", buckets.Add(1))
	if _, err := s3.NewFromConfig(cfg, pathStyle).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return name
}

func putObject(t *testing.T, cfg aws.Config, bucket, key string, content []byte) {
	t.Helper()
	_, err := s3.NewFromConfig(cfg, pathStyle).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)})
	if err != nil {
		t.Fatal(err)
	}
}

// requests are what a client asked, as METHOD key?query.
type requests struct {
	mu   sync.Mutex
	all  []string
	more string // is added to the query of each listing
}

// recording returns a configuration whose requests are recorded. With small pages, listings come two keys at a time.
func recording(cfg aws.Config, smallPages bool) (aws.Config, *requests) {
	r := &requests{}
	if smallPages {
		r.more = "&max-keys=2"
	}
	cfg.HTTPClient = r
	return cfg, r
}

func (r *requests) Do(request *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.all = append(r.all, request.Method+" "+request.URL.Path+"?"+request.URL.RawQuery)
	r.mu.Unlock()
	if request.URL.Query().Has("list-type") && !request.URL.Query().Has("max-keys") {
		request.URL.RawQuery += r.more
	}
	return http.DefaultClient.Do(request)
}

// take returns the requests that hold a word, and forgets all.
func (r *requests) take(word string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := slices.DeleteFunc(r.all, func(one string) bool { return !strings.Contains(one, word) })
	r.all = nil
	return found
}

// record is a CloudTrail record of a call that opens a group.
func record(t *testing.T, id string, at time.Time, account, region string) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"eventVersion": "1.11", "eventID": id, "eventTime": at.UTC().Format(time.RFC3339), "eventSource": "ec2.amazonaws.com",
		"eventName": "AuthorizeSecurityGroupIngress", "awsRegion": region, "recipientAccountId": account,
		"userIdentity":      map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::" + account + ":user/ana"},
		"requestParameters": map[string]any{"groupId": "sg-0a1b2c3d4e5f60718", "ipPermissions": map[string]any{}, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0"},
		"responseElements":  map[string]any{"_return": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// logFile is a log file as CloudTrail writes one to S3.
func logFile(t *testing.T, records ...json.RawMessage) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// read reads a history and returns the ids of its events in order.
func read(t *testing.T, sources traillog.Sources, selection Selection) ([]string, traillog.Tally) {
	t.Helper()
	var ids []string
	tally, err := traillog.Read(t.Context(), sources, traillog.Options{From: selection.From, To: selection.To, TempDir: t.TempDir()}, func(e traillog.Event) error {
		ids = append(ids, e.Trigger.EventID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids, tally
}

// namesIn are the names of sources, in the order of the alphabet, and the errors among them.
func namesIn(sources traillog.Sources) (names, problems []string) {
	for source, err := range sources {
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		names = append(names, source.Name)
	}
	slices.Sort(names)
	return names, problems
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}
