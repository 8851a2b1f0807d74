package ssmstore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// lossyStore is one parameter of Parameter Store, whose answers to writes are lost after the write took effect.
type lossyStore struct {
	versions []awsstub.Parameter
	lose     int    // answers that are still to be lost
	between  string // what somebody else writes after a lost answer; empty: nothing
}

func (l *lossyStore) write(value, description string) int {
	l.versions = append(l.versions, awsstub.Parameter{Name: name, Value: value, Version: int64(len(l.versions) + 1), Description: description})
	return len(l.versions)
}

func (l *lossyStore) put(r awsstub.Request) (any, error) {
	if len(l.versions) > 0 && r.JSON["Overwrite"] != true {
		return nil, &awsstub.Error{Code: "ParameterAlreadyExists", Message: "it is there"}
	}
	description, _ := r.JSON["Description"].(string)
	version := l.write(r.JSON["Value"].(string), description)
	if l.lose > 0 {
		l.lose--
		if l.between != "" {
			l.write(l.between, "")
		}
		return nil, &awsstub.Error{Status: 500, Code: "InternalServerError", Message: "the answer is lost"}
	}
	return map[string]any{"Version": version}, nil
}

func TestAWriteWhoseAnswerWasLostIsNotTakenForAnothers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		before  int // versions that are there already
		lose    int
		between string
		version int64
		changed bool
	}{
		{name: "a parameter is created", version: 1},
		{name: "a parameter is created and the answer is lost", lose: 1, version: 1},
		{name: "a parameter is overwritten", before: 2, version: 3},
		{name: "a parameter is overwritten and the answer is lost", before: 2, lose: 1, version: 4},
		{name: "a parameter is overwritten and two answers are lost", before: 2, lose: 2, version: 5},
		{name: "a parameter is created, the answer is lost, and another writes", lose: 1, between: "another's", changed: true},
		{name: "a parameter is overwritten, the answer is lost, and another writes", before: 2, lose: 1, between: "another's", version: 5, changed: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := &lossyStore{lose: test.lose, between: test.between}
			for range test.before {
				l.write("old", "")
			}
			s := awsstub.New(0, map[string]awsstub.Handler{
				"PutParameter":        l.put,
				"GetParameterHistory": func(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{Parameters: l.versions}, nil },
			})
			t.Cleanup(s.Close)
			doc, err := baseline.Decode([]byte(`{"schema":1,"groupId":"`+group+`","ingress":[]}`), group)
			if err != nil {
				t.Fatal(err)
			}
			store := ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
			version, err := store.PutDescribed(t.Context(), doc, baseline.Stored{Version: int64(test.before), ModifiedAt: time.Unix(1, 0)}, "pushed")
			if version != test.version || errors.Is(err, ssmstore.ErrChanged) != test.changed || err != nil && !test.changed {
				t.Errorf("version %d, want %d; error %v, want %t", version, test.version, err, test.changed)
			}
		})
	}
}

func TestAConflictThatCannotBeLookedIntoIsStillAConflict(t *testing.T) {
	t.Parallel()
	l := &lossyStore{}
	l.write("another's", "")
	s := awsstub.New(0, map[string]awsstub.Handler{
		"PutParameter": l.put,
		"GetParameterHistory": func(awsstub.Request) (any, error) {
			return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "not you"}
		},
	})
	t.Cleanup(s.Close)
	doc, err := baseline.Decode([]byte(`{"schema":1,"groupId":"`+group+`","ingress":[]}`), group)
	if err != nil {
		t.Fatal(err)
	}
	store := ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
	if _, err := store.Put(t.Context(), doc, baseline.Stored{}); !errors.Is(err, ssmstore.ErrChanged) || !strings.Contains(err.Error(), "not you") {
		t.Errorf("got %v", err)
	}
}
