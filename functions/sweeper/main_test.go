package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// region is a stub of 25 groups with 100 rules each, all of which their
// baselines permit, but for what is opened.
type region struct {
	mu        sync.Mutex
	rules     []types.SecurityGroupRule
	documents []awsstub.Parameter
	published []string
}

const groups, rulesOfEach = 25, 100

func newRegion() *region {
	r := &region{}
	for g := range groups {
		id := fmt.Sprintf("sg-%d", g)
		for n := range rulesOfEach {
			r.open(id, 1000+n)
		}
		r.documents = append(r.documents, awsstub.Parameter{
			Name: "/sg-baseline/groups/" + id, Type: "String", Version: 1,
			Value: fmt.Sprintf(`{"schema":1,"groupId":%q,"ingress":[{"protocol":"tcp","ports":"1000-1099","sources":["10.0.0.0/8"]}],"egress":[]}`, id),
		})
	}
	return r
}

func (r *region) open(groupID string, port int) {
	r.rules = append(r.rules, types.SecurityGroupRule{
		GroupId: &groupID, SecurityGroupRuleId: aws.String(fmt.Sprintf("sgr-%d", len(r.rules))), IsEgress: aws.Bool(false),
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(int32(port)), ToPort: aws.Int32(int32(port)), CidrIpv4: aws.String("10.0.0.0/8"),
	})
}

func (r *region) start(t *testing.T) *awsstub.Stub {
	t.Helper()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": r.describe,
		"DescribeSecurityGroups": func(awsstub.Request) (any, error) {
			return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{{GroupName: aws.String("web")}}}, nil
		},
		"DescribeNetworkInterfaces": func(awsstub.Request) (any, error) { return awsstub.InterfacesAnswer{}, nil },
		"GetParametersByPath": func(q awsstub.Request) (any, error) {
			if path := q.JSON["Path"].(string); strings.HasSuffix(path, "/unreported") || strings.HasSuffix(path, "/prefix-lists") || strings.Contains(path, "/approvals") {
				return awsstub.HistoryAnswer{}, nil
			}
			from, _ := strconv.Atoi(fmt.Sprint(q.JSON["NextToken"]))
			answer := awsstub.HistoryAnswer{Parameters: r.documents[from:min(from+10, groups)]}
			if from+10 < groups {
				answer.NextToken = strconv.Itoa(from + 10)
			}
			return answer, nil
		},
		"GetParameters": func(q awsstub.Request) (any, error) {
			var answer awsstub.ParametersAnswer
			for _, d := range r.documents {
				if slices.Contains(q.JSON["Names"].([]any), any(d.Name)) {
					answer.Parameters = append(answer.Parameters, d)
				}
			}
			return answer, nil
		},
		"PutParameter":     func(awsstub.Request) (any, error) { return struct{}{}, nil },
		"DeleteParameters": func(awsstub.Request) (any, error) { return struct{}{}, nil },
		"RevokeSecurityGroupIngress": func(q awsstub.Request) (any, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.rules = slices.DeleteFunc(r.rules, func(l types.SecurityGroupRule) bool {
				return slices.Contains(q.List("SecurityGroupRuleId"), *l.SecurityGroupRuleId)
			})
			return awsstub.RevokeAnswer{Return: true}, nil
		},
		"Publish": func(q awsstub.Request) (any, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.published = append(r.published, q.Form.Get("Message"))
			return awsstub.PublishAnswer{}, nil
		},
	})
	t.Cleanup(s.Close)
	return s
}

func (r *region) describe(q awsstub.Request) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rules := slices.DeleteFunc(slices.Clone(r.rules), func(l types.SecurityGroupRule) bool {
		group := q.Form.Get("Filter.1.Value.1")
		return group != "" && group != *l.GroupId
	})
	from, _ := strconv.Atoi(q.Form.Get("NextToken"))
	answer := awsstub.RulesAnswer{Rules: rules[from:min(from+1000, len(rules))]}
	if from+1000 < len(rules) {
		answer.NextToken = strconv.Itoa(from + 1000)
	}
	return answer, nil
}

func invoke(t *testing.T, s *awsstub.Stub, message []byte) sweep.Summary {
	t.Helper()
	env := settings.Settings{
		BaselinePrefix: "/sg-baseline", AlertTopicARN: "arn:aws:sns:us-east-1:444455556666:alerts", Enforce: true, LogLevel: slog.LevelInfo,
	}
	answer, err := handler{env, settings.Sweeper{}, s.Config(), wiring.Logger(env, io.Discard)}.Invoke(context.Background(), message)
	if err != nil {
		t.Fatal(err)
	}
	var summary sweep.Summary
	if err := json.Unmarshal(answer, &summary); err != nil {
		t.Fatal(err)
	}
	return summary
}

// calls counts different calls. Over loopback the SDK now and then reads a large
// answer twice: net/http closes a connection whose answer overtakes the request.
func calls(s *awsstub.Stub) map[string]int {
	count, seen := map[string]int{}, map[string]bool{}
	for _, r := range s.Requests() {
		if call := fmt.Sprint(r.Action, r.Form, r.JSON); !seen[call] {
			seen[call] = true
			count[r.Action]++
		}
	}
	return count
}

func TestASweepWithoutDriftTakesACallForEachThousandRulesAndTenBaselines(t *testing.T) {
	t.Parallel()
	r := newRegion()
	s := r.start(t)
	got := invoke(t, s, events.MustRead("scheduled-event"))
	want := sweep.Summary{Outcome: alert.None, Reason: "swept 2500 rules of 25 groups, 25 of them with a baseline; 0 drifted", Groups: 25, Rules: 2500, Baselines: 25, Unguarded: new(0)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The bookmark, the guardrail, the prefix lists and the undelivered alerts are one call each. What people
	// were notified of takes two.
	if diff := cmp.Diff(map[string]int{"DescribeSecurityGroupRules": 3, "GetParametersByPath": 6, "GetParameters": 6, "PutParameter": 1}, calls(s)); diff != "" {
		t.Error(diff)
	}
}

func TestASweepRepairsADriftAndReportsOnce(t *testing.T) {
	t.Parallel()
	for message, account := range map[string]string{"scheduled-event": "111122223333", "scheduler-event": "111122223333", "console-test-empty": "444455556666"} {
		r := newRegion()
		r.open("sg-7", 22)
		s := r.start(t)
		if got := invoke(t, s, events.MustRead(message)); got.Outcome != alert.Reverted || got.Drifting != 1 {
			t.Errorf("%s: got %+v", message, got)
		}
		// The drifting group is read again before it is changed.
		want := map[string]int{
			"DescribeSecurityGroupRules": 4, "GetParametersByPath": 7, "GetParameters": 7, "RevokeSecurityGroupIngress": 1, "DescribeSecurityGroups": 1, "DescribeNetworkInterfaces": 1, "Publish": 1,
			"PutParameter": 2, "DeleteParameters": 1, // the record, as nobody retries a sweep, and until when the versions of documents were reported
		}
		if diff := cmp.Diff(want, calls(s)); diff != "" {
			t.Errorf("%s: %s", message, diff)
		}
		if len(r.rules) != groups*rulesOfEach || len(r.published) != 1 || !strings.Contains(r.published[0], `\"account\":\"`+account+`\"`) {
			t.Errorf("%s: %d rules, published %v", message, len(r.rules), r.published)
		}
	}
}
