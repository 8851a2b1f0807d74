package main

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// parameterStore is one to put faults before. onPut is called with the number of
// each PutParameter; an error of it is answered.
type parameterStore struct {
	*awsstub.Stub
	onPut func(n int) error
	// onRead is called before GetParameters is answered.
	onRead func()
	// onHistory is called for a parameter when GetParameterHistory is asked, and what
	// it returns when that is answered. An error of it is answered.
	onHistory func(name string) (answered func(), err error)
	// written is what AWS's clock says when something is written, by whom.
	written time.Time
	by      string
	// rules are the live rules of groups, by id. A group that is asked for by id is
	// there, unless it is in deleted.
	rules   map[string][]types.SecurityGroupRule
	deleted map[string]bool

	mu         sync.Mutex
	parameters []awsstub.Parameter
	versions   map[string][]awsstub.Parameter // all of a name, oldest first
	puts       int
}

func newParameterStore(t *testing.T) *parameterStore {
	t.Helper()
	p := &parameterStore{
		onPut: func(int) error { return nil }, onRead: func() {}, onHistory: func(string) (func(), error) { return func() {}, nil }, written: now, by: "arn:aws:iam::123456789012:user/ana",
		rules: map[string][]types.SecurityGroupRule{}, deleted: map[string]bool{}, versions: map[string][]awsstub.Parameter{},
	}
	p.Stub = awsstub.New(0, map[string]awsstub.Handler{
		"GetParameters": p.get, "GetParametersByPath": p.list, "GetParameterHistory": p.history, "PutParameter": p.put, "DeleteParameters": p.delete, "DeleteParameter": p.deleteOne,
		"DescribeSecurityGroups": p.groups, "DescribeSecurityGroupRules": p.groupRules,
	})
	t.Cleanup(p.Close)
	return p
}

// noGroups answers for a region in which there is no group.
func noGroups(awsstub.Request) (any, error) { return awsstub.GroupsAnswer{}, nil }

// groups answers with the groups that are asked for by id. Asked for all groups, the
// region has none.
func (p *parameterStore) groups(r awsstub.Request) (any, error) {
	var answer awsstub.GroupsAnswer
	for _, id := range r.List("Filter.1.Value") {
		if !p.deleted[id] {
			answer.Groups = append(answer.Groups, types.SecurityGroup{GroupId: &id})
		}
	}
	return answer, nil
}

// groupRules answers with the rules of a group, or of all.
func (p *parameterStore) groupRules(r awsstub.Request) (any, error) {
	var answer awsstub.RulesAnswer
	ids := r.List("Filter.1.Value")
	for id, rules := range p.rules {
		if len(ids) == 0 || slices.Contains(ids, id) {
			answer.Rules = append(answer.Rules, rules...)
		}
	}
	return answer, nil
}

// history answers with all versions of a parameter.
func (p *parameterStore) history(r awsstub.Request) (any, error) {
	answered, err := p.onHistory(r.JSON["Name"].(string))
	if err != nil {
		return nil, err
	}
	defer answered()
	p.mu.Lock()
	defer p.mu.Unlock()
	versions := p.versions[r.JSON["Name"].(string)]
	if len(versions) == 0 {
		return nil, &awsstub.Error{Code: "ParameterNotFound", Message: "there is none", Status: 400}
	}
	return pageOf(r, versions, 50), nil
}

// configOf is for clients as patient as main's, and quicker.
func (p *parameterStore) configOf() aws.Config {
	cfg := p.Config()
	cfg.RetryMaxAttempts = 0
	cfg.Retryer = func() aws.Retryer {
		return account.Patient(retry.AddWithMaxBackoffDelay(awserr.Retryer(), time.Microsecond))
	}
	return cfg
}

func (p *parameterStore) find(name string) int {
	for i, parameter := range p.parameters {
		if parameter.Name == name {
			return i
		}
	}
	return -1
}

