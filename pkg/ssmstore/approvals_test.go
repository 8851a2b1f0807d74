package ssmstore_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const approvalsOf = "/acme/sg-baseline/approvals/" + group

// withApprovals gives so many approvals of the group, ten a page, and refuses to
// decrypt a page that holds a SecureString.
func withApprovals(t *testing.T, delay time.Duration, parameters ...awsstub.Parameter) (*awsstub.Stub, ssmstore.Store) {
	t.Helper()
	s := awsstub.New(delay, map[string]awsstub.Handler{
		"GetParameters": func(awsstub.Request) (any, error) { return awsstub.ParametersAnswer{}, nil },
		"GetParametersByPath": func(r awsstub.Request) (any, error) {
			path := r.JSON["Path"].(string)
			if recursive := r.JSON["Recursive"] == true; path != approvalsOf && !(recursive && path == "/acme/sg-baseline/approvals") {
				return nil, &awsstub.Error{Code: "ValidationException", Message: path}
			}
			from, _ := strconv.Atoi(fmt.Sprint(r.JSON["NextToken"]))
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

func someApprovals(n int) []awsstub.Parameter {
	var all []awsstub.Parameter
	for i := range n {
		all = append(all, awsstub.Parameter{Name: fmt.Sprintf("%s/a-%d", approvalsOf, i), Type: "String", Value: "{}", Version: 1, LastModifiedDate: 1_795_290_000})
	}
	return all
}

func TestApprovalsAreReadBesideTheDocuments(t *testing.T) {
	t.Parallel()
	s, store := withApprovals(t, 500*time.Millisecond, someApprovals(3)...) // so that calls side by side overlap on a busy machine too
	d, err := store.Read(context.Background(), group)
	if err != nil || len(d.Approvals) != 3 || d.Approvals[2].Parameter != approvalsOf+"/a-2" || !d.Approvals[0].ModifiedAt.Equal(time.Unix(1_795_290_000, 0)) {
		t.Errorf("got %+v, %v", d, err)
	}
	if diff := cmp.Diff(map[string][]int{"GetParameters": {1}, "GetParametersByPath": {1}}, s.Waves()); diff != "" {
		t.Error(diff)
	}
}

// A rule may be approved by an approval that is not read, so all are read, or the
// group is not judged.
func TestManyApprovalsAreReadOrTheGroupIsNotJudged(t *testing.T) {
	t.Parallel()
	for n, wantErr := range map[int]bool{500: false, 1000: false, 1001: true} {
		s, store := withApprovals(t, 0, someApprovals(n)...)
		d, err := store.Read(context.Background(), group)
		if (err != nil) != wantErr || !wantErr && len(d.Approvals) != n || wantErr && !strings.Contains(err.Error(), "more than 1000 approvals") {
			t.Errorf("of %d: got %d, %v", n, len(d.Approvals), err)
		}
		if calls := len(s.Requests("GetParametersByPath")); calls > n/10+1 {
			t.Errorf("%d calls for %d approvals", calls, n)
		}
	}
}

func TestAnApprovalThatCannotBeDecryptedDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	parameters := someApprovals(3)
	parameters[1].Type = "SecureString"
	_, store := withApprovals(t, 0, parameters...)
	for _, read := range []func() ([]baseline.Stored, error){
		func() ([]baseline.Stored, error) {
			d, err := store.Read(context.Background(), group)
			return d.Approvals, err
		},
		func() (all []baseline.Stored, err error) {
			for a, e := range store.AllApprovals(context.Background()) {
				if e != nil || a.GroupID != group || a.Name != fmt.Sprintf("a-%d", len(all)) {
					t.Errorf("got %+v, %v", a, e)
				}
				all = append(all, a.Stored)
			}
			return all, nil
		},
	} {
		all, err := read()
		if err != nil || len(all) != 3 {
			t.Fatalf("got %+v, %v", all, err)
		}
		for i, a := range all {
			if (a.ReadError != nil) != (i == 1) {
				t.Errorf("approval %d: %v", i, a.ReadError)
			}
		}
	}
}

func TestAPendingApprovalIsWrittenOnce(t *testing.T) {
	t.Parallel()
	values := map[string]string{}
	s := awsstub.New(0, map[string]awsstub.Handler{
		"PutParameter": func(r awsstub.Request) (any, error) {
			name := r.JSON["Name"].(string)
			if _, exists := values[name]; exists || r.JSON["Overwrite"] == true {
				return nil, &awsstub.Error{Code: "ParameterAlreadyExists"}
			}
			values[name] = r.JSON["Value"].(string)
			return struct{}{}, nil
		},
	})
	t.Cleanup(s.Close)
	store := ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/acme/sg-baseline"}
	r, err := rule.Parse("ingress tcp 8080 20.0.0.0/24")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	a := &baseline.Approval{Name: "pending-e-1", Rules: []rule.Rule{r}, Expires: at.Add(24 * time.Hour), Reason: "pending {{x}}"}
	for range 2 {
		if err := store.PutApproval(context.Background(), group, a); err != nil {
			t.Fatal(err)
		}
	}
	got, err := baseline.DecodeApproval([]byte(values[approvalsOf+"/pending-e-1"]), "pending-e-1", at)
	if diff := cmp.Diff(a, got, cmp.Comparer(func(a, b rule.Rule) bool { return a == b })); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}
