package ssmstore_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const requestName = "/acme/sg-baseline/sweep-request"

// requested is one parameter as SSM keeps it, and its event for EventBridge.
type requested struct {
	*awsstub.Stub
	ssmstore.SweepRequest

	mu         sync.Mutex
	version    int64 // 0: the parameter does not exist
	kind       string
	value      string
	operations []string
	beforeEnd  func() // called when a deletion arrives
}

func newRequested(t *testing.T) *requested {
	t.Helper()
	r := &requested{}
	r.Stub = awsstub.New(0, map[string]awsstub.Handler{"PutParameter": r.put, "GetParameters": r.get, "DeleteParameter": r.delete})
	t.Cleanup(r.Close)
	r.Store = ssmstore.Store{Client: ssm.NewFromConfig(r.Config()), Prefix: "/acme/sg-baseline"}
	return r
}

func (r *requested) put(q awsstub.Request) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, _ := q.JSON["Value"].(string)
	overwrite, _ := q.JSON["Overwrite"].(bool)
	switch {
	case q.JSON["Name"] != requestName || q.JSON["Type"] != "String":
		return nil, &awsstub.Error{Code: "ValidationException", Message: "not the request"}
	case value == "" || len(value) > 4096 || strings.Contains(value, "{{") || !utf8.ValidString(value):
		return nil, &awsstub.Error{Code: "ValidationException", Message: "a value that SSM does not take"}
	case r.version > 0 && !overwrite:
		return nil, &awsstub.Error{Code: "ParameterAlreadyExists"}
	}
	operation := "Update"
	if r.version == 0 {
		operation = "Create"
	}
	r.version, r.kind, r.value, r.operations = r.version+1, "String", value, append(r.operations, operation)
	return map[string]any{"Version": r.version}, nil
}

func (r *requested) get(q awsstub.Request) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if diff := cmp.Diff([]any{requestName}, q.JSON["Names"]); diff != "" {
		return nil, &awsstub.Error{Code: "ValidationException", Message: diff}
	}
	if r.version == 0 {
		return awsstub.ParametersAnswer{InvalidParameters: []string{requestName}}, nil
	}
	if r.kind == "SecureString" && q.JSON["WithDecryption"] == true {
		return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "the key is not yours"}
	}
	return awsstub.ParametersAnswer{Parameters: []awsstub.Parameter{{Name: requestName, Type: r.kind, Value: r.value, Version: r.version}}}, nil
}

func (r *requested) delete(q awsstub.Request) (any, error) {
	if r.beforeEnd != nil {
		r.beforeEnd()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.version == 0 || q.JSON["Name"] != requestName {
		return nil, &awsstub.Error{Code: "ParameterNotFound"}
	}
	r.version, r.operations = 0, append(r.operations, "Delete")
	return nil, nil
}

// take returns the operations since the last call.
func (r *requested) take() (operations []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	operations, r.operations = r.operations, nil
	return operations
}

func TestOnlyTheFirstRequestCreatesTheParameter(t *testing.T) {
	t.Parallel()
	r := newRequested(t)
	for _, reason := range []string{"event 1", "event 2", "event 2"} {
		if err := r.Ask(t.Context(), reason); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Create", "Update", "Update"}, r.take()); diff != "" {
		t.Errorf("the event for EventBridge (-want +got):\n%s", diff)
	}
	var overwrites []any
	for _, q := range r.Requests("PutParameter") {
		overwrites = append(overwrites, q.JSON["Overwrite"])
	}
	if diff := cmp.Diff([]any{false, false, true, false, true}, overwrites); diff != "" {
		t.Errorf("Overwrite of the calls (-want +got):\n%s", diff)
	}
	if version, err := r.Pending(t.Context()); version != 3 || err != nil {
		t.Errorf("pending is version %d, %v, want 3", version, err)
	}
	if r.value != "sweep requested: event 2" {
		t.Errorf("value %q", r.value)
	}
}

func TestARequestWhoseAnswerIsLostIsMadeAllTheSame(t *testing.T) {
	t.Parallel()
	r := newRequested(t)
	r.Inject("PutParameter", 1, awsstub.Fault{DropAfter: true})
	if err := r.Ask(t.Context(), "event 1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Create", "Update"}, r.take()); diff != "" {
		t.Errorf("the event for EventBridge (-want +got):\n%s", diff)
	}
}

