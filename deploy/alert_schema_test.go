package deploy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const hostileText = "--help 'q' \"$(touch pwned)\" `x`; & !! {{x}} \u202e<b>\U0001F600\n\r\x1b[201~\x00\xff file:///etc/passwd"

// strictAlertSchema is the alert's schema, with which no object may have a field that
// the schema does not describe. The published schema lets later versions add some.
func strictAlertSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("alert.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(document)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("strict.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("strict.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, has := node["properties"].(map[string]any); has {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// fullAlert has a value in every field, hostile where it may be of any text.
func fullAlert(kind alert.Kind, verdict alert.Verdict, action alert.Action) alert.Alert {
	seconds, at := 20.4, time.Date(2026, 11, 21, 19, 51, 30, 0, time.UTC)
	opened, err := rule.Parse("ingress tcp 22 0.0.0.0/0")
	if err != nil {
		panic(err)
	}
	return alert.New(alert.Alert{
		Kind: kind, Outcome: alert.Reverted, Account: "111122223333", Region: "us-east-1",
		GroupID: "sg-0a1b", GroupName: hostileText, VpcID: "vpc-0f", Interfaces: &alert.Interfaces{Total: 3, Public: 1, More: true},
		Peers: map[string]string{"sg-0bbb": hostileText}, Reason: hostileText, PermitsMore: []string{hostileText}, PermitsLess: []string{hostileText},
		Event: alert.Event{ID: hostileText, Name: hostileText, Time: at},
		Actor: &alert.Actor{Type: hostileText, ARN: hostileText, SourceIP: hostileText, UserAgent: hostileText, InvokedBy: hostileText, SourceIdentity: hostileText},
		Findings: []alert.Finding{{
			Rule: opened.String(), RuleID: "sgr-0d", Description: hostileText, Verdict: verdict, OpenedByEvent: true,
			Reason: hostileText, Action: action, Error: hostileText, Owner: "444455556666", Canonical: opened,
		}},
		Closed:          []alert.Closed{{How: "permitted now", Rule: opened.String(), Verdict: verdict, Since: at}},
		ExposureSeconds: &seconds, Baseline: alert.Baseline{Parameter: "/sg-baseline/groups/sg-0a1b", Version: 7},
		Weakens: true, Broken: true, RestoreOff: true, PendingName: "pending-c409", MadeAt: at, Late: true,
	})
}

var (
	alertOutcomes = []alert.Outcome{
		alert.Reverted, alert.WouldRevert, alert.Partial, alert.Failed, alert.AlreadyGone, alert.Pending, alert.None,
	}
	alertActions = []alert.Action{
		alert.ActionRevoked, alert.ActionRestored, alert.ActionNone, alert.ActionFailed, alert.ActionAlreadyGone, alert.ActionPending,
	}
)

var kindConstant = regexp.MustCompile(`(?m)^\t\w+ +Kind += "([a-z-]+)"`)

// alertKinds are the kinds that the code declares, read from the code: a kind that is added is among them by itself.
func alertKinds(t *testing.T) (kinds []alert.Kind) {
	t.Helper()
	for _, found := range kindConstant.FindAllStringSubmatch(read(t, "../pkg/alert/alert.go"), -1) {
		kinds = append(kinds, alert.Kind(found[1]))
	}
	if !slices.Contains(kinds, alert.Drift) || !slices.Contains(kinds, alert.PrefixListKind) {
		t.Fatalf("only the kinds %q were found in pkg/alert: is the way to find them still right?", kinds)
	}
	return kinds
}

func TestAlertsOfEveryKindFitTheSchema(t *testing.T) {
	t.Parallel()
	schema := strictAlertSchema(t)
	check := func(name string, a alert.Alert) {
		t.Helper()
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, string(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, kind := range alertKinds(t) {
		for _, verdict := range []alert.Verdict{alert.Violation, alert.Missing} {
			for _, action := range alertActions {
				check(string(kind)+" "+string(action), fullAlert(kind, verdict, action))
			}
		}
		check("the least of "+string(kind), alert.New(alert.Alert{Kind: kind, Outcome: alert.None}))
	}
	for _, outcome := range alertOutcomes {
		check(string(outcome), alert.New(alert.Alert{Kind: alert.Drift, Outcome: outcome}))
	}
}

func TestTheAlertsSchemaRefusesWhatIsNoAlert(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "alert")
	for name, change := range map[string]func(map[string]any){
		"another schema":           func(a map[string]any) { a["schema"] = 2 },
		"no id":                    func(a map[string]any) { delete(a, "id") },
		"a kind that is none":      func(a map[string]any) { a["kind"] = "news" },
		"an outcome that is none":  func(a map[string]any) { a["outcome"] = "fine" },
		"a severity that is none":  func(a map[string]any) { a["severity"] = "worst" },
		"findings of null":         func(a map[string]any) { a["findings"] = nil },
		"a finding without a rule": func(a map[string]any) { delete(a["findings"].([]any)[0].(map[string]any), "rule") },
		"a command of two lines":   func(a map[string]any) { a["actions"].([]any)[0].(map[string]any)["command"] = "x\ny" },
		"a time that is none":      func(a map[string]any) { a["event"].(map[string]any)["time"] = "soon" },
		"a number of interfaces":   func(a map[string]any) { a["interfaces"] = 3 },
	} {
		text, err := json.Marshal(fullAlert(alert.Drift, alert.Violation, alert.ActionRevoked))
		if err != nil {
			t.Fatal(err)
		}
		var document map[string]any
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Fatal(err)
		}
		change(document)
		if schema.Validate(document) == nil {
			t.Errorf("it accepts %s", name)
		}
	}
}

// TestTheReferenceOfAlertsNamesEverything holds docs/alerts.md and the code together.
func TestTheReferenceOfAlertsNamesEverything(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	reference := strings.Join(strings.Fields(string(text)), " ")
	needed := []string{}
	for _, k := range alertKinds(t) {
		needed = append(needed, "| `"+string(k)+"` |")
	}
	for _, o := range alertOutcomes {
		needed = append(needed, "| `"+string(o)+"` |")
	}
	for _, a := range alertActions {
		needed = append(needed, "`"+string(a)+"`")
	}
	for i, row := range alert.Severities() {
		line := "| " + string('1'+rune(i)) + " | `" + string(row.Severity) + "` | " + row.When + " |"
		needed = append(needed, line)
	}
	everything := rule.Rule{Direction: rule.Ingress, Protocol: rule.All}
	for _, service := range everything.Sensitive() {
		needed = append(needed, service.String())
	}
	for _, field := range schemaFields(t) {
		needed = append(needed, "| `"+field+"` |")
	}
	messages, err := alert.Messages(fullAlert(alert.Drift, alert.Violation, alert.ActionRevoked))
	if err != nil {
		t.Fatal(err)
	}
	for attribute := range messages[0].Attributes {
		needed = append(needed, "`"+attribute+"`")
	}
	for _, what := range needed {
		if !strings.Contains(reference, what) {
			t.Errorf("docs/alerts.md does not have %s", what)
		}
	}
	sample := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(text)
	if sample == nil {
		t.Fatal("docs/alerts.md has no sample")
	}
	if err := validate(t, strictAlertSchema(t), string(sample[1])); err != nil {
		t.Errorf("the sample: %v", err)
	}
}

// schemaFields are the paths of all fields that the schema describes.
func schemaFields(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("alert.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var fields []string
	var walk func(node map[string]any, path string)
	walk = func(node map[string]any, path string) {
		if reference, ok := node["$ref"].(string); ok {
			node = root["$defs"].(map[string]any)[strings.TrimPrefix(reference, "#/$defs/")].(map[string]any)
		}
		if items, ok := node["items"].(map[string]any); ok {
			walk(items, path)
		}
		properties, _ := node["properties"].(map[string]any)
		for name, child := range properties {
			full := strings.TrimPrefix(path+"."+name, ".")
			fields = append(fields, full)
			walk(child.(map[string]any), full)
		}
	}
	walk(root, "")
	slices.Sort(fields)
	return fields
}
