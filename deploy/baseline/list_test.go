package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func TestListShowsAllGroupsAtAGlance(t *testing.T) {
	t.Parallel()
	cfg, prefix, at := regionConfig(t, "ap-northeast-2"), prefixOf(t), time.Now()
	ends := at.Add(48 * time.Hour).UTC().Format(time.RFC3339)
	web := mustMake(t, cfg, "web", "ingress tcp 443 10.0.0.0/8", "ingress tcp 22 203.0.113.7/32", "ingress tcp 25 10.0.0.0/8")
	api := mustMake(t, cfg, "api", "ingress tcp 443 10.0.0.0/8")
	broken := mustMake(t, cfg, "broken")
	lone := mustMake(t, cfg, "lone", "ingress tcp 22 0.0.0.0/0")
	do := func(args ...string) ran {
		return runAt(t, at, &cfg, append([]string{"list", "--prefix", prefix}, args...)...)
	}
	got := do()
	expect(t, got, 1, "there is nothing under "+prefix+" in account 123456789012, region ap-northeast-2, and ", "groups without a baseline: check --prefix")

	const tls = `{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]}`
	putParameter(t, cfg, prefix+"/groups/"+web, `{"schema":1,"groupId":"`+web+`","graceMinutes":0,"ingress":[`+tls+`,{"protocol":"tcp","ports":"80","sources":["10.0.0.0/8"]}]}`)
	putParameter(t, cfg, prefix+"/groups/"+api, `{"schema":1,"groupId":"`+api+`","ingress":[`+tls+`],"egress":[{"protocol":"all","destinations":["0.0.0.0/0"]}]}`)
	putParameter(t, cfg, prefix+"/groups/"+group, `{"schema":1,"groupId":"`+group+`","groupName":"old","mode":"alert","ingress":[]}`)
	putParameter(t, cfg, prefix+"/groups/"+broken, `{`)
	putParameter(t, cfg, prefix+"/guardrail", `{"schema":1,"forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`)
	putParameter(t, cfg, prefix+"/approvals/"+web+"/oncall", `{"schema":1,"rules":["ingress tcp 22 203.0.113.7/32"],"expires":"`+ends+`","reason":"INC-1"}`)
	putParameter(t, cfg, prefix+"/approvals/"+web+"/later", `{"schema":1,"rules":["ingress tcp 23 203.0.113.7/32"],"expires":"`+at.Add(72*time.Hour).UTC().Format(time.RFC3339)+`","reason":"INC-1"}`)
	putParameter(t, cfg, prefix+"/pause", `{"schema":1,"until":"`+at.Add(2*time.Hour).UTC().Format(time.RFC3339)+`","reason":"CHG-77"}`)
	names := strings.NewReplacer(web, "sg-0000000000000000a", api, "sg-0000000000000000b", lone, "sg-0000000000000000c", broken, "sg-0000000000000000d", group, "sg-0000000000000000e", prefix, "/PREFIX")
	text := func(got ran) string {
		return regexp.MustCompile(`default( +)sg-[0-9a-f]{17}`).ReplaceAllString(hideTimes(names.Replace(got.out)), "default${1}sg-0000000000000000f")
	}
	got = do()
	expect(t, got, 2)
	goldenText(t, "list", text(got))
	got = do("--drift")
	expect(t, got, 2)
	goldenText(t, "list-drift", text(got))

	got = do("name:api")
	expect(t, got, 0)
	if strings.Contains(got.out, web) || !strings.Contains(got.out, "1 group, 1 guarded\n") {
		t.Errorf("got %s", got.out)
	}
	expect(t, do(group), 2, "no such group")
	expect(t, do("sg-0fffffffffffffff0"), 1, "there is no security group sg-0fffffffffffffff0 in account 123456789012, region ap-northeast-2", "there is no baseline at "+prefix+"/groups/sg-0fffffffffffffff0 either")

	putParameter(t, cfg, prefix+"/guardrail", `{`)
	expect(t, do("name:api"), 2, "! the guardrail at "+prefix+"/guardrail is broken")
}

