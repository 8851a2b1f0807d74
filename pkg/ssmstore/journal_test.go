package ssmstore_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const unreported = "/acme/sg-baseline/unreported/"

// shelf keeps parameters as SSM does: 4 KB a standard one, none written over,
// ten names a call, ten a page.
type shelf struct {
	mu     sync.Mutex
	values map[string]string
}

func (s *shelf) put(r awsstub.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, value := r.JSON["Name"].(string), r.JSON["Value"].(string)
	switch _, exists := s.values[name]; {
	case len(value) > 4096:
		return nil, &awsstub.Error{Code: "ValidationException", Message: "too long"}
	case strings.Contains(value, "{{"):
		return nil, &awsstub.Error{Code: "ValidationException", Message: "Parameter value can't nest another parameter"}
	case exists:
		return nil, &awsstub.Error{Code: "ParameterAlreadyExists"}
	}
	s.values[name] = value
	return map[string]int{"Version": 1}, nil
}

func (s *shelf) delete(r awsstub.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := r.JSON["Names"].([]any)
	if len(names) > 10 {
		return nil, &awsstub.Error{Code: "ValidationException", Message: "too many names"}
	}
	for _, name := range names {
		delete(s.values, name.(string))
	}
	return nil, nil
}

func (s *shelf) list(r awsstub.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, _ := r.JSON["NextToken"].(string)
	var answer awsstub.HistoryAnswer
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if name <= token || !strings.HasPrefix(name, r.JSON["Path"].(string)+"/") {
			continue
		}
		if len(answer.Parameters) == 10 {
			answer.NextToken = answer.Parameters[9].Name
			break
		}
		answer.Parameters = append(answer.Parameters, awsstub.Parameter{Name: name, Type: "String", Value: s.values[name], LastModifiedDate: 1_795_290_000})
	}
	return answer, nil
}

func (s *shelf) open(t *testing.T) (*awsstub.Stub, ssmstore.Journal) {
	t.Helper()
	s.values = map[string]string{}
	stub := awsstub.New(0, map[string]awsstub.Handler{"PutParameter": s.put, "DeleteParameters": s.delete, "GetParametersByPath": s.list})
	t.Cleanup(stub.Close)
	return stub, ssmstore.Journal{Store: ssmstore.Store{Client: ssm.NewFromConfig(stub.Config()), Prefix: "/acme/sg-baseline"}}
}

func undelivered(findings int) alert.Alert {
	a := alert.Alert{Schema: 1, Kind: alert.Drift, Outcome: alert.AlreadyGone, GroupID: group, Event: alert.Event{ID: "e-1", Name: "Sweep"}}
	for i := range findings {
		a.Findings = append(a.Findings, alert.Finding{
			Rule: fmt.Sprintf("ingress tcp %d 0.0.0.0/0", i), RuleID: fmt.Sprintf("sgr-%017x", i*7919), Verdict: alert.Violation,
			Reason: fmt.Sprintf("no baseline rule permits tcp %d from 0.0.0.0/0", i), Action: alert.ActionAlreadyGone,
		})
	}
	return a
}

func TestTheJournalGivesBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, findings := range []int{1, 10, 100, 1000} {
		t.Run(fmt.Sprintf("%d findings", findings), func(t *testing.T) {
			t.Parallel()
			kept := &shelf{}
			_, journal := kept.open(t)
			want := undelivered(findings)
			names, err := journal.Write(context.Background(), group+"/1", want)
			if err != nil || len(names) == 0 || names[0] != unreported+group+"/1/1" {
				t.Fatalf("got %v, %v", names, err)
			}
			kept.values["/acme/sg-baseline/groups/"+group] = "{}"
			got := map[string]alert.Finding{}
			for record, err := range journal.Unreported(context.Background()) {
				if err != nil || !record.WrittenAt.Equal(time.Unix(1_795_290_000, 0)) || record.Alert.GroupID != group || record.Alert.Event != want.Event {
					t.Fatalf("got %+v, %v", record, err)
				}
				for _, f := range record.Alert.Findings {
					got[f.RuleID] = f
				}
			}
			for _, f := range want.Findings {
				if diff := cmp.Diff(f, got[f.RuleID], cmpopts.EquateComparable(rule.Rule{})); diff != "" {
					t.Fatal(diff)
				}
			}
			if err := journal.Erase(context.Background(), names); err != nil || len(got) != findings || len(kept.values) != 1 {
				t.Errorf("got %v, %d findings, left %d parameters", err, len(got), len(kept.values))
			}
		})
	}
}

// SSM refuses a value that holds {{…}}, and whoever opens a rule may describe it so.
func TestADescriptionCannotKeepARecordFromBeingWritten(t *testing.T) {
	t.Parallel()
	_, journal := (&shelf{}).open(t)
	want := undelivered(1)
	want.Findings[0].Description = "{{ssm:/secret}} {{{x}}}"
	if _, err := journal.Write(context.Background(), group+"/1", want); err != nil {
		t.Fatal(err)
	}
	for record, err := range journal.Unreported(context.Background()) {
		if err != nil || record.Alert.Findings[0].Description != want.Findings[0].Description {
			t.Errorf("got %+v, %v", record, err)
		}
	}
}

func TestARecordWhoseAnswerIsLostIsWritten(t *testing.T) {
	t.Parallel()
	kept := &shelf{}
	stub, journal := kept.open(t)
	stub.Inject("PutParameter", 1, awsstub.Fault{DropAfter: true}) // the SDK tries again, and finds it there
	names, err := journal.Write(context.Background(), group+"/1", undelivered(1))
	if err != nil || len(names) != 1 || len(kept.values) != 1 {
		t.Fatalf("got %v, %v, kept %d", names, err, len(kept.values))
	}
}

func TestAJournalThatFailsSaysWhatItMayHaveWritten(t *testing.T) {
	t.Parallel()
	kept := &shelf{}
	stub, journal := kept.open(t)
	stub.Inject("PutParameter", awsstub.Attempts, awsstub.Fault{DropAfter: true})
	names, err := journal.Write(context.Background(), group+"/1", undelivered(1))
	if err == nil || len(names) != 1 || len(kept.values) != 1 {
		t.Fatalf("got %v, %v, kept %d", names, err, len(kept.values))
	}
	if err := journal.Erase(context.Background(), names); err != nil || len(kept.values) != 0 {
		t.Errorf("got %v, left %v", err, kept.values)
	}
}

func TestAParameterThatIsNoRecordDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	kept := &shelf{}
	_, journal := kept.open(t)
	kept.values[unreported+"a"] = "some text"
	kept.values[unreported+"c"] = "{}"
	kept.values[unreported+"b"] = `{"schema":1,"encoding":"gzip+base64","sha256":"` + strings.Repeat("0", 64) + `","parts":0,"data":"AA=="}`
	if _, err := journal.Write(context.Background(), group+"/1", undelivered(1)); err != nil {
		t.Fatal(err)
	}
	var errs []string
	records := 0
	for record, err := range journal.Unreported(context.Background()) {
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		records++
		if record.Alert.GroupID != group {
			t.Errorf("got %+v", record)
		}
	}
	if len(errs) != 3 || !strings.Contains(errs[0], unreported+"a holds no alert") || records != 1 {
		t.Errorf("got %q, %d records", errs, records)
	}
}
