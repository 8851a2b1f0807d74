package ssmstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const (
	group     = "sg-0a1b2c3d4e5f60718"
	name      = "/acme/sg-baseline/groups/" + group
	guardrail = "/acme/sg-baseline/guardrail"
)

func start(t *testing.T, parameters ...awsstub.Parameter) (*awsstub.Stub, ssmstore.Store) {
	t.Helper()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameters": func(r awsstub.Request) (any, error) {
			var answer awsstub.ParametersAnswer
			for _, p := range parameters {
				if names, _ := r.JSON["Names"].([]any); slices.Contains(names, any(p.Name)) {
					if p.Type == "SecureString" && r.JSON["WithDecryption"] != true {
						p.Value = "AQICAHh-still-encrypted"
					}
					answer.Parameters = append(answer.Parameters, p)
				}
			}
			return answer, nil
		},
		"GetParametersByPath": noApprovals,
	})
	t.Cleanup(s.Close)
	return s, ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
}

func noApprovals(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{}, nil }

func TestBaselineAndGuardrailAreReadInOneCall(t *testing.T) {
	t.Parallel()
	of := func(name string, version int64) baseline.Stored {
		return baseline.Stored{Parameter: name, Version: version, Value: []byte("{}")}
	}
	secure := func(s baseline.Stored) baseline.Stored {
		s.Secure = true
		return s
	}
	parameter := func(name, kind string, version int64) awsstub.Parameter {
		return awsstub.Parameter{Name: name, Type: kind, Value: "{}", Version: version}
	}
	cases := map[string]struct {
		parameters       []awsstub.Parameter
		group, guardrail baseline.Stored
	}{
		"neither":           {},
		"a baseline":        {[]awsstub.Parameter{parameter(name, "String", 7)}, of(name, 7), baseline.Stored{}},
		"a guardrail":       {[]awsstub.Parameter{parameter(guardrail, "String", 2)}, baseline.Stored{}, of(guardrail, 2)},
		"both, and secured": {[]awsstub.Parameter{parameter(guardrail, "SecureString", 2), parameter(name, "SecureString", 7)}, secure(of(name, 7)), secure(of(guardrail, 2))},
		"another group's":   {[]awsstub.Parameter{parameter(name+"9", "String", 7)}, baseline.Stored{}, baseline.Stored{}},
	}
	for title, c := range cases {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s, store := start(t, c.parameters...)
			for range 2 { // anew each time
				d, err := store.Read(context.Background(), group)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(baseline.Documents{Group: c.group, Guardrail: c.guardrail}, d); diff != "" {
					t.Error(diff)
				}
			}
			if n := len(s.Requests()); n != 4 { // the approvals beside them
				t.Errorf("%d calls", n)
			}
		})
	}
}

// SSM refuses a whole call for one SecureString whose key it may not use.
func TestADocumentWhoseKeyIsRefusedDoesNotHideTheOther(t *testing.T) {
	t.Parallel()
	for _, refused := range []string{name, guardrail} {
		s := awsstub.New(0, map[string]awsstub.Handler{
			"GetParameters": func(r awsstub.Request) (any, error) {
				var answer awsstub.ParametersAnswer
				for _, asked := range r.JSON["Names"].([]any) {
					if asked == refused {
						return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "the key is not yours"}
					}
					answer.Parameters = append(answer.Parameters, awsstub.Parameter{Name: asked.(string), Type: "String", Value: "{}", Version: 7})
				}
				return answer, nil
			},
			"GetParametersByPath": noApprovals,
		})
		t.Cleanup(s.Close)
		store := ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
		d, err := store.Read(context.Background(), group)
		if err != nil {
			t.Fatal(err)
		}
		is, rail := d.Group, d.Guardrail
		for _, d := range []baseline.Stored{is, rail} {
			if d.Parameter == refused && (d.ReadError == nil || !d.Exists()) || d.Parameter != refused && (d.ReadError != nil || d.Version != 7) {
				t.Errorf("%s is refused, and %+v", refused, d)
			}
		}
		if n := len(s.Requests("GetParameters")); n != 5 || is.Parameter != name || rail.Parameter != guardrail {
			t.Errorf("%d calls: %+v, %+v", n, is, rail)
		}
	}
}