func TestListWithOutputJSONSaysWhatDiffSays(t *testing.T) {
	t.Parallel()
	cfg, prefix, at := regionConfig(t, "ap-northeast-3"), prefixOf(t), time.Now()
	web := mustMake(t, cfg, "web", "ingress tcp 443 10.0.0.0/8", "ingress tcp 25 10.0.0.0/8")
	putParameter(t, cfg, prefix+"/groups/"+web, `{"schema":1,"groupId":"`+web+`","graceMinutes":60,"ingress":[{"protocol":"tcp","ports":"25","sources":["10.0.0.0/8"]}]}`)
	putParameter(t, cfg, prefix+"/groups/"+web, `{"schema":1,"groupId":"`+web+`","graceMinutes":60,"ingress":[{"protocol":"tcp","ports":"80","sources":["10.0.0.0/8"]}]}`)
	var o overview.Overview
	if got := runAt(t, at, &cfg, "list", "--prefix", prefix, "--output", "json", "--drift"); got.status != 2 || json.Unmarshal([]byte(got.out), &o) != nil || len(o.Groups) != 1 {
		t.Fatalf("got %+v", got)
	}
	var c comparison
	if got := runAt(t, at, &cfg, "diff", "--prefix", prefix, "--output", "json"); json.Unmarshal([]byte(got.out), &c) != nil || len(c.Groups) != 1 {
		t.Fatalf("got %+v", got)
	}
	a, errA := json.Marshal(c.Groups[0].Changes)
	b, errB := json.Marshal(o.Groups[0].Changes)
	if diff := cmp.Diff(string(a), string(b)); diff != "" || errA != nil || errB != nil {
		t.Errorf("diff and list disagree: %s", diff)
	}
	row := o.Groups[0]
	if row.Drift.Violating != 1 || row.Drift.InGrace != 1 || row.Drift.Missing != 1 || row.Rules != 1 || row.Baseline.Version != 2 || row.Status != overview.Guarded || o.Identity.Region != "ap-northeast-3" {
		t.Errorf("got %+v", o)
	}
}

// region is a stub of many groups, each with a baseline and a rule that it permits.
type region struct{ groups int }

func (r region) id(i int) string { return fmt.Sprintf("sg-%017x", i) }

// page returns the range of a page, and the token of the next one.
func (r region) page(token string, size int) (from, to int, next string) {
	from, _ = strconv.Atoi(token)
	if to = min(from+size, r.groups); to < r.groups {
		next = strconv.Itoa(to)
	}
	return from, to, next
}

func (r region) handlers() map[string]awsstub.Handler {
	parameters := func(request awsstub.Request, size int, of string) (any, error) {
		token, _ := request.JSON["NextToken"].(string)
		if path, _ := request.JSON["Path"].(string); of != "" && !strings.HasSuffix(path, of) {
			return awsstub.HistoryAnswer{}, nil
		}
		from, to, next := r.page(token, size)
		answer := awsstub.HistoryAnswer{NextToken: next}
		for i := from; i < to; i++ {
			answer.Parameters = append(answer.Parameters, awsstub.Parameter{
				Name: "/sg-baseline/groups/" + r.id(i), Type: "String", Version: 1, LastModifiedDate: float64(now.Add(-time.Hour).Unix()),
				Value:            `{"schema":1,"groupId":"` + r.id(i) + `","ingress":[{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]}]}`,
				LastModifiedUser: "arn:aws:sts::123456789012:assumed-role/operator/ana",
			})
		}
		return answer, nil
	}
	return map[string]awsstub.Handler{
		"GetParameters":       func(awsstub.Request) (any, error) { return awsstub.ParametersAnswer{}, nil },
		"GetParametersByPath": func(q awsstub.Request) (any, error) { return parameters(q, 10, "/groups") },
		"DescribeParameters":  func(q awsstub.Request) (any, error) { return parameters(q, 50, "") },
		"DescribeSecurityGroups": func(q awsstub.Request) (any, error) {
			from, to, next := r.page(q.Form.Get("NextToken"), 1000)
			answer := awsstub.GroupsAnswer{NextToken: next}
			for i := from; i < to; i++ {
				answer.Groups = append(answer.Groups, types.SecurityGroup{GroupId: aws.String(r.id(i)), GroupName: aws.String(fmt.Sprintf("g%05d", i)), VpcId: aws.String("vpc-0a")})
			}
			return answer, nil
		},
		"DescribeSecurityGroupRules": func(q awsstub.Request) (any, error) {
			from, to, next := r.page(q.Form.Get("NextToken"), 1000)
			answer := awsstub.RulesAnswer{NextToken: next}
			for i := from; i < to; i++ {
				answer.Rules = append(answer.Rules, types.SecurityGroupRule{
					GroupId: aws.String(r.id(i)), SecurityGroupRuleId: aws.String(fmt.Sprintf("sgr-%017x", i)), IpProtocol: aws.String("tcp"),
					FromPort: aws.Int32(443), ToPort: aws.Int32(443), CidrIpv4: aws.String("10.0.0.0/8"), IsEgress: aws.Bool(false),
				})
			}
			return answer, nil
		},
	}
}

