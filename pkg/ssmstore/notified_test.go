package ssmstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func newNotified(t *testing.T, values map[string]string) (*awsstub.Stub, ssmstore.Notified) {
	t.Helper()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameters": func(q awsstub.Request) (any, error) {
			names := q.JSON["Names"].([]any)
			if len(names) > 10 {
				return nil, &awsstub.Error{Code: "ValidationException", Message: "too many names"}
			}
			var answer awsstub.ParametersAnswer
			for _, name := range names {
				if v, found := values[name.(string)]; found {
					answer.Parameters = append(answer.Parameters, awsstub.Parameter{Name: name.(string), Type: "String", Value: v, Version: 1})
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
			return map[string]int{"Version": 1}, nil
		},
	})
	t.Cleanup(s.Close)
	return s, ssmstore.Notified{Store: ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme"}}
}

var notifiedAt = time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)

func notifiedEntry(groupID string) notified.Entry {
	return notified.Entry{Open: notified.Open{GroupID: groupID, Kind: alert.Drift, Rule: "ingress tcp 22 0.0.0.0/0", Verdict: alert.Violation, Since: notifiedAt}, Notified: 1, NotifiedAt: notifiedAt}
}

func TestWhatPeopleWereNotifiedOfIsKeptInParametersOfWhichOnlyTheChangedAreWritten(t *testing.T) {
	t.Parallel()
	values := map[string]string{}
	s, memory := newNotified(t, values)
	for range 2 {
		book, err := memory.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		book.Keep(notifiedEntry("sg-1"))
		if err := memory.Save(t.Context(), book); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Requests("PutParameter")); n != 1 || len(values) != 1 {
		t.Errorf("%d writes of %d parameters", n, len(values))
	}
	book, err := memory.Load(t.Context())
	open := book.Open()
	if diff := cmp.Diff([]notified.Open{notifiedEntry("sg-1").Open}, open); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if n := len(s.Requests("GetParameters")); n != 6 {
		t.Errorf("%d calls for three reads", n)
	}
}

func TestAParameterThatHoldsSomethingElseStays(t *testing.T) {
	t.Parallel()
	first := map[string]string{}
	_, memory := newNotified(t, first)
	book := &notified.Memory{}
	book.Keep(notifiedEntry("sg-1"))
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
	book.Keep(notifiedEntry("sg-1"))
	if err := memory.Save(t.Context(), book); err != nil {
		t.Fatal(err)
	}
	for name, v := range first {
		if v != "a note" {
			t.Errorf("%s was written over", name)
		}
	}
}

func TestWithoutSSMNothingCountsAsNotified(t *testing.T) {
	t.Parallel()
	s, memory := newNotified(t, map[string]string{})
	s.Inject("GetParameters", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no"}})
	book, err := memory.Load(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "get parameters /acme/told/0 ...: ") || len(book.Open()) != 0 {
		t.Fatal(err)
	}
	book = &notified.Memory{}
	book.Keep(notifiedEntry("sg-1"))
	s.Inject("PutParameter", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no"}})
	if err := memory.Save(t.Context(), book); err == nil || !strings.Contains(err.Error(), "put parameter /acme/told/") {
		t.Error(err)
	}
}
