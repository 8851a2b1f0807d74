package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// opened is a CloudTrail record: ana opens port 22 to the world.
func opened(t *testing.T, id, group string) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"eventVersion": "1.11", "eventID": id, "eventTime": "2026-10-05T09:00:00Z", "eventSource": "ec2.amazonaws.com",
		"eventName": "AuthorizeSecurityGroupIngress", "awsRegion": "us-east-1", "recipientAccountId": "123456789012",
		"userIdentity":      map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ana"},
		"requestParameters": map[string]any{"groupId": group, "ipPermissions": map[string]any{}, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0"},
		"responseElements":  map[string]any{"_return": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const openedGroup = "sg-0a1b2c3d4e5f60718"

// noRules is a folder with the baseline of a group that may have no rule.
func noRules(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	content := "schema: 1\ngroupId: " + openedGroup + "\ngroupName: web\ningress: []\n"
	if err := os.WriteFile(filepath.Join(dir, "web.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// backtested is what machines get of a backtest.
type backtested struct {
	Records int64
	Skipped []struct{ File, Reason string }
	Reverts []struct{ GroupID, Rule, Actor, EventID string }
}

// backtestOf runs the verb for machines. Waiting for the pace of AWS takes no time.
func backtestOf(t *testing.T, cfg *aws.Config, args ...string) (got backtested, run ran) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{
		Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Config: cfg, Errs: &errs},
		in:      strings.NewReader(""), out: &out,
		sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	status := a.run(t.Context(), append([]string{"backtest", "--output", "json", "--baselines", noRules(t)}, args...))
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, out.String())
		}
	}
	return got, ran{out.String(), errs.String(), status}
}

func TestAHistoryInS3IsReplayed(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := "trail-of-the-backtest"
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	folder := "AWSLogs/123456789012/CloudTrail/us-east-1/2026/10/05/"
	for key, content := range map[string]string{
		"whole.json": `{"Records":[` + string(opened(t, "e-1", openedGroup)) + `]}`,
		"torn.json":  `{"Records":[` + string(opened(t, "e-2", openedGroup))[:200],
	} {
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String(folder + key), Body: strings.NewReader(content)}); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{
		"the bucket":           {"s3://" + bucket},
		"a day":                {"s3://" + bucket + "/" + folder, "--from", "2026-10-05", "--to", "2026-10-05"},
		"with what was kept":   {"s3://" + bucket, "--keep", t.TempDir()},
		"an account, a region": {"s3://" + bucket, "--accounts", "123456789012", "--regions", "us-east-1"},
	} {
		got, run := backtestOf(t, &cfg, args...)
		if run.status != 1 || len(got.Skipped) != 1 || got.Skipped[0].File != "s3://"+bucket+"/"+folder+"torn.json" {
			t.Errorf("%s: status %d, skipped %+v: %s", name, run.status, got.Skipped, run.errs)
		}
		if len(got.Reverts) != 1 || got.Reverts[0].EventID != "e-1" || got.Reverts[0].Rule != "ingress tcp 22 0.0.0.0/0" {
			t.Errorf("%s: reverts %+v", name, got.Reverts)
		}
	}
	got, run := backtestOf(t, &cfg, "s3://"+bucket+"/"+folder+"whole.json")
	if run.status != 2 || len(got.Reverts) != 1 || len(got.Skipped) != 0 {
		t.Errorf("one object: %+v, %+v", got, run)
	}
	got, run = backtestOf(t, &cfg, "s3://"+bucket, "--regions", "eu-west-1")
	if run.status != 1 || len(got.Skipped) != 1 || !strings.Contains(got.Skipped[0].Reason, "holds no log files of CloudTrail for all times, regions [eu-west-1]") {
		t.Errorf("another region: %+v, %+v", got, run)
	}
}

func TestTheEventHistoryIsReplayed(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"LookupEvents": func(r awsstub.Request) (any, error) {
		text, _ := json.Marshal(r.JSON)
		if !strings.Contains(string(text), `"AuthorizeSecurityGroupIngress"`) || r.Region != "us-east-1" {
			return map[string]any{}, nil
		}
		return map[string]any{"Events": []any{map[string]any{"EventId": "e-1", "CloudTrailEvent": string(opened(t, "e-1", openedGroup))}}}, nil
	}})
	defer stub.Close()
	cfg := stub.Config()
	got, run := backtestOf(t, &cfg, "event-history", "--regions", "us-east-1,eu-west-1")
	if run.status != 2 || len(got.Reverts) != 1 || len(got.Skipped) != 0 {
		t.Errorf("%+v, %+v", got, run)
	}
	if want := "note: the event history goes back 90 days, to " + now.AddDate(0, 0, -90).Format(time.DateOnly) + "\n"; run.errs != want {
		t.Errorf("printed %q, want %q", run.errs, want)
	}
}