func (p *parameterStore) get(r awsstub.Request) (any, error) {
	p.mu.Lock()
	onRead := p.onRead
	p.mu.Unlock()
	onRead()
	p.mu.Lock()
	defer p.mu.Unlock()
	var answer awsstub.ParametersAnswer
	for _, name := range r.JSON["Names"].([]any) {
		if at := p.find(name.(string)); at >= 0 {
			answer.Parameters = append(answer.Parameters, p.parameters[at])
		} else {
			answer.InvalidParameters = append(answer.InvalidParameters, name.(string))
		}
	}
	return answer, nil
}

func (p *parameterStore) list(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	recursive, _ := r.JSON["Recursive"].(bool)
	var found []awsstub.Parameter
	for _, parameter := range p.parameters {
		rest, isUnder := strings.CutPrefix(parameter.Name, r.JSON["Path"].(string)+"/")
		if isUnder && (recursive || !strings.Contains(rest, "/")) {
			found = append(found, parameter)
		}
	}
	return pageOf(r, found, 10), nil
}

// pageOf gives the page that a request asks for. Its token is the number of its first
// parameter.
func pageOf(r awsstub.Request, all []awsstub.Parameter, most int) awsstub.HistoryAnswer {
	if asked, ok := r.JSON["MaxResults"].(float64); ok {
		most = int(asked)
	}
	token, _ := r.JSON["NextToken"].(string)
	from, _ := strconv.Atoi(token)
	to := min(from+most, len(all))
	answer := awsstub.HistoryAnswer{Parameters: all[min(from, to):to]}
	if to < len(all) {
		answer.NextToken = strconv.Itoa(to)
	}
	return answer
}

func (p *parameterStore) put(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.puts++
	if err := p.onPut(p.puts); err != nil {
		return nil, err
	}
	if len(r.JSON["Value"].(string)) > 4096 { // of a standard parameter (Systems Manager User Guide, "Managing parameter tiers")
		return nil, &awsstub.Error{Code: "ValidationException", Message: "it is too long", Status: 400}
	}
	if overwrite, _ := r.JSON["Overwrite"].(bool); !overwrite && p.find(r.JSON["Name"].(string)) >= 0 {
		return nil, &awsstub.Error{Code: "ParameterAlreadyExists", Message: "it exists", Status: 400}
	}
	description, _ := r.JSON["Description"].(string)
	return map[string]any{"Version": p.describe(r.JSON["Name"].(string), r.JSON["Value"].(string), description)}, nil
}

// set writes as somebody else does. The description stays as it is.
func (p *parameterStore) set(name, value string) int64 { return p.describe(name, value, "") }

func (p *parameterStore) describe(name, value, description string) int64 {
	at := p.find(name)
	if at < 0 {
		p.parameters = append(p.parameters, awsstub.Parameter{Name: name, Type: "String"})
		at = len(p.parameters) - 1
	}
	p.parameters[at].Value = value
	p.parameters[at].LastModifiedDate = float64(p.written.UnixMilli()) / 1000
	p.parameters[at].Version++
	version := p.parameters[at]
	version.LastModifiedUser, version.Description = p.by, description
	if old := p.versions[name]; description == "" && len(old) > 0 {
		version.Description = old[len(old)-1].Description
	}
	p.versions[name] = append(p.versions[name], version)
	return p.parameters[at].Version
}

func (p *parameterStore) delete(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range r.JSON["Names"].([]any) {
		delete(p.versions, name.(string))
		p.parameters = slices.DeleteFunc(p.parameters, func(one awsstub.Parameter) bool { return one.Name == name })
	}
	return map[string]any{}, nil
}

// deleteOne deletes one parameter, which must exist.
func (p *parameterStore) deleteOne(r awsstub.Request) (any, error) {
	name := r.JSON["Name"].(string)
	p.mu.Lock()
	missing := p.find(name) < 0
	p.mu.Unlock()
	if missing {
		return nil, &awsstub.Error{Code: "ParameterNotFound", Message: "there is none", Status: 400}
	}
	r.JSON["Names"] = []any{name}
	return p.delete(r)
}

// value is what a parameter holds, empty where there is none.
func (p *parameterStore) value(name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.find(name); at >= 0 {
		return p.parameters[at].Value
	}
	return ""
}
