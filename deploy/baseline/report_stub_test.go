package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// reviewed is an account with groups that all have a baseline of so many rules, in five versions.
type reviewed struct {
	groups, rules int
	reading, most atomic.Int32 // histories that are read at once
	logged        []string     // lines of the functions' logs
}

func (r *reviewed) id(i int) string { return fmt.Sprintf("sg-%017x", i+1) }

// document approves rules from as many networks. Each version has one more.
func (r *reviewed) document(i, version int) string {
	var sources []string
	for n := range r.rules - 5 + version {
		sources = append(sources, fmt.Sprintf(`{"protocol":"tcp","ports":"443","sources":["10.%d.%d.0/24"],"description":"network %d of a customer"}`, i%256, n, n))
	}
	return fmt.Sprintf(`{"schema":1,"groupId":%q,"groupName":"web-%d","ingress":[%s]}`, r.id(i), i, strings.Join(sources, ","))
}

func (r *reviewed) stub(t *testing.T, delay time.Duration) *awsstub.Stub {
	t.Helper()
	s := awsstub.New(delay, map[string]awsstub.Handler{
		"GetParameters":              func(awsstub.Request) (any, error) { return awsstub.ParametersAnswer{}, nil },
		"GetParametersByPath":        r.parameters,
		"DescribeParameters":         func(awsstub.Request) (any, error) { return map[string]any{"Parameters": []any{}}, nil },
		"GetParameterHistory":        r.history,
		"DescribeSecurityGroups":     r.describe,
		"DescribeSecurityGroupRules": r.live,
		"DescribeStacks":             r.stack,
		"StartQuery":                 func(awsstub.Request) (any, error) { return map[string]string{"queryId": "q-1"}, nil },
		"GetQueryResults":            r.results,
	})
	t.Cleanup(s.Close)
	return s
}

func (r *reviewed) parameters(q awsstub.Request) (any, error) {
	var answer awsstub.HistoryAnswer
	if strings.HasSuffix(q.JSON["Path"].(string), "/groups") {
		for i := range r.groups {
			answer.Parameters = append(answer.Parameters, awsstub.Parameter{Name: "/sg-baseline/groups/" + r.id(i), Type: "String", Value: r.document(i, 5), Version: 5})
		}
	}
	return answer, nil
}

func (r *reviewed) history(q awsstub.Request) (any, error) {
	now := r.reading.Add(1)
	defer r.reading.Add(-1)
	for most := r.most.Load(); now > most && !r.most.CompareAndSwap(most, now); most = r.most.Load() {
	}
	time.Sleep(2 * time.Millisecond) // as a call takes, for others to come beside
	name := q.JSON["Name"].(string)
	var i int
	if _, err := fmt.Sscanf(name[strings.LastIndex(name, "sg-"):], "sg-%x", &i); err != nil {
		return nil, err
	}
	var answer awsstub.HistoryAnswer
	for version := 1; version <= 5; version++ {
		answer.Parameters = append(answer.Parameters, awsstub.Parameter{
			Name: name, Type: "String", Value: r.document(i-1, version), Version: int64(version), LastModifiedUser: "arn:aws:iam::123456789012:user/ana",
			LastModifiedDate: float64(time.Date(2026, 1, version, 0, 0, 0, 0, time.UTC).Unix()),
		})
	}
	return answer, nil
}

func (r *reviewed) describe(awsstub.Request) (any, error) {
	var answer awsstub.GroupsAnswer
	for i := range r.groups {
		answer.Groups = append(answer.Groups, types.SecurityGroup{GroupId: aws.String(r.id(i)), GroupName: aws.String(fmt.Sprintf("web-%d", i)), VpcId: aws.String(fmt.Sprintf("vpc-%017x", i%5))})
	}
	return answer, nil
}

func (r *reviewed) live(q awsstub.Request) (any, error) {
	var answer awsstub.RulesAnswer
	ids := q.List("Filter.1.Value")
	for i := range r.groups {
		if len(ids) > 0 && !slices.Contains(ids, r.id(i)) {
			continue
		}
		for n := range r.rules {
			answer.Rules = append(answer.Rules, types.SecurityGroupRule{
				GroupId: aws.String(r.id(i)), SecurityGroupRuleId: aws.String(fmt.Sprintf("sgr-%09x%08x", i, n)), IsEgress: aws.Bool(false),
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), CidrIpv4: aws.String(fmt.Sprintf("10.%d.%d.0/24", i%256, n)),
			})
		}
	}
	return answer, nil
}

type stackOutput struct{ OutputKey, OutputValue string }

func (r *reviewed) stack(awsstub.Request) (any, error) {
	return struct {
		Name    string        `xml:"DescribeStacksResult>Stacks>member>StackName"`
		Status  string        `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
		Outputs []stackOutput `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
	}{"sgwarden", "CREATE_COMPLETE", []stackOutput{
		{"RemediatorFailuresUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/failures"},
		{"RemediatorFunctionName", "sgwarden-remediator"},
		{"RemediatorLogGroupName", "/aws/lambda/sgwarden-remediator"},
		{"SweeperLogGroupName", "/aws/lambda/sgwarden-sweeper"},
	}}, nil
}

