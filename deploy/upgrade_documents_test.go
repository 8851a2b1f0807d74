package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// documentsOf returns what people wrote for a group with the version before, by parameter below the prefix.
func documentsOf(group string, now time.Time) map[string]string {
	later := now.Add(8 * time.Hour).UTC().Format(time.RFC3339)
	return map[string]string{
		"/groups/" + group: `{"schema":1,"groupId":"` + group + `","groupName":"web","mode":"enforce","match":"covered","restore":false,"graceMinutes":10,` +
			`"ingress":[{"protocol":"tcp","ports":"8443","sources":["10.0.0.0/8","self"],"description":"TLS"}],` +
			`"exceptions":[{"direction":"ingress","protocol":"tcp","ports":"8445","sources":["10.0.0.0/8"],"expires":"` + later + `","reason":"INC-1","approvedBy":"ana@example.com"}]}`,
		"/guardrail":                         `{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":24,"ipv6":48}}]}`,
		"/approvals/" + group + "/inc-1234":  `{"schema":1,"rules":["ingress tcp 8444 10.0.0.0/8"],"expires":"` + later + `","reason":"INC-1234"}`,
		"/pause":                             `{"schema":1,"until":"` + now.Add(-time.Hour).UTC().Format(time.RFC3339) + `","reason":"migration CHG-77"}`,
		"/trust":                             `{"schema":1,"principals":[{"arn":"arn:aws:iam::111122223333:role/terraform-ci","pendingHours":24}]}`,
		"/approvals/" + group + "/pending-7": `{"schema":1,"rules":["ingress tcp 8446 10.0.0.0/8"],"expires":"` + later + `","reason":"waits for approval"}`,
	}
}

const (
	prefix       = "/sg-baseline"
	inOneValue   = "sg-0000000000000000a" // groups of recordedParameters
	compressed   = "sg-0000000000000000b"
	inParts      = "sg-0000000000000000c"
	recordedRule = "ingress tcp 22 0.0.0.0/0" // what people were notified of
)

// recordedParameters are parameters that the version before wrote: baselines in each of the three forms, where a sweep
// stopped, what people were notified of, and an alert that SNS did not take.
func recordedParameters(t *testing.T) (recorded map[string]string) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, "testdata/upgrade/parameters.json")), &recorded); err != nil {
		t.Fatal(err)
	}
	return recorded
}

func (w *upgradeWorld) putDocuments(t *testing.T, group string) {
	t.Helper()
	client, all := ssm.NewFromConfig(w.Config()), recordedParameters(t)
	for name, value := range documentsOf(group, time.Now()) {
		all[prefix+name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		_, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String(all[name]), Type: types.ParameterTypeString})
		if err != nil {
			t.Fatal(fmt.Errorf("put parameter %s: %w", name, err))
		}
	}
	w.idle(t)
}

// wantDocumentsRead wants each recorded parameter to be read by what reads it now.
func (w *upgradeWorld) wantDocumentsRead(t *testing.T) {
	t.Helper()
	store := ssmstore.Store{Client: ssm.NewFromConfig(w.Config()), Prefix: prefix}
	for group, rules := range map[string]int{inOneValue: 3, compressed: 60, inParts: 150} {
		stored, err := store.ReadBaseline(t.Context(), group)
		if err != nil || stored.ReadError != nil {
			t.Errorf("baseline of %s: %v, %v", group, err, stored.ReadError)
			continue
		}
		document, err := baseline.Decode(stored.Value, group)
		if err != nil || len(document.PermanentRules()) != rules {
			t.Errorf("baseline of %s: %v, want %d rules", group, err, rules)
		}
	}
	memory, err := ssmstore.Notified{Store: store}.Load(t.Context())
	if err != nil {
		t.Error(err)
	}
	var notifiedOf []string
	for _, o := range memory.Open() {
		if o.GroupID == inOneValue {
			notifiedOf = append(notifiedOf, o.Rule)
		}
	}
	if diff := cmp.Diff([]string{recordedRule}, notifiedOf); diff != "" {
		t.Errorf("what people were notified of (-want +got):\n%s", diff)
	}
	wantUndeliveredAlert(t, store)
}

// wantUndeliveredAlert wants the alert that SNS did not take before the update to be read. A sweep delivers it when it is
// 16 minutes old.
func wantUndeliveredAlert(t *testing.T, store ssmstore.Store) {
	t.Helper()
	var rules []string
	for record, err := range (ssmstore.Journal{Store: store}).Unreported(t.Context()) {
		if err != nil {
			t.Error(err)
		}
		for _, finding := range record.Alert.Findings {
			rules = append(rules, record.Alert.GroupID+" "+finding.Rule)
		}
	}
	if diff := cmp.Diff([]string{inOneValue + " " + recordedRule}, rules); diff != "" {
		t.Errorf("alerts that wait to be delivered (-want +got):\n%s", diff)
	}
}

// wantSweep wants a sweep to run to its end with all documents of before, and to notify the subscriber of what it saw.
func (w *upgradeWorld) wantSweep(t *testing.T, inbox string) {
	t.Helper()
	deliveries, err := w.RunSchedules(t.Context())
	if err != nil || len(deliveries) == 0 {
		t.Fatalf("%d schedules ran: %v", len(deliveries), err)
	}
	for _, d := range deliveries {
		if d.Result.Error != nil {
			t.Errorf("the schedule of %s failed after the update: %+v", d.Function, d.Result.Error)
		}
	}
	w.idle(t)
	if got := w.received(t, inbox, inParts); !strings.Contains(got, "the group was deleted and its baseline is still there") {
		t.Errorf("the sweep did not report a baseline whose group is deleted: %s", got)
	}
}
