package doctor

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// expectation is what the template asks for, as far as the checks need it. A test writes it
// from the template (go test ./deploy/baseline/doctor -update) and holds it to the template.
type expectation struct {
	// Rules has the function of each EventBridge rule, by logical ids.
	Rules map[string]string `json:"rules"`
	// Patterns has the event pattern of each rule that has one.
	Patterns map[string]any `json:"patterns"`
	// Conditions are those of the template, by name.
	Conditions map[string]any `json:"conditions"`
	Grants     []grant        `json:"grants"`
}

// grant is a statement of IAM that permits something to a role. Texts have CloudFormation's
// ${...} for what is only known of a stack.
type grant struct {
	Role      string              `json:"role"` // logical id
	Sid       string              `json:"sid"`
	When      []string            `json:"when,omitempty"` // conditions that must hold; with ! before them, that must not
	Actions   []string            `json:"actions"`
	Resources []string            `json:"resources"`
	Context   map[string][]string `json:"context,omitempty"` // keys of IAM conditions, with a value that fulfils them
}

//go:embed expected.json
var expectedJSON []byte

var expected = func() (e expectation) {
	if err := json.Unmarshal(expectedJSON, &e); err != nil {
		panic(fmt.Sprintf("expected.json: %v", err)) // the test of it is run before
	}
	return e
}()

// areTrue reports whether all conditions of a grant hold in a stack with these parameters.
func (e expectation) areTrue(when []string, parameters map[string]string) bool {
	for _, name := range when {
		name, not := strings.CutPrefix(name, "!")
		if e.truth(e.Conditions[name], parameters) == not {
			return false
		}
	}
	return true
}

// truth evaluates a condition of CloudFormation: Equals, Not, And, Or, Condition.
func (e expectation) truth(condition any, parameters map[string]string) bool {
	call, _ := condition.(map[string]any)
	for function, argument := range call {
		if function == "Condition" {
			name, _ := argument.(string)
			return e.truth(e.Conditions[name], parameters)
		}
		arguments, _ := argument.([]any)
		switch function {
		case "Equals":
			return len(arguments) == 2 && operand(arguments[0], parameters) == operand(arguments[1], parameters)
		case "Not":
			return len(arguments) == 1 && !e.truth(arguments[0], parameters)
		case "And":
			for _, a := range arguments {
				if !e.truth(a, parameters) {
					return false
				}
			}
			return true
		case "Or":
			for _, a := range arguments {
				if e.truth(a, parameters) {
					return true
				}
			}
		}
	}
	return false
}

// operand is a text, or the value of a parameter.
func operand(of any, parameters map[string]string) string {
	if call, is := of.(map[string]any); is {
		name, _ := call["Ref"].(string)
		return parameters[name]
	}
	return fmt.Sprint(of)
}
