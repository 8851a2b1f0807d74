package integration

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// ward is a stub of a region: parameters, and a violation in each group.
type ward struct {
	mu         sync.Mutex
	parameters map[string]string
	groups     []string
	revoked    []string
	published  int
}

func (w *ward) start(t *testing.T) *awsstub.Stub {
	t.Helper()
	done := func(awsstub.Request) (any, error) { return struct{}{}, nil }
	s := awsstub.New(0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": w.describe, "RevokeSecurityGroupIngress": w.revoke,
		"DescribeSecurityGroups": func(awsstub.Request) (any, error) {
			return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{{GroupName: aws.String("web")}}}, nil
		},
		"DescribeNetworkInterfaces": func(awsstub.Request) (any, error) { return awsstub.InterfacesAnswer{}, nil },
		"GetParameters":             w.get, "GetParametersByPath": w.list, "PutParameter": done, "DeleteParameters": done,
		"Publish": func(awsstub.Request) (any, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.published++
			return awsstub.PublishAnswer{}, nil
		},
	})
	t.Cleanup(s.Close)
	return s
}

func (w *ward) describe(q awsstub.Request) (any, error) {
	var answer awsstub.RulesAnswer
	for _, id := range w.groups {
		if only := q.Form.Get("Filter.1.Value.1"); only == "" || only == id {
			answer.Rules = append(answer.Rules, types.SecurityGroupRule{
				GroupId: &id, SecurityGroupRuleId: aws.String("sgr-" + id), IsEgress: aws.Bool(false),
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), CidrIpv4: aws.String("0.0.0.0/0"),
			})
		}
	}
	return answer, nil
}

func (w *ward) revoke(q awsstub.Request) (any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.revoked = append(w.revoked, q.Form.Get("GroupId"))
	answer := awsstub.RevokeAnswer{Return: true}
	for _, id := range q.List("SecurityGroupRuleId") {
		answer.Revoked = append(answer.Revoked, types.RevokedSecurityGroupRule{SecurityGroupRuleId: &id})
	}
	return answer, nil
}

func (w *ward) get(q awsstub.Request) (any, error) {
	var answer awsstub.ParametersAnswer
	for _, name := range q.JSON["Names"].([]any) {
		if value, found := w.parameters[name.(string)]; found {
			answer.Parameters = append(answer.Parameters, awsstub.Parameter{Name: name.(string), Type: "String", Value: value, Version: 1})
		}
	}
	return answer, nil
}

func (w *ward) list(q awsstub.Request) (any, error) {
	var all []awsstub.Parameter
	for name, value := range w.parameters {
		if strings.HasPrefix(name, q.JSON["Path"].(string)+"/") {
			all = append(all, awsstub.Parameter{Name: name, Type: "String", Value: value, Version: 1, LastModifiedDate: 1})
		}
	}
	slices.SortFunc(all, func(a, b awsstub.Parameter) int { return strings.Compare(a.Name, b.Name) })
	from, _ := strconv.Atoi(fmt.Sprint(q.JSON["NextToken"]))
	answer := awsstub.HistoryAnswer{Parameters: all[from:min(from+10, len(all))]}
	if from+10 < len(all) {
		answer.NextToken = strconv.Itoa(from + 10)
	}
	return answer, nil
}
