package cloud_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// What the function answers is not the question here: the deployed rule must hand it the change.
func TestTheRemediatorIsInvokedForEachChangeOfADocument(t *testing.T) {
	t.Parallel()
	p := &probe{}
	p.Cloud = localtest.Cloud(t, cloud.Options{
		Deploy: cloud.Stack(map[string]string{"BaselinePrefix": "/security/sg", "GraceMinutes": "0"}), RetryDelays: []time.Duration{time.Millisecond},
		Delivered: func(d bus.Delivery) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.delivered = append(p.delivered, d)
		},
	})
	client := ssm.NewFromConfig(p.Config())
	heard := []string{
		"/security/sg/approvals/sg-0a1b2c3d4e5f60718/inc-1234",
		"/security/sg/approvals/sg-0a1b2c3d4e5f60718/pending-7",
		"/security/sg/pause",
		"/security/sg/trust",
	}
	unheard := []string{"/security/sg/paused", "/security/sg/trust/x", "/security/sg/sweep", "/sg-baseline/pause", "/approvals/sg-0a1b2c3d4e5f60718/x"}
	var want []string
	for _, name := range slices.Concat(heard, unheard) {
		for _, operation := range []string{"Create", "Update", "Delete"} {
			change(t, client, name, operation)
			if slices.Contains(heard, name) {
				want = append(want, operation+" "+name+" by sgwarden-baselines")
			}
		}
	}
	p.waitIdle(t)
	slices.Sort(want)
	if diff := cmp.Diff(want, changesOf(t, p.deliveries())); diff != "" {
		t.Errorf("changes that were delivered (-want +got):\n%s", diff)
	}
}

func change(t *testing.T, client *ssm.Client, name, operation string) {
	t.Helper()
	var err error
	switch operation {
	case "Create":
		_, err = client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("{}"), Type: types.ParameterTypeString})
	case "Update":
		_, err = client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("{ }"), Overwrite: aws.Bool(true)})
	default:
		_, err = client.DeleteParameters(t.Context(), &ssm.DeleteParametersInput{Names: []string{name}})
	}
	if err != nil {
		t.Fatalf("%s %s: %v", operation, name, err)
	}
}

// changesOf are the changes that were delivered to the remediator, sorted.
func changesOf(t *testing.T, deliveries []bus.Delivery) (all []string) {
	t.Helper()
	for _, d := range deliveries {
		if !strings.HasSuffix(d.Function, ":sgwarden-remediator") {
			continue
		}
		var event struct {
			Detail struct{ Operation, Name string }
		}
		if err := json.Unmarshal(d.Event, &event); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s by %s", event.Detail.Operation, event.Detail.Name, d.Rule))
	}
	slices.Sort(all)
	return all
}