func TestEveryReasonIsAValueThatSSMTakes(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ reason, value string }{
		"an ordinary one":                       {"event 1", "sweep requested: event 1"},
		"none":                                  {"", "sweep requested: "},
		"a group called {{ssm:secret}}":         {`no group named "{{ssm:secret}}"`, `sweep requested: no group named "((ssm:secret))"`},
		"three braces":                          {"{{{", "sweep requested: ((("},
		"a long one":                            {strings.Repeat("x", 9000), "sweep requested: " + strings.Repeat("x", 1000)},
		"a long one, truncated within a letter": {strings.Repeat("x", 999) + "é", "sweep requested: " + strings.Repeat("x", 999)},
		"one that is no text":                   {"a\xffb", "sweep requested: ab"},
	} {
		r := newRequested(t)
		if err := r.Ask(t.Context(), row.reason); err != nil || r.value != row.value {
			t.Errorf("%s: value %.80q, want %.80q, error %v", name, r.value, row.value, err)
		}
	}
}

func TestNoRequestIsVersionZero(t *testing.T) {
	t.Parallel()
	r := newRequested(t)
	if version, err := r.Pending(t.Context()); version != 0 || err != nil {
		t.Errorf("pending is version %d, %v", version, err)
	}
	if err := r.Ask(t.Context(), "event 1"); err != nil {
		t.Fatal(err)
	}
	if version, err := r.Pending(t.Context()); version != 1 || err != nil {
		t.Errorf("pending is version %d, %v, want 1", version, err)
	}
}

func TestARequestThatCannotBeDecryptedIsARequest(t *testing.T) {
	t.Parallel()
	r := newRequested(t)
	r.version, r.kind, r.value = 4, "SecureString", "AQICAHh"
	if version, err := r.Pending(t.Context()); version != 4 || err != nil {
		t.Errorf("pending is version %d, %v, want 4", version, err)
	}
	if again, err := r.Done(t.Context(), 4); again || err != nil || r.version != 0 {
		t.Errorf("again %t, %v, and version %d is left", again, err, r.version)
	}
}

func TestTheEndOfASweepDeletesJustTheRequestThatItAnswered(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		began, now, left int64
		again            bool
	}{
		"a request, and no other since":             {began: 1, now: 1, left: 0},
		"a newer request":                           {began: 1, now: 2, left: 2, again: true},
		"a request that was deleted and made again": {began: 3, now: 1, left: 1, again: true},
		"a request that another sweep has deleted":  {began: 1, now: 0, left: 0, again: true},
		"no request": {began: 0, now: 0, left: 0},
		"no request, and one that was made meantime": {began: 0, now: 1, left: 1, again: true},
	} {
		r := newRequested(t)
		r.version, r.kind, r.value = row.now, "String", "x"
		if again, err := r.Done(t.Context(), row.began); again != row.again || err != nil || r.version != row.left {
			t.Errorf("%s: again %t and version %d is left, want %t and %d; error %v", name, again, r.version, row.again, row.left, err)
		}
	}
}

func TestTwoSweepsThatEndAtOnceBothSucceed(t *testing.T) {
	t.Parallel()
	r := newRequested(t)
	r.version, r.kind, r.value = 1, "String", "x"
	r.beforeEnd = func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.version = 0 // by the other sweep
	}
	if again, err := r.Done(t.Context(), 1); again || err != nil {
		t.Errorf("again %t, %v", again, err)
	}
	if got := len(r.Requests("DeleteParameter")); got != 1 {
		t.Errorf("%d deletions, want 1", got)
	}
}

func TestErrorsOfRequestsSayWhatFailed(t *testing.T) {
	t.Parallel()
	for action, row := range map[string]struct {
		call func(r *requested) error
		want string
	}{
		"PutParameter":    {func(r *requested) error { return r.Ask(t.Context(), "event 1") }, "ask for a sweep: put parameter " + requestName},
		"GetParameters":   {func(r *requested) error { _, err := r.Pending(t.Context()); return err }, "look for a request for a sweep: get parameter " + requestName},
		"DeleteParameter": {func(r *requested) error { _, err := r.Done(t.Context(), 1); return err }, "end the request for a sweep: delete parameter " + requestName},
	} {
		r := newRequested(t)
		r.version, r.kind, r.value = 1, "String", "x"
		r.Inject(action, awsstub.Attempts, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no"}})
		if err := row.call(r); err == nil || !strings.Contains(err.Error(), row.want) || !errors.Is(err, secgroup.ErrRefused) {
			t.Errorf("%s: got %v, want %q, refused", action, err, row.want)
		}
	}
	r := newRequested(t)
	r.Inject("GetParameters", awsstub.Attempts, awsstub.Fault{Error: &awsstub.Error{Code: "InternalServerError", Status: 500}})
	if again, err := r.Done(t.Context(), 1); again || err == nil {
		t.Errorf("a version that can't be read: again %t, %v", again, err)
	}
}