func TestTheStatementForAthenaIsPrintedWithoutAWS(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "", "backtest", "--athena", "default.cloudtrail_logs", "--athena-sql", "--from", "2026-10-01", "--to", "2026-10-31", "--regions", "us-east-1")
	if got.status != 0 || got.errs != "" {
		t.Fatalf("%+v", got)
	}
	for _, line := range []string{
		"FROM \"default\".\"cloudtrail_logs\"\n", "WHERE \"timestamp\" BETWEEN '2026/10/01' AND '2026/11/01'\n", "  AND awsregion IN ('us-east-1')\n",
		"  AND eventtime >= '2026-10-01T00:00:00Z'\n", "  AND eventtime < '2026-11-01T00:00:00Z'\n",
	} {
		if !strings.Contains(got.out, line) {
			t.Errorf("without %q:\n%s", line, got.out)
		}
	}
}

func TestHistoriesThatCanNotBeMeant(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	tooOld := "the event history goes back 90 days, to " + now.AddDate(0, 0, -90).Format(time.DateOnly) + ": for earlier days, read the trail's"
	for want, args := range map[string][]string{
		"backtest: which history? Name files, s3://BUCKET/PREFIX, event-history, or --athena DATABASE.TABLE": {},
		"--full-scan are for --athena DATABASE.TABLE, which is not there":                                    {"logs", "--full-scan"},
		"--athena-sql and --full-scan are for --athena":                                                      {"logs", "--athena-sql"},
		`--athena "logs": want DATABASE.TABLE`:                                                               {"--athena", "logs"},
		`--athena "a.b; DROP TABLE c": want DATABASE.TABLE`:                                                  {"--athena", "a.b; DROP TABLE c", "--athena-sql"},
		"a query without --from reads the whole table a.b: say from which day, or say --full-scan":           {"--athena", "a.b", "--athena-sql"},
		`--accounts "prod": want ids of 12 digits`:                                                           {"s3://logs", "--accounts", "prod"},
		`--regions "everywhere": want names such as us-east-1`:                                               {"event-history", "--regions", "everywhere"},
		`"s3://" is not a place in S3: want s3://bucket or s3://bucket/prefix`:                               {"s3://"},
		"there is no bucket no-such-bucket-at-all: look at the name (aws s3 ls)":                             {"s3://no-such-bucket-at-all/AWSLogs"},
		`there is no file and no folder "logz"`:                                                              {"logz"},
		"event-history is CloudTrail's own":                                                                  {"eventhistory"},
		"a place in S3 is s3://BUCKET/PREFIX":                                                                {"S3://logs"},
		"a place in S3 is s3://BUCKET/PREFIX, and":                                                           {"s3:/logs"},
		"/dev/stdin for standard input":                                                                      {"-"},
		"--keep is for s3://BUCKET/PREFIX, which is not there":                                               {".", "--keep", "kept"},
		`--account "12": want an id of 12 digits`:                                                            {".", "--account", "12"},
		`--region "virginia": want a name such as us-east-1`:                                                 {".", "--region", "virginia"},
		"--out no-such-folder/page.html: there is no folder no-such-folder":                                  {".", "--out", "no-such-folder/page.html"},
		"--out testdata: want a file, and testdata is a folder":                                              {".", "--out", "testdata"},
		tooOld: {"event-history", "--to", "2020-01-01"},
	} {
		_, run := backtestOf(t, &cfg, args...)
		if run.status != 1 || !strings.Contains(run.errs, want) {
			t.Errorf("%q: status %d, %s, want %s", args, run.status, run.errs, want)
		}
	}
}

// action is a permission of IAM, as s3:GetObject.
var action = regexp.MustCompile(`\b[a-z0-9]+:[A-Z][A-Za-z0-9]+\b`)

// TestThePolicyOfThePageHasWhatEachSourceNeeds: the table of permissions and the policy name the same actions, but for
// kms:Decrypt, whose key nobody knows; and the help names the page.
func TestThePolicyOfThePageHasWhatEachSourceNeeds(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/backtest.md")
	if err != nil {
		t.Fatal(err)
	}
	_, permissions, _ := strings.Cut(string(page), "\n## Permissions\n")
	table, rest, _ := strings.Cut(permissions, "```json\n")
	text, _, found := strings.Cut(rest, "```")
	var policy struct{ Statement []struct{ Action any } }
	if err := json.Unmarshal([]byte(text), &policy); err != nil || !found {
		t.Fatalf("%v: %s", err, text)
	}
	unique := func(words []string) []string { slices.Sort(words); return slices.Compact(words) }
	var allowed []string
	for _, statement := range policy.Statement {
		allowed = append(allowed, action.FindAllString(fmt.Sprint(statement.Action), -1)...)
	}
	wanted := slices.DeleteFunc(action.FindAllString(table, -1), func(name string) bool { return name == "kms:Decrypt" })
	if diff := cmp.Diff(unique(wanted), unique(allowed)); diff != "" || len(allowed) < 10 {
		t.Errorf("the table (-) and the policy (+):\n%s", diff)
	}
	if !strings.Contains(historyHelp, "deploy/docs/backtest.md") {
		t.Error("the help does not name the page")
	}
}
