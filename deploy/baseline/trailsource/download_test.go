package trailsource

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
)

// server answers S3's clients on loopback, in a way that the local AWS can't.
func server(t *testing.T, handler http.HandlerFunc) aws.Config {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	cfg := awsconfig.New(s.URL, awsconfig.Keys)
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
		})
	}
	return cfg
}

// refuse answers with an error of S3.
func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
}

// torn gives an object in pieces: each connection breaks after so many bytes.
type torn struct {
	content []byte
	piece   int // bytes until the connection breaks
	changed int // the request from which on the object is another one; 0: never

	mu     sync.Mutex
	ranges []string // of the requests
}

func (s *torn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.ranges = append(s.ranges, r.Header.Get("Range"))
	asked := len(s.ranges)
	s.mu.Unlock()
	if r.Header.Get("If-Match") != "" && (s.changed > 0 && asked >= s.changed || r.Header.Get("If-Match") != `"v1"`) {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	from := 0
	if text, found := strings.CutPrefix(r.Header.Get("Range"), "bytes="); found {
		from, _ = strconv.Atoi(strings.TrimSuffix(text, "-"))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(s.content)-1, len(s.content)))
	}
	rest := s.content[from:]
	w.Header().Set("ETag", `"v1"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(rest)))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	if len(rest) <= s.piece {
		_, _ = w.Write(rest)
		return
	}
	_, _ = w.Write(rest[:s.piece])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// fetch downloads the object of a server.
func fetch(t *testing.T, cfg aws.Config) ([]byte, error) {
	t.Helper()
	client, err := clientOf(t.Context(), cfg, "logs")
	if err != nil {
		t.Fatal(err)
	}
	body, err := open(t.Context(), client, Location{"logs", "a.json.gz"})
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(body)
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	return content, err
}

func TestABrokenDownloadGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 100)
	s := &torn{content: content, piece: 300}
	got, err := fetch(t, server(t, s.ServeHTTP))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes of %d, %v", len(got), len(content), err)
	}
	// The first request asks for the bucket, and the second for the object.
	if want := "[  bytes=300- bytes=600- bytes=900-]"; fmt.Sprint(s.ranges) != want {
		t.Errorf("asked for %v, want %s", s.ranges, want)
	}
}

func TestADownloadThatCanNotGoOnSaysWhere(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 100)
	for want, s := range map[string]*torn{
		"read s3://logs/a.json.gz: broke off at byte 0 of 1000": {content: content},
		"read s3://logs/a.json.gz: go on at byte 300":           {content: content, piece: 300, changed: 3},
		"read s3://logs/a.json.gz: go on at byte 400":           {content: content, piece: 200, changed: 4},
	} {
		got, err := fetch(t, server(t, s.ServeHTTP))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes, %v, want %s", len(got), err, want)
		}
		if len(s.ranges) > tears+2 {
			t.Errorf("asked %d times: %v", len(s.ranges), s.ranges)
		}
	}
}

func TestAnInterruptEndsADownload(t *testing.T) {
	t.Parallel()
	s := &torn{content: make([]byte, 1000), piece: 300}
	client, err := clientOf(t.Context(), server(t, s.ServeHTTP), "logs")
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	body, err := open(ctx, client, Location{"logs", "a.json.gz"})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	interrupt()
	if _, err := io.ReadAll(body); err == nil || len(s.ranges) != 2 {
		t.Errorf("%v after the requests %v", err, s.ranges)
	}
}

// elsewhereServer is a bucket of eu-west-1, which redirects requests that are signed for another region.
func elsewhereServer(t *testing.T, head int) (aws.Config, *requests) {
	t.Helper()
	regions := &requests{}
	return server(t, func(w http.ResponseWriter, r *http.Request) {
		_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		region := strings.Split(scope, "/")[2]
		regions.mu.Lock()
		regions.all = append(regions.all, r.Method+" "+region)
		regions.mu.Unlock()
		w.Header().Set(regionHeader, "eu-west-1")
		switch {
		case r.Method == http.MethodHead:
			w.WriteHeader(head)
		case region != "eu-west-1":
			refuse(w, http.StatusMovedPermanently, "PermanentRedirect")
		default:
			fmt.Fprint(w, `<ListBucketResult><KeyCount>1</KeyCount><Contents><Key>AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/01/a.json.gz</Key><Size>3</Size><ETag>"1"</ETag></Contents></ListBucketResult>`)
		}
	}), regions
}

func TestABucketOfAnotherRegionIsAskedThere(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusMovedPermanently, http.StatusForbidden, http.StatusBadRequest} {
		cfg, regions := elsewhereServer(t, status)
		sources, err := S3(t.Context(), cfg, Location{"logs", "AWSLogs/111122223333/CloudTrail/eu-west-1/"}, Selection{}, nil)
		if err != nil {
			t.Errorf("%d: %v", status, err)
			continue
		}
		if names, problems := namesIn(sources); len(names) != 1 || len(problems) > 0 {
			t.Errorf("%d: %v, %v", status, names, problems)
		}
		if got := fmt.Sprint(regions.take("")); got != "[HEAD us-east-1 GET eu-west-1 GET eu-west-1]" {
			t.Errorf("%d: asked %s", status, got)
		}
	}
}

func TestABucketWithoutPermission(t *testing.T) {
	t.Parallel()
	cfg := server(t, func(w http.ResponseWriter, r *http.Request) { refuse(w, http.StatusForbidden, "AccessDenied") })
	_, err := S3(t.Context(), cfg, Location{"logs", "AWSLogs/"}, Selection{}, nil)
	if err == nil || !strings.Contains(err.Error(), "list s3://logs/AWSLogs/: ") || !strings.Contains(err.Error(), "needed is s3:ListBucket on arn:aws:s3:::logs and s3:GetObject on arn:aws:s3:::logs/AWSLogs/*") {
		t.Errorf("got %v", err)
	}
}

// TestOnlyWhatIsRefusedIsSkipped: one object, one archived object and the folder of one account are refused.
func TestOnlyWhatIsRefusedIsSkipped(t *testing.T) {
	t.Parallel()
	one := logFile(t, record(t, "fine", day("2026-11-01"), production, "us-east-1"))
	folder := "AWSLogs/" + production + "/CloudTrail/us-east-1/2026/11/01/"
	cfg := server(t, func(w http.ResponseWriter, r *http.Request) {
		prefix := r.URL.Query().Get("prefix")
		switch {
		case strings.HasSuffix(r.URL.Path, "/secret.json.gz"), strings.Contains(prefix, staging):
			refuse(w, http.StatusForbidden, "AccessDenied")
		case strings.HasSuffix(r.URL.Path, "/fine.json.gz"):
			_, _ = w.Write(one)
		case prefix == "AWSLogs/" && r.URL.Query().Get("delimiter") != "":
			fmt.Fprintf(w, `<ListBucketResult><CommonPrefixes><Prefix>AWSLogs/%s/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>AWSLogs/%s/</Prefix></CommonPrefixes></ListBucketResult>`, production, staging)
		case strings.HasSuffix(prefix, "/CloudTrail/"):
			fmt.Fprintf(w, `<ListBucketResult><CommonPrefixes><Prefix>%sus-east-1/</Prefix></CommonPrefixes></ListBucketResult>`, prefix)
		default:
			fmt.Fprint(w, `<ListBucketResult><KeyCount>3</KeyCount>`)
			for _, name := range []string{"fine", "secret", "old"} {
				class := "STANDARD"
				if name == "old" {
					class = "DEEP_ARCHIVE"
				}
				fmt.Fprintf(w, `<Contents><Key>%s%s.json.gz</Key><Size>%d</Size><ETag>"1"</ETag><StorageClass>%s</StorageClass></Contents>`, folder, name, len(one), class)
			}
			fmt.Fprint(w, `</ListBucketResult>`)
		}
	})
	sources, err := S3(t.Context(), cfg, Location{"logs", "AWSLogs/"}, Selection{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids, tally := read(t, sources, Selection{})
	if len(ids) != 1 || ids[0] != "fine" || len(tally.Skipped) != 3 {
		t.Fatalf("%v, %+v", ids, tally.Skipped)
	}
	slices.SortFunc(tally.Skipped, func(a, b traillog.Skipped) int { return strings.Compare(a.File, b.File) })
	for i, want := range []struct{ file, reason string }{
		{"s3://logs/" + folder + "old.json.gz", "is archived (DEEP_ARCHIVE): restore the object first"},
		{"s3://logs/" + folder + "secret.json.gz", "needed is s3:GetObject on the object, and kms:Decrypt on its key"},
		{"s3://logs/AWSLogs/" + staging + "/CloudTrail/", "needed is s3:ListBucket on arn:aws:s3:::logs"},
	} {
		if got := tally.Skipped[i]; got.File != want.file || !strings.Contains(got.Reason, want.reason) {
			t.Errorf("skipped %+v, want %+v", got, want)
		}
	}
}
