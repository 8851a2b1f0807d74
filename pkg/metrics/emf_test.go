package metrics_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// emf holds the rules of CloudWatch's embedded metric format that its specification
// gives as a JSON schema and in words: 100 metrics and 30 dimensions at most.
const emf = `{
 "type": "object", "required": ["_aws"],
 "properties": {"_aws": {
  "type": "object", "required": ["Timestamp", "CloudWatchMetrics"], "additionalProperties": false,
  "properties": {
   "Timestamp": {"type": "integer"},
   "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": {
    "type": "object", "required": ["Namespace", "Dimensions", "Metrics"], "additionalProperties": false,
    "properties": {
     "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
     "Dimensions": {"type": "array", "minItems": 1, "items": {"type": "array", "maxItems": 30, "items": {"type": "string", "minLength": 1, "maxLength": 250}}},
     "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": {
      "type": "object", "required": ["Name"], "additionalProperties": false,
      "properties": {
       "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
       "Unit": {"enum": ["Seconds", "Microseconds", "Milliseconds", "Bytes", "Percent", "Count", "None"]}
      }}}
    }}}
  }}}
}`

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(emf))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("emf.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("emf.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// check reads a line and reports what breaks the format: the schema's rules, targets
// that are not members of the root with the right type, and members that come twice.
func check(t *testing.T, line string) map[string]any {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema(t).Validate(document); err != nil {
		t.Error(err)
	}
	root := document.(map[string]any)
	for _, d := range root["_aws"].(map[string]any)["CloudWatchMetrics"].([]any) {
		directive := d.(map[string]any)
		for _, set := range directive["Dimensions"].([]any) {
			for _, key := range set.([]any) {
				if value, _ := root[key.(string)].(string); value == "" || len(value) > 1024 {
					t.Errorf("the dimension %s is %q", key, value)
				}
			}
		}
		for _, m := range directive["Metrics"].([]any) {
			name := m.(map[string]any)["Name"].(string)
			if _, is := root[name].(json.Number); !is {
				t.Errorf("the metric %s is %v", name, root[name])
			}
		}
	}
	return root
}

func TestEachLineKeepsTheRulesOfTheEmbeddedMetricFormat(t *testing.T) {
	t.Parallel()
	for name, c := range lines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := written(t, c.function, c.failure, c.set)
			root := check(t, got)
			for member := range root {
				if n := strings.Count(got, `,"`+member+`":`); n > 1 && member != "time" {
					t.Errorf("%s is in the line %d times", member, n)
				}
			}
			if reason, is := root["reason"]; is && !slices.Contains(trail.Causes(), trail.Cause(reason.(string))) {
				t.Errorf("the dimension reason is %q", reason)
			}
		})
	}
}

func TestTheRulesOfTheFormatCatchALineThatBreaksThem(t *testing.T) {
	t.Parallel()
	good := written(t, "canary", nil, func(l *metrics.Line) { l.Add(metrics.CanarySeconds, 1) })
	for name, change := range map[string][2]string{
		"no time":               {`"Timestamp":1795290710412,`, ``},
		"no namespace":          {`"Namespace":"sgwarden"`, `"Namespace":""`},
		"a unit nobody knows":   {`"Unit":"Seconds"`, `"Unit":"Fortnights"`},
		"no dimensions":         {`"Dimensions":[["function"]]`, `"Dimensions":[]`},
		"a member nobody knows": {`"Dimensions"`, `"Colour":1,"Dimensions"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(good, change[0], change[1], 1)
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
			if err != nil || bad == good {
				t.Fatalf("nothing is changed in %s: %v", good, err)
			}
			if schema(t).Validate(document) == nil {
				t.Errorf("nothing is wrong with %s", bad)
			}
		})
	}
}