func TestWhatCannotBeReadIsNotTakenForAbsent(t *testing.T) {
	t.Parallel()
	const forEver = 99
	cases := map[string]struct {
		times int
		fault awsstub.Fault
		want  string
	}{
		"denied for ever":        {forEver, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you"}}, "not you"},
		"its key is not ours":    {forEver, awsstub.Fault{Error: &awsstub.Error{Code: "InvalidKeyId", Message: "no such key"}}, "no such key"},
		"throttled for ever":     {forEver, awsstub.Fault{Error: &awsstub.Error{Code: "ThrottlingException", Message: "slow down"}}, "slow down"},
		"denied once":            {1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException"}}, ""},
		"throttled once":         {1, awsstub.Fault{Error: &awsstub.Error{Code: "ThrottlingException"}}, ""},
		"SSM is broken for ever": {forEver, awsstub.Fault{Error: &awsstub.Error{Code: "InternalServerError", Status: 500}}, "InternalServerError"},
		"no connection":          {forEver, awsstub.Fault{DropBefore: true}, "EOF"},
	}
	for title, c := range cases {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s, store := start(t, awsstub.Parameter{Name: name, Type: "String", Value: "{}", Version: 7})
			s.Inject("GetParameters", c.times, c.fault)
			d, err := store.Read(context.Background(), group)
			got := d.Group
			if err = errors.Join(err, got.ReadError); (err != nil) != (c.want != "") || (got.Version == 7) != (c.want == "") {
				t.Fatalf("got %+v, %v", got, err)
			}
			if err != nil && (!strings.HasPrefix(err.Error(), "get parameters "+name) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestHistoryIsReadInPagesOldestFirst(t *testing.T) {
	t.Parallel()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameterHistory": func(r awsstub.Request) (any, error) {
			if r.JSON["NextToken"] == "more" {
				return awsstub.HistoryAnswer{Parameters: []awsstub.Parameter{{Name: name, Value: "b", Version: 2, LastModifiedDate: 1.5, LastModifiedUser: "arn:ana"}}}, nil
			}
			return awsstub.HistoryAnswer{Parameters: []awsstub.Parameter{{Name: name, Value: "a", Version: 1}}, NextToken: "more"}, nil
		},
	})
	t.Cleanup(s.Close)
	store := ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
	got, err := store.History(context.Background(), name)
	want := []baseline.Version{
		{Stored: baseline.Stored{Parameter: name, Version: 1, Value: []byte("a")}},
		{Stored: baseline.Stored{Parameter: name, Version: 2, Value: []byte("b"), ModifiedAt: time.Unix(1, 5e8).UTC()}, ModifiedBy: "arn:ana"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	s.Inject("GetParameterHistory", 1, awsstub.Fault{Error: &awsstub.Error{Code: "ParameterNotFound"}})
	if got, err := store.History(context.Background(), name); err != nil || got != nil {
		t.Errorf("of a parameter that isn't there: %v, %v", got, err)
	}
	s.Inject("GetParameterHistory", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you"}})
	if _, err := store.History(context.Background(), name); err == nil || !strings.Contains(err.Error(), "not you") {
		t.Errorf("got %v", err)
	}
}

func TestPutWritesANewVersionThatReadsBack(t *testing.T) {
	t.Parallel()
	const document = `{"schema":1,"groupId":"` + group + `","ingress":[{"protocol":"tcp","ports":"443","sources":["0.0.0.0/0"]}],"egress":[]}`
	doc, err := baseline.Decode([]byte(document), group)
	if err != nil {
		t.Fatal(err)
	}
	s := awsstub.New(0, map[string]awsstub.Handler{
		"PutParameter": func(awsstub.Request) (any, error) { return map[string]any{"Version": 8}, nil },
	})
	t.Cleanup(s.Close)
	store := ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
	if version, err := store.Put(context.Background(), doc, baseline.Stored{Version: 7}); err != nil || version != 8 {
		t.Errorf("got version %d, %v", version, err)
	}
	sent := s.Requests()[0].JSON
	value, _ := sent["Value"].(string)
	if !json.Valid([]byte(value)) {
		t.Errorf("sent %q", value)
	}
	if got, err := baseline.Decode([]byte(value), group); err != nil || len(got.PermanentRules()) != 1 || got.PermanentRules()[0] != doc.PermanentRules()[0] {
		t.Errorf("%s reads back as %+v, %v", value, got, err)
	}
	delete(sent, "Value")
	// Without a Type the parameter keeps the one it has, SecureString too.
	want := map[string]any{"Name": name, "Overwrite": true, "Tier": "Intelligent-Tiering"}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
	s.Inject("PutParameter", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you"}})
	if _, err := store.Put(context.Background(), doc, baseline.Stored{Version: 7}); err == nil || !strings.HasPrefix(err.Error(), "put parameter "+name+": ") || !strings.Contains(err.Error(), "not you") {
		t.Errorf("got %v", err)
	}
}

func TestADescriptionIsWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	doc, err := baseline.Decode([]byte(`{"schema":1,"groupId":"`+group+`","ingress":[]}`), group)
	if err != nil {
		t.Fatal(err)
	}
	for _, description := range []string{"pushed by ana", ""} {
		s := awsstub.New(0, map[string]awsstub.Handler{
			"PutParameter": func(awsstub.Request) (any, error) { return map[string]any{"Version": 1}, nil },
			"GetParameterHistory": func(awsstub.Request) (any, error) {
				return awsstub.HistoryAnswer{Parameters: []awsstub.Parameter{{Name: name, Value: "a", Version: 1, Description: description}}}, nil
			},
		})
		t.Cleanup(s.Close)
		store := ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
		if _, err := store.PutDescribed(context.Background(), doc, baseline.Stored{}, description); err != nil {
			t.Fatal(err)
		}
		sent, has := s.Requests("PutParameter")[0].JSON["Description"]
		if has != (description != "") || has && sent != description {
			t.Errorf("sent %v for %q", sent, description)
		}
		history, err := store.History(context.Background(), name)
		if err != nil || len(history) != 1 || history[0].Description != description {
			t.Errorf("got %+v, %v", history, err)
		}
	}
}