// tty is a terminal to write on.
type tty struct{ bytes.Buffer }

func (*tty) IsTerminal() bool { return true }

func TestListOfFiveThousandGroupsReadsPages(t *testing.T) {
	t.Parallel()
	r := region{5000}
	stub := awsstub.New(0, r.handlers())
	t.Cleanup(stub.Close)
	cfg := stub.Config()
	var out bytes.Buffer
	var errs tty
	a := &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Config: &cfg, Errs: &errs}, in: strings.NewReader(""), out: &out}
	c := a.command()
	c.SetArgs([]string{"list"})
	if err := c.ExecuteContext(context.Background()); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), " by ana\n") != 5000 || !strings.HasSuffix(out.String(), "\n5000 groups, 5000 guarded\n") {
		t.Errorf("got %.500s", out.String())
	}
	if !strings.Contains(errs.String(), "judging groups: 2500 of 5000") || !strings.Contains(errs.String(), "asking who wrote the baselines: 5000") {
		t.Errorf("no progress: %.300s", errs.String())
	}
	// 5 pages of groups, 5 of rules, 100 of authors, 500 of baselines, and a handful. A busy
	// machine makes the SDK try a few of them again.
	if n := len(stub.Requests()); n > 700 {
		t.Errorf("%d calls", n)
	}
}

func TestListWhereSomethingIsDenied(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		code, action string
		status       int
		want         string
	}{
		"who wrote the baselines":           {"AccessDeniedException", "DescribeParameters", 0, "! who wrote the baselines is not known, since these credentials may not ask (ssm:DescribeParameters)"},
		"authors for ever throttled":        {"ThrottlingException", "DescribeParameters", 1, "describe the parameters under /sg-baseline/groups/"},
		"the baselines":                     {"AccessDeniedException", "GetParametersByPath", 1, "get the parameters under /sg-baseline"},
		"the groups, by credentials of old": {"ExpiredToken", "DescribeSecurityGroups", 1, "describe the security groups"},
		"nothing":                           {"AccessDenied", "PutParameter", 0, "3 groups, 3 guarded"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := awsstub.New(0, region{3}.handlers())
			t.Cleanup(stub.Close)
			stub.Inject(c.action, 20, awsstub.Fault{Error: &awsstub.Error{Code: c.code, Message: "no", Status: 400}})
			cfg := stub.Config()
			got := runCommand(t, &cfg, "", "list")
			expect(t, got, c.status, c.want)
			if unknown := strings.Count(got.out, "by unknown"); c.action == "DescribeParameters" && c.status == 0 && (unknown != 3 || strings.Count(got.out, "these credentials") != 1) {
				t.Errorf("got %s", got.out)
			}
		})
	}
}
