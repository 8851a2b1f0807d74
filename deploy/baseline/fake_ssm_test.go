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

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// parameterStore is one to put faults before. onPut is called with the number of
// each PutParameter; an error of it is answered.
type parameterStore struct {
	*awsstub.Stub
	onPut func(n int) error
	// written is what AWS's clock says when something is written.
	written time.Time

	mu         sync.Mutex
	parameters []awsstub.Parameter
	puts       int
}

func newParameterStore(t *testing.T) *parameterStore {
	t.Helper()
	p := &parameterStore{onPut: func(int) error { return nil }, written: now}
	p.Stub = awsstub.New(0, map[string]awsstub.Handler{"GetParameters": p.get, "GetParametersByPath": p.list, "PutParameter": p.put, "DeleteParameters": p.delete, "DescribeSecurityGroups": noGroups})
	t.Cleanup(p.Close)
	return p
}

// noGroups answers for a region in which there is no group.
func noGroups(awsstub.Request) (any, error) { return awsstub.GroupsAnswer{}, nil }

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
	defer p.mu.Unlock()
	var answer awsstub.ParametersAnswer
	for _, name := range r.JSON["Names"].([]any) {
		if at := p.find(name.(string)); at >= 0 {
			answer.Parameters = append(answer.Parameters, p.parameters[at])
		}
	}
	return answer, nil
}

func (p *parameterStore) list(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	token, _ := r.JSON["NextToken"].(string)
	from, _ := strconv.Atoi(token)
	answer := awsstub.HistoryAnswer{}
	for i := from; i < min(from+10, len(p.parameters)); i++ {
		if strings.HasPrefix(p.parameters[i].Name, r.JSON["Path"].(string)+"/") {
			answer.Parameters = append(answer.Parameters, p.parameters[i])
		}
	}
	if from+10 < len(p.parameters) {
		answer.NextToken = strconv.Itoa(from + 10)
	}
	return answer, nil
}

func (p *parameterStore) put(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.puts++
	if err := p.onPut(p.puts); err != nil {
		return nil, err
	}
	if overwrite, _ := r.JSON["Overwrite"].(bool); !overwrite && p.find(r.JSON["Name"].(string)) >= 0 {
		return nil, &awsstub.Error{Code: "ParameterAlreadyExists", Message: "it exists", Status: 400}
	}
	return map[string]any{"Version": p.set(r.JSON["Name"].(string), r.JSON["Value"].(string))}, nil
}

func (p *parameterStore) set(name, value string) int64 {
	at := p.find(name)
	if at < 0 {
		p.parameters = append(p.parameters, awsstub.Parameter{Name: name, Type: "String"})
		at = len(p.parameters) - 1
	}
	p.parameters[at].Value = value
	p.parameters[at].LastModifiedDate = float64(p.written.UnixMilli()) / 1000
	p.parameters[at].Version++
	return p.parameters[at].Version
}

func (p *parameterStore) delete(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range r.JSON["Names"].([]any) {
		p.parameters = slices.DeleteFunc(p.parameters, func(one awsstub.Parameter) bool { return one.Name == name })
	}
	return map[string]any{}, nil
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
