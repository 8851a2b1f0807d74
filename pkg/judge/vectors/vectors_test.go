package vectors_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sgwarden/sgwarden/pkg/judge/vectors"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiled, err := compiler.Compile("vectors.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func validate(t *testing.T, text string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema(t).Validate(value)
}

func TestTheFileFitsItsSchema(t *testing.T) {
	t.Parallel()
	if err := validate(t, content(t, "vectors.json")); err != nil {
		t.Error(err)
	}
}

// TestTheSchemaRefusesWhatIsNoVector spoils one field of the file at a time.
func TestTheSchemaRefusesWhatIsNoVector(t *testing.T) {
	t.Parallel()
	whole := content(t, "vectors.json")
	for name, spoil := range map[string][2]string{
		"a field that nobody knows":               {`"judgedBy"`, `"judge": 1, "judgedBy"`},
		"another version":                         {`"schema": 1,`, `"schema": 2,`},
		"a decision that nobody knows":            {`"decision": "covered"`, `"decision": "coverd"`},
		"a time that is none":                     {`"now": "2026`, `"now": "26`},
		"a rule without a direction":              {`"rule": "ingress `, `"rule": "`},
		"a live rule that is written two ways":    {`"rule": "ingress`, `"ec2": {"ipProtocol": "tcp"}, "rule": "ingress`},
		"a document that is written two ways":     {`"document": {`, `"text": "{", "document": {`},
		"a decision of nobody that has a kind":    {`"judgedBy": "baseline"`, `"judgedBy": "nothing"`},
		"a rule that is unseen and not gone":      {`"gone": true, "unseen"`, `"unseen"`},
		"an added rule that the event opened not": {`"openedByEvent": true, "added"`, `"added"`},
	} {
		spoilt := strings.Replace(whole, spoil[0], spoil[1], 1)
		if spoilt == whole {
			t.Errorf("%s: %s is not in the file", name, spoil[0])
		}
		if validate(t, spoilt) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestEveryDecisionHasVectorsAndStandsInTheReadme compares three lists.
func TestEveryDecisionHasVectorsAndStandsInTheReadme(t *testing.T) {
	t.Parallel()
	file, err := vectors.Read()
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, c := range file.Cases {
		used = append(used, c.Decision)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	_, table, _ := strings.Cut(content(t, "README.md"), "\n## Decisions\n")
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(table, -1) {
		if row[1] != "decision" {
			documented = append(documented, row[1])
		}
	}
	slices.Sort(documented)
	if diff := cmp.Diff(used, documented); diff != "" {
		t.Errorf("README.md: %s", diff)
	}
	var definitions struct {
		Defs struct{ Decision struct{ Enum []string } } `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(content(t, "vectors.schema.json")), &definitions); err != nil {
		t.Fatal(err)
	}
	allowed := definitions.Defs.Decision.Enum
	slices.Sort(allowed)
	if diff := cmp.Diff(used, allowed); diff != "" {
		t.Errorf("vectors.schema.json: %s", diff)
	}
}

// TestEveryFieldStandsInTheReadme reads the names of all fields from the schema.
func TestEveryFieldStandsInTheReadme(t *testing.T) {
	t.Parallel()
	readme := content(t, "README.md")
	var root any
	if err := json.Unmarshal([]byte(content(t, "vectors.schema.json")), &root); err != nil {
		t.Fatal(err)
	}
	fields := fieldsOf(root)
	for _, field := range fields {
		if !strings.Contains(readme, "`"+field+"`") {
			t.Errorf("README.md does not say what `%s` means", field)
		}
	}
	if len(fields) < 40 {
		t.Errorf("only %d fields were found in the schema", len(fields))
	}
}

// fieldsOf returns the names under "properties", anywhere in a schema.
func fieldsOf(schema any) []string {
	object, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	var fields []string
	for key, value := range object {
		if properties, ok := value.(map[string]any); ok && key == "properties" {
			for name := range properties {
				fields = append(fields, name)
			}
		}
		fields = append(fields, fieldsOf(value)...)
	}
	return fields
}

func TestNamesAreSentencesThatNoOtherVectorHas(t *testing.T) {
	t.Parallel()
	file, err := vectors.Read()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range file.Cases {
		if seen[c.Name] {
			t.Errorf("two vectors are named %q", c.Name)
		}
		seen[c.Name] = true
	}
}

// TestEveryDecisionHasAVectorThatReportsAndOneThatReportsNothing: a judge that always says the
// same passes neither. The decisions that are about one outcome alone are named.
func TestEveryDecisionHasAVectorThatReportsAndOneThatReportsNothing(t *testing.T) {
	t.Parallel()
	file, err := vectors.Read()
	if err != nil {
		t.Fatal(err)
	}
	reports, silent := map[string]bool{}, map[string]bool{}
	for _, c := range file.Cases {
		e := c.Expect
		reported := len(e.Violations)+len(e.Pending)+len(e.NotCanonical)+len(e.Missing) > 0
		reports[c.Decision], silent[c.Decision] = reports[c.Decision] || reported, silent[c.Decision] || !reported
	}
	onlyReport := []string{"empty-list", "mode", "protect", "restore", "spare", "unreadable"}
	onlySilent := []string{"not-guarded", "no-baseline"}
	for _, c := range file.Cases {
		if !reports[c.Decision] && !slices.Contains(onlySilent, c.Decision) || !silent[c.Decision] && !slices.Contains(onlyReport, c.Decision) {
			t.Errorf("%s has no twin", c.Decision)
		}
	}
}
