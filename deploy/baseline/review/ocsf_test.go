package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// schema is as much of JSON Schema as testdata/ocsf.schema.json uses.
type schema struct {
	Type       string             `json:"type"`
	Required   []string           `json:"required"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	Enum       []any              `json:"enum"`
	MinItems   int                `json:"minItems"`
	MinLength  int                `json:"minLength"`
	Minimum    float64            `json:"minimum"`
	OneOf      []*schema          `json:"oneOf"`
}

// problems says where a value breaks the schema.
func (s *schema) problems(at string, v any) (found []string) {
	wrong := func(format string, args ...any) { found = append(found, at+": "+fmt.Sprintf(format, args...)) }
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		wrong("%v is none of %v", v, s.Enum)
	}
	if len(s.OneOf) > 0 {
		matching := slices.DeleteFunc(slices.Clone(s.OneOf), func(one *schema) bool { return len(one.problems(at, v)) > 0 })
		if len(matching) != 1 {
			wrong("%d of the classes match, want one", len(matching))
			for _, one := range s.OneOf {
				found = append(found, one.problems(at, v)...)
			}
		}
	}
	switch value := v.(type) {
	case map[string]any:
		for _, name := range s.Required {
			if _, there := value[name]; !there {
				wrong("%s is missing", name)
			}
		}
		for name, of := range s.Properties {
			if inner, there := value[name]; there {
				found = append(found, of.problems(at+"."+name, inner)...)
			}
		}
		if s.Type != "" && s.Type != "object" {
			wrong("is an object, want %s", s.Type)
		}
	case []any:
		if s.Type != "array" || len(value) < s.MinItems {
			wrong("is an array of %d, want %s of at least %d", len(value), s.Type, s.MinItems)
		}
		for i, inner := range value {
			if s.Items != nil {
				found = append(found, s.Items.problems(fmt.Sprintf("%s[%d]", at, i), inner)...)
			}
		}
	case string:
		if s.Type != "string" || len(value) < s.MinLength {
			wrong("%q, want %s of at least %d", value, s.Type, s.MinLength)
		}
	case float64:
		if s.Type != "integer" || value != float64(int64(value)) || value < s.Minimum {
			wrong("%v, want %s of at least %v", value, s.Type, s.Minimum)
		}
	}
	return found
}

func ocsfSchema(t *testing.T) *schema {
	t.Helper()
	data, err := os.ReadFile("testdata/ocsf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

func TestEachEventHasWhatOCSFRequires(t *testing.T) {
	t.Parallel()
	required := ocsfSchema(t)
	for name, in := range map[string]Read{"the small account": sample(t), "hostile names": hostileSample(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := New(in).OCSF(&b, "v1.2.3"); err != nil {
				t.Fatal(err)
			}
			classes, uids := map[float64]int{}, map[string]bool{}
			for line := range strings.Lines(b.String()) {
				var e map[string]any
				if err := json.Unmarshal([]byte(line), &e); err != nil {
					t.Fatalf("%v: %s", err, line)
				}
				for _, problem := range required.problems("event", e) {
					t.Errorf("%s in %s", problem, line)
				}
				classes[e["class_uid"].(float64)]++
				uids[e["metadata"].(map[string]any)["uid"].(string)] = true
			}
			if classes[complianceFinding] == 0 || classes[detectionFinding] == 0 {
				t.Errorf("the classes are %v, want some of both", classes)
			}
		})
	}
}

func TestAnEventThatLacksSomethingIsNoticed(t *testing.T) {
	t.Parallel()
	required := ocsfSchema(t)
	whole, err := json.Marshal(New(sample(t)).events("v1")[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"time", "class_uid", "type_uid", "severity_id", "metadata", "finding_info", "compliance", "cloud", "activity_id", "category_uid"} {
		var e map[string]any
		if err := json.Unmarshal(whole, &e); err != nil {
			t.Fatal(err)
		}
		delete(e, name)
		if len(required.problems("event", e)) == 0 {
			t.Errorf("nobody misses %s", name)
		}
	}
}
