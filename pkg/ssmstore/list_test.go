package ssmstore_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// listed gives parameters ten a page, as SSM does, and refuses to decrypt a page
// that holds one of type SecureString.
func listed(t *testing.T, parameters ...awsstub.Parameter) (*awsstub.Stub, ssmstore.Store) {
	t.Helper()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"GetParametersByPath": func(r awsstub.Request) (any, error) {
			if r.JSON["Path"] != "/acme/sg-baseline/groups" || r.JSON["MaxResults"] != 10.0 {
				return nil, &awsstub.Error{Code: "ValidationException"}
			}
			from := 0
			if token, ok := r.JSON["NextToken"].(string); ok {
				from, _ = strconv.Atoi(token)
			}
			answer := awsstub.HistoryAnswer{Parameters: parameters[from:min(from+10, len(parameters))]}
			for _, p := range answer.Parameters {
				if p.Type == "SecureString" && r.JSON["WithDecryption"] == true {
					return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "the key is not yours"}
				}
			}
			if from+10 < len(parameters) {
				answer.NextToken = strconv.Itoa(from + 10)
			}
			return answer, nil
		},
	})
	t.Cleanup(s.Close)
	return s, ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
}

func collect(store ssmstore.Store) (documents []baseline.GroupDocument, err error) {
	for d, e := range store.AllBaselines(context.Background()) {
		if e != nil {
			err = e
			continue
		}
		documents = append(documents, d)
	}
	return documents, err
}

func TestAllBaselinesAreReadTenAtATime(t *testing.T) {
	t.Parallel()
	var parameters []awsstub.Parameter
	for i := range 25 {
		parameters = append(parameters, awsstub.Parameter{Name: fmt.Sprintf("/acme/sg-baseline/groups/sg-%d", i), Type: "String", Value: "{}", Version: 3})
	}
	s, store := listed(t, parameters...)
	got, err := collect(store)
	if err != nil || len(got) != 25 || len(s.Requests()) != 3 {
		t.Fatalf("got %d, %v in %d calls", len(got), err, len(s.Requests()))
	}
	for i, d := range got {
		if d.GroupID != fmt.Sprintf("sg-%d", i) || d.Stored.ReadError != nil || d.Stored.Version != 3 || string(d.Stored.Value) != "{}" {
			t.Errorf("got %+v", d)
		}
	}
}

func TestOneBaselineThatCannotBeDecryptedDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	_, store := listed(t,
		awsstub.Parameter{Name: "/acme/sg-baseline/groups/sg-a", Type: "String", Value: "{}", Version: 1},
		awsstub.Parameter{Name: "/acme/sg-baseline/groups/sg-b", Type: "SecureString", Value: "AQICAHh", Version: 1},
	)
	got, err := collect(store)
	if err != nil {
		t.Fatal(err)
	}
	unreadable := map[string]bool{}
	for _, d := range got {
		unreadable[d.GroupID] = d.Stored.ReadError != nil
	}
	if diff := cmp.Diff(map[string]bool{"sg-a": false, "sg-b": true}, unreadable); diff != "" {
		t.Error(diff)
	}
}

func TestAListThatBreaksOffIsAnError(t *testing.T) {
	t.Parallel()
	s, store := listed(t)
	s.Inject("GetParametersByPath", 99, awsstub.Fault{Error: &awsstub.Error{Code: "InternalServerError", Message: "broken", Status: 500}})
	if got, err := collect(store); err == nil || !strings.Contains(err.Error(), "get the parameters under /acme/sg-baseline/groups") || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTheBookmarkIsThereOnlyWhileItIsNeeded(t *testing.T) {
	t.Parallel()
	value, writes := "", 0
	s := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameters": func(r awsstub.Request) (any, error) {
			if diff := cmp.Diff([]any{"/acme/sg-baseline/sweep"}, r.JSON["Names"]); diff != "" {
				t.Error(diff)
			}
			if value == "" {
				return awsstub.ParametersAnswer{}, nil
			}
			return awsstub.ParametersAnswer{Parameters: []awsstub.Parameter{{Name: "/acme/sg-baseline/sweep", Type: "String", Value: value, Version: 1}}}, nil
		},
		"PutParameter": func(r awsstub.Request) (any, error) {
			value, writes = r.JSON["Value"].(string), writes+1
			return map[string]any{"Version": 1}, nil
		},
		"DeleteParameter": func(awsstub.Request) (any, error) {
			value, writes = "", writes+1
			return map[string]any{}, nil
		},
	})
	t.Cleanup(s.Close)
	run := func(save string) string {
		b := ssmstore.Bookmark{Store: ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}}
		at, err := b.Load(context.Background())
		if err == nil {
			err = b.Save(context.Background(), save)
		}
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for i, step := range []struct {
		save, loads string
		writes      int
	}{{"", "", 0}, {"sg-5", "", 1}, {"sg-7", "sg-5", 2}, {"", "sg-7", 3}, {"", "", 3}} {
		if got := run(step.save); got != step.loads || writes != step.writes {
			t.Errorf("run %d: loaded %q after %d writes, want %+v", i, got, writes, step)
		}
	}
}

// Somebody made the bookmark a SecureString, and the key is deleted.
func TestABookmarkThatCannotBeReadIsRemoved(t *testing.T) {
	t.Parallel()
	deleted := 0
	s := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameters": func(awsstub.Request) (any, error) {
			return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "the key is not yours"}
		},
		"DeleteParameter": func(awsstub.Request) (any, error) {
			deleted++
			return struct{}{}, nil
		},
	})
	t.Cleanup(s.Close)
	b := ssmstore.Bookmark{Store: ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}}
	if _, err := b.Load(context.Background()); err == nil {
		t.Error("it was read")
	}
	if err := b.Save(context.Background(), ""); err != nil || deleted != 1 {
		t.Errorf("got %v, deleted %d times", err, deleted)
	}
}
