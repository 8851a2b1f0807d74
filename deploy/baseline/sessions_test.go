package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// TestSessions runs the scripts of testdata/sessions. Each reads like a session at a
// terminal, and has an AWS account of its own. Beside the commands of testscript
// (https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript) there are
//
//	rc STATUS COMMAND...   runs a command, which must end with this status
//	fine COMMAND...        likewise, with 0 or with 2: findings are fine, an error isn't
//	json REGEX...          the last standard output is one JSON document, and matches each
//	group NAME RULE...     makes a security group; $NAME is its id, - and spaces as _
//	nogroup NAME           deletes that group
//	open NAME RULE...      adds live rules
//	close NAME RULE...     revokes live rules
//	list NAME CIDR...      makes a managed prefix list; $NAME is its id
//	entries NAME ±CIDR...  adds entries (+), and takes entries out (-)
//	nolist NAME            deletes that list
//
// the condition [verb:NAME], and the AWS CLI as aws. "ttyin -stdin yes" answers the question of the command that
// follows, at a terminal. $default is the id of the account's default group.
func TestSessions(t *testing.T) {
	t.Parallel()
	runSessions(t, testscript.Params{Dir: "testdata/sessions"})
}

func runSessions(t *testing.T, p testscript.Params) {
	t.Helper()
	url := localtest.SharedMoto(t)
	p.Setup = func(env *testscript.Env) error { return setUpSession(env, url) }
	p.Condition, p.RequireUniqueNames = sessionCondition, true
	p.Cmds = map[string]func(*testscript.TestScript, bool, []string){
		"rc": sessionRC, "fine": sessionPassed, "json": sessionJSON, "group": sessionGroup, "nogroup": sessionNoGroup,
		"open": sessionOpen, "close": sessionClose, "list": sessionList, "entries": sessionEntries, "nolist": sessionNoList,
	}
	testscript.Run(t, p)
}

// accounts counts the accounts of sessions. The local AWS's own is 123456789012.
var accounts atomic.Int64

// session is what a script's commands find under its key.
type session struct{}

func setUpSession(env *testscript.Env, url string) error {
	ctx := context.Background()
	root := awsconfig.New(url, awsconfig.Keys)
	account := fmt.Sprintf("%012d", 200000000000+accounts.Add(1))
	assumed, err := sts.NewFromConfig(root).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + account + ":role/operator"), RoleSessionName: aws.String("ana"),
	})
	if err != nil {
		return fmt.Errorf("assume a role in the session's account: %w", err)
	}
	keys := aws.Credentials{
		AccessKeyID: *assumed.Credentials.AccessKeyId, SecretAccessKey: *assumed.Credentials.SecretAccessKey, SessionToken: *assumed.Credentials.SessionToken,
	}
	cfg := awsconfig.New(url, keys)
	env.Values[session{}] = cfg
	env.Vars = append(env.Vars, awsconfig.Environment(url, keys)...)
	env.Setenv("account", account)
	env.Setenv("GOTRACEBACK", "single")
	env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
	groups, err := ec2groups.Groups{Client: ec2.NewFromConfig(cfg)}.List(ctx, ec2groups.Selection{})
	if err != nil {
		return err
	}
	for _, g := range groups {
		env.Setenv(variable(g.Name), g.ID)
	}
	events, err := filepath.Abs("../../events")
	env.Setenv("EVENTS", events)
	for _, answer := range []string{"yes", "no"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(env.WorkDir, answer), []byte(answer+"\n"), 0o600))
	}
	return err
}

// sessionCondition says whether the command has a verb.
func sessionCondition(text string) (bool, error) {
	name, isVerb := strings.CutPrefix(text, "verb:")
	if !isVerb {
		return false, fmt.Errorf("unknown condition %q", text)
	}
	return slices.Contains(verbsOf((&app{Account: accountOfNobody()}).command()), name), nil
}

// variable is the name under which a script finds a group's id.
func variable(group string) string { return notInVariables.ReplaceAllString(group, "_") }

var notInVariables = regexp.MustCompile(`\W`)

func sessionConfig(ts *testscript.TestScript) aws.Config { return ts.Value(session{}).(aws.Config) }

func sessionRC(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: rc STATUS COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := statusOf(ts, args[1:]); got != want {
		ts.Fatalf("status %d, want %d", got, want)
	}
}

func sessionPassed(ts *testscript.TestScript, _ bool, args []string) {
	if got := statusOf(ts, args); got != 0 && got != 2 {
		ts.Fatalf("status %d, want 0 or 2", got)
	}
}

func statusOf(ts *testscript.TestScript, args []string) int {
	err := ts.Exec(args[0], args[1:]...)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	if err == nil {
		return 0
	}
	return exit.ExitCode()
}

func sessionJSON(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile("stdout")
	if !json.Valid([]byte(text)) {
		ts.Fatalf("the standard output is no JSON document: %s", text)
	}
	for _, expression := range args {
		if !regexp.MustCompile(expression).MatchString(text) {
			ts.Fatalf("no %s in %s", expression, text)
		}
	}
}

func sessionGroup(ts *testscript.TestScript, _ bool, args []string) {
	cfg := sessionConfig(ts)
	id, err := makeGroup(context.Background(), cfg, args[0], args[1:]...)
	ts.Check(err)
	ts.Setenv(variable(args[0]), id)
}

func sessionNoGroup(ts *testscript.TestScript, _ bool, args []string) {
	_, err := ec2.NewFromConfig(sessionConfig(ts)).DeleteSecurityGroup(context.Background(), &ec2.DeleteSecurityGroupInput{GroupId: aws.String(ts.Getenv(variable(args[0])))})
	ts.Check(err)
}

func sessionOpen(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(authorize(context.Background(), sessionConfig(ts), ts.Getenv(variable(args[0])), args[1:]...))
}

func sessionClose(ts *testscript.TestScript, _ bool, args []string) {
	groups := ec2groups.Groups{Client: ec2.NewFromConfig(sessionConfig(ts))}
	id := ts.Getenv(variable(args[0]))
	live, err := groups.Rules(context.Background(), id)
	ts.Check(err)
	for _, text := range args[1:] {
		r, err := parseRule(text, id)
		ts.Check(err)
		at := slices.IndexFunc(live, func(l secgroup.LiveRule) bool { return l.Rule == r })
		if at < 0 {
			ts.Fatalf("%s has no live rule %s", args[0], text)
		}
		ts.Check(errors.Join(groups.Revoke(context.Background(), id, live[at:at+1])...))
	}
}
