package ssmstore_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
	"github.com/sgwarden/sgwarden/pkg/told"
)

func newTold(t *testing.T, values map[string]string) (*awsstub.Stub, ssmstore.Told) {
	t.Helper()
	versions := map[string]int64{}
	s := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameters": func(q awsstub.Request) (any, error) {
			names := q.JSON["Names"].([]any)
			if len(names) > 10 {
				return nil, &awsstub.Error{Code: "ValidationException", Message: "too many names"}
			}
			var answer awsstub.ParametersAnswer
			for _, name := range names {
				if v, found := values[name.(string)]; found {
					answer.Parameters = append(answer.Parameters, awsstub.Parameter{Name: name.(string), Type: "String", Value: v, Version: versions[name.(string)]})
				}
			}
			return answer, nil
		},
		"PutParameter": func(q awsstub.Request) (any, error) {
			name := q.JSON["Name"].(string)
			if _, exists := values[name]; exists && q.JSON["Overwrite"] != true {
				return nil, &awsstub.Error{Code: "ParameterAlreadyExists"}
			}
			values[name] = q.JSON["Value"].(string)
			versions[name]++
			return map[string]int64{"Version": versions[name]}, nil
		},
	})
	t.Cleanup(s.Close)
	return s, ssmstore.Told{Store: ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme"}}
}

var toldAt = time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)

func toldEntry(groupID string) told.Entry {
	return told.Entry{Open: told.Open{GroupID: groupID, Kind: alert.Drift, Rule: "ingress tcp 22 0.0.0.0/0", Verdict: alert.Violation, Since: toldAt}, Told: 1, Last: toldAt}
}

func TestWhatWasToldIsKeptInParametersOfWhichOnlyTheChangedAreWritten(t *testing.T) {
	t.Parallel()
	values := map[string]string{}
	s, memory := newTold(t, values)
	for range 2 {
		book, err := memory.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		book.Keep(toldEntry("sg-1"))
		if err := memory.Save(t.Context(), book); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Requests("PutParameter")); n != 1 || len(values) != 1 {
		t.Errorf("%d writes of %d parameters", n, len(values))
	}
	open, err := memory.Open(t.Context())
	if diff := cmp.Diff([]told.Open{toldEntry("sg-1").Open}, open); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if n := len(s.Requests("GetParameters")); n != 6 {
		t.Errorf("%d calls for three reads", n)
	}
}

func TestAParameterThatHoldsSomethingElseStays(t *testing.T) {
	t.Parallel()
	first := map[string]string{}
	_, memory := newTold(t, first)
	book := &told.Book{}
	book.Keep(toldEntry("sg-1"))
	if err := memory.Save(t.Context(), book); err != nil {
		t.Fatal(err)
	}
	for name := range first {
		first[name] = "a note"
	}
	book, err := memory.Load(t.Context())
	if err == nil || !strings.Contains(err.Error(), "of what was told") {
		t.Fatal(err)
	}
	book.Keep(toldEntry("sg-1"))
	if err := memory.Save(t.Context(), book); err != nil {
		t.Fatal(err)
	}
	for name, v := range first {
		if v != "a note" {
			t.Errorf("%s was written over", name)
		}
	}
}

func TestWithoutSSMNothingCountsAsTold(t *testing.T) {
	t.Parallel()
	s, memory := newTold(t, map[string]string{})
	s.Inject("GetParameters", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no"}})
	book, err := memory.Load(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "get parameters /acme/told/0 ...: ") || len(book.Open()) != 0 {
		t.Fatal(err)
	}
	book = &told.Book{}
	book.Keep(toldEntry("sg-1"))
	s.Inject("PutParameter", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no"}})
	if err := memory.Save(t.Context(), book); err == nil || !strings.Contains(err.Error(), "put parameter /acme/told/") {
		t.Error(err)
	}
}

// TestWhatTwoNotifiersWriteAtOnceIsForgotten, since the second would have undone what the
// first one wrote. The twin writes after the first.
func TestWhatTwoNotifiersWriteAtOnceIsForgotten(t *testing.T) {
	t.Parallel()
	for name, atOnce := range map[string]bool{"at once": true, "one after the other": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, memory := newTold(t, map[string]string{})
			load := func() *told.Book {
				book, err := memory.Load(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return book
			}
			first, second := load(), load()
			first.Keep(toldEntry("sg-1"))
			if err := memory.Save(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			if !atOnce {
				second = load()
			}
			entry := toldEntry("sg-1")
			entry.Rule = "ingress tcp 23 0.0.0.0/0"
			second.Keep(entry)
			err := memory.Save(t.Context(), second)
			var overwritten *told.Overwritten
			open, openErr := memory.Open(t.Context())
			switch {
			case openErr != nil:
				t.Fatal(openErr)
			case atOnce && (!errors.As(err, &overwritten) || !slices.Equal(overwritten.Shards, []int{told.ShardOf("sg-1")}) || len(open) != 0):
				t.Errorf("got %v, and the memory holds %v", err, open)
			case !atOnce && (err != nil || len(open) != 2):
				t.Errorf("got %v, and the memory holds %v", err, open)
			}
		})
	}
}