func (r *reviewed) results(awsstub.Request) (any, error) {
	type field struct{ Field, Value string }
	rows := [][]map[string]string{}
	for i, line := range r.logged {
		var one []map[string]string
		for _, f := range []field{{"@timestamp", now.Add(-time.Hour).UTC().Format("2006-01-02 15:04:05.000")}, {"@message", line}, {"@ptr", fmt.Sprint("p", i)}} {
			one = append(one, map[string]string{"field": f.Field, "value": f.Value})
		}
		rows = append(rows, one)
	}
	return map[string]any{"status": "Complete", "results": rows}, nil
}

// logLine is what the remediator logs of a revert.
func logLine(group, rule string) string {
	return fmt.Sprintf(`{"time":%q,"level":"INFO","msg":"invocation","function":"remediator","eventId":"e-1","eventName":"AuthorizeSecurityGroupIngress","groupId":%q,"actor":"arn:aws:iam::123456789012:user/mallory","outcome":"reverted","kind":"drift","severity":"high","alertId":"a-1","findings":["revoked %s sgr-1"],"Reverted":1}`,
		now.Add(-time.Hour).UTC().Format(time.RFC3339), group, rule)
}

func TestAReportReadsTheLogOfTheStack(t *testing.T) {
	t.Parallel()
	r := &reviewed{groups: 2, rules: 6}
	r.logged = []string{logLine(r.id(0), "ingress tcp 22 0.0.0.0/0"), fmt.Sprintf(`{"time":%q,"msg":"invocation","function":"sweeper","Reverted":3}`, now.Add(-time.Hour).UTC().Format(time.RFC3339))}
	stub, out := r.stub(t, 0), filepath.Join(t.TempDir(), "review.html")
	cfg := stub.Config()
	got := runCommand(t, &cfg, "", "report", "--out", out)
	if got.status != 0 || !strings.Contains(got.out, "2 groups, 2 guarded, 0 without a baseline, 0 to look at; 12 rules approved for good, 0 rules until a time; 4 rules reverted since") {
		t.Errorf("got %+v", got)
	}
	page, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ingress tcp 22 0.0.0.0/0", "user/mallory", "web-0", "AuthorizeSecurityGroupIngress e-1", "Sweeps reverted 3 more rules", "/aws/lambda/sgwarden-remediator, /aws/lambda/sgwarden-sweeper"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	asked := stub.Requests("StartQuery")
	if len(asked) != 1 || fmt.Sprint(asked[0].JSON["logGroupNames"]) != "[/aws/lambda/sgwarden-remediator /aws/lambda/sgwarden-sweeper]" {
		t.Errorf("asked %+v", asked)
	}
}

func TestAReportSaysWhatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	denied := awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you", Status: http.StatusBadRequest}}
	for action, want := range map[string]string{
		"StartQuery":          "these credentials may not query the log groups",
		"DescribeStacks":      "the log groups are not known (cloudformation:DescribeStacks)",
		"GetParameterHistory": "who approved what, since these credentials may not ask (ssm:GetParameterHistory)",
	} {
		for _, format := range []string{"html", "csv", "ocsf"} {
			t.Run(action+" in "+format, func(t *testing.T) {
				t.Parallel()
				r := &reviewed{groups: 20, rules: 6}
				stub, out := r.stub(t, 0), filepath.Join(t.TempDir(), "review")
				stub.Inject(action, 100, denied)
				cfg := stub.Config()
				got := runCommand(t, &cfg, "", "report", "--out", out, "--format", format)
				content, err := os.ReadFile(out)
				lines := 0
				for line := range strings.Lines(string(content)) {
					if strings.Contains(line, want) {
						lines++
					}
				}
				if got.status != 0 || err != nil || lines != 1 {
					t.Errorf("%d lines of the review have %q: %+v, error %v", lines, want, got, err)
				}
			})
		}
	}
}

// TestAReportOfALargeAccount bounds what a review of 300 groups with 20 rules asks and writes.
func TestAReportOfALargeAccount(t *testing.T) {
	t.Parallel()
	r := &reviewed{groups: 300, rules: 20}
	stub, dir := r.stub(t, 0), t.TempDir()
	cfg := stub.Config()
	out := filepath.Join(dir, "review.html")
	begin := time.Now()
	got := runCommand(t, &cfg, "", "report", "--out", out, "--output", "json")
	var said struct {
		Review struct{ Figures map[string]int }
	}
	if err := json.Unmarshal([]byte(got.out), &said); err != nil || said.Review.Figures["rules"] != 6000 || got.status != 0 {
		t.Errorf("%v: status %d, %s %s", err, got.status, got.out[:min(len(got.out), 400)], got.errs)
	}
	info, err := os.Stat(out)
	if err != nil || info.Size() > 5_000_000 {
		t.Errorf("%v: the page has %d bytes", err, info.Size())
	}
	calls := map[string]int{}
	for _, q := range stub.Requests() {
		calls[q.Action]++
	}
	if calls["GetParameterHistory"] != 300 || len(stub.Requests()) > 325 {
		t.Errorf("calls: %v", calls)
	}
	if most := r.most.Load(); most < 2 || most > sideBySide {
		t.Errorf("%d histories were read at once", most)
	}
	t.Logf("%s, %d bytes, calls %v, %d at once", time.Since(begin).Round(time.Millisecond), info.Size(), calls, r.most.Load())
}
