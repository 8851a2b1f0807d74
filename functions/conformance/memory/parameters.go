package memory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// mostOfStandard is how many bytes a standard parameter holds (Systems Manager User Guide,
// "Managing parameter tiers").
const mostOfStandard = 4096

func text(r awsstub.Request, key string) string {
	value, _ := r.JSON[key].(string)
	return value
}

func size(r awsstub.Request, otherwise int) int {
	if n, ok := r.JSON["MaxResults"].(float64); ok {
		return int(n)
	}
	return otherwise
}

func names(r awsstub.Request) []string {
	var all []string
	given, _ := r.JSON["Names"].([]any)
	for _, name := range given {
		all = append(all, name.(string))
	}
	return all
}

func (a *AWS) putParameter(r awsstub.Request) (any, error) {
	name, value := text(r, "Name"), text(r, "Value")
	versions := a.parameters[name]
	overwrite, _ := r.JSON["Overwrite"].(bool)
	switch {
	case len(value) > mostOfStandard:
		return nil, refusal("ValidationException", "Standard tier parameters support a maximum parameter value of 4096 characters.")
	case len(versions) > 0 && !overwrite:
		return nil, refusal("ParameterAlreadyExists", "The parameter already exists.")
	}
	next := awsstub.Parameter{
		Name: name, Type: cmp.Or(text(r, "Type"), "String"), Value: value, Version: int64(len(versions)) + 1,
		LastModifiedDate: float64(time.Now().UnixMilli()) / 1000, LastModifiedUser: user, Description: text(r, "Description"),
	}
	if len(versions) > 0 {
		next.Description = cmp.Or(next.Description, versions[len(versions)-1].Description)
	}
	a.parameters[name] = append(versions, next)
	return map[string]any{"Version": next.Version}, nil
}

func (a *AWS) newest(name string) awsstub.Parameter {
	versions := a.parameters[name]
	return versions[len(versions)-1]
}

func (a *AWS) getParameters(r awsstub.Request) (any, error) {
	var answer awsstub.ParametersAnswer
	for _, name := range names(r) {
		if len(a.parameters[name]) == 0 {
			answer.InvalidParameters = append(answer.InvalidParameters, name)
			continue
		}
		answer.Parameters = append(answer.Parameters, a.newest(name))
	}
	return answer, nil
}

func (a *AWS) parametersByPath(r awsstub.Request) (any, error) {
	recursive, _ := r.JSON["Recursive"].(bool)
	var found []awsstub.Parameter
	for _, name := range slices.Sorted(maps.Keys(a.parameters)) {
		rest, isUnder := strings.CutPrefix(name, strings.TrimSuffix(text(r, "Path"), "/")+"/")
		if isUnder && (recursive || !strings.Contains(rest, "/")) {
			found = append(found, a.newest(name))
		}
	}
	var answer awsstub.HistoryAnswer
	answer.Parameters, answer.NextToken = pageOf(found, text(r, "NextToken"), size(r, 10))
	return answer, nil
}

func (a *AWS) parameterHistory(r awsstub.Request) (any, error) {
	versions := a.parameters[text(r, "Name")]
	if len(versions) == 0 {
		return nil, refusal("ParameterNotFound", "")
	}
	var answer awsstub.HistoryAnswer
	answer.Parameters, answer.NextToken = pageOf(versions, text(r, "NextToken"), size(r, 50))
	return answer, nil
}

func (a *AWS) deleteParameter(r awsstub.Request) (any, error) {
	if len(a.parameters[text(r, "Name")]) == 0 {
		return nil, refusal("ParameterNotFound", "")
	}
	delete(a.parameters, text(r, "Name"))
	return map[string]any{}, nil
}

func (a *AWS) deleteParameters(r awsstub.Request) (any, error) {
	answer := map[string][]string{"DeletedParameters": nil, "InvalidParameters": nil}
	for _, name := range names(r) {
		kind := "DeletedParameters"
		if len(a.parameters[name]) == 0 {
			kind = "InvalidParameters"
		}
		answer[kind] = append(answer[kind], name)
		delete(a.parameters, name)
	}
	return answer, nil
}
