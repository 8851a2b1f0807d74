package deploy_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	permissions "github.com/sgwarden/sgwarden/deploy/iam"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// protocols are how each service is asked: by a form with this version, or by JSON for a target with this prefix.
var protocols = map[string]struct{ version, target string }{
	"ec2":    {version: "2016-11-15"},
	"sns":    {version: "2010-03-31"},
	"events": {target: "AWSEvents."},
	"kms":    {target: "TrentService."},
	"logs":   {target: "Logs_20140328."},
	"sqs":    {target: "AmazonSQS."},
	"ssm":    {target: "AmazonSSM."},
}

// bareCall asks for an action without any parameter: moto looks at the caller's permission first.
func bareCall(ctx context.Context, endpoint string, keys aws.Credentials, action string) (status int, body string, err error) {
	service, operation, _ := strings.Cut(action, ":")
	protocol, known := protocols[service]
	if !known {
		return 0, "", fmt.Errorf("call %s: how is %s asked?", action, service)
	}
	header, content := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {protocol.target + operation}}, "{}"
	if protocol.version != "" {
		header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		content = url.Values{"Action": {operation}, "Version": {protocol.version}}.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", strings.NewReader(content))
	if err != nil {
		return 0, "", err
	}
	request.Header = header
	sum := sha256.Sum256([]byte(content))
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), service, awsconfig.Region, time.Now()); err != nil {
		return 0, "", fmt.Errorf("call %s: %w", action, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("call %s: %w", action, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

// onEverything is an action-level copy of a role's policies: in moto, a resource with an ARN permits nothing, and each
// condition counts as met. The table of ofRoles tests resources and conditions.
func onEverything(statements []permissions.Statement) (string, error) {
	var copied []map[string]any
	for _, s := range statements {
		copied = append(copied, map[string]any{"Effect": "Allow", "Action": s.Actions, "Resource": "*"})
	}
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": copied})
	return string(document), err
}

// take makes a role with a policy, and takes the role.
func take(t *testing.T, config aws.Config, name, document string) aws.Credentials {
	t.Helper()
	roles := iam.NewFromConfig(config)
	made, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(`{"Version": "2012-10-17", "Statement": []}`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("all"), PolicyDocument: &document}); err != nil {
		t.Fatal(err)
	}
	session, err := sts.NewFromConfig(config).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: made.Role.Arn, RoleSessionName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	c := session.Credentials
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

// triedActions are all that a role permits and all of their neighbours, each by the name of one operation.
func triedActions(all map[string]policy, roles []string) (actions []string) {
	for _, role := range roles {
		for _, action := range roleActions(all, role) {
			actions = append(actions, strings.TrimSuffix(action, "*"))
		}
	}
	for _, row := range ofRoles {
		for _, c := range row.mayNot {
			actions = append(actions, c.Action)
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Each role tries each action of all roles and all neighbours. moto lets through what the role's policies name, and
// nothing else.
func TestEachRoleGetsThroughWithItsOwnActionsAlone(t *testing.T) {
	t.Parallel()
	server := localtest.Moto(t)
	config := awsconfig.New(server.URL, awsconfig.Keys)
	type tried struct {
		role    string
		keys    aws.Credentials
		permits []string
	}
	var all []tried
	roles := []string{"RemediatorRole", "SweeperRole", "NotifierRole", "CanaryRole"}
	parsed := parse(t, read(t, "template.yaml"))
	actions := triedActions(policies(t, resolvedStack(t, parsed, everything)), roles)
	for _, mode := range []string{"enforce", "alert"} {
		found := policies(t, resolvedStack(t, parsed, but(map[string]string{"Mode": mode})))
		for _, role := range roles {
			document, err := onEverything(statementsOf(found, role))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, tried{mode + "-" + role, take(t, config, mode+"-"+role, document), roleActions(found, role)})
		}
	}
	enforceIAM(t, server.URL)
	passed, denied := 0, 0
	for _, one := range all {
		for _, action := range actions {
			status, body, err := bareCall(t.Context(), server.URL, one.keys, action)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.ContainsFunc(one.permits, func(pattern string) bool { return permissions.Wildcard(pattern, action) })
			got := status != http.StatusForbidden
			switch {
			case got != want || !got && !strings.Contains(body, "is not authorized to perform"):
				t.Errorf("%s calls %s: %d, want that it may: %t: %.300s", one.role, action, status, want, body)
			case got:
				passed++
			default:
				denied++
			}
		}
	}
	t.Logf("%d actions: %d calls passed, %d were denied", len(actions), passed, denied)
	if passed < 50 || denied < 200 {
		t.Errorf("%d calls passed and %d were denied: are the actions all there?", passed, denied)
	}
}
