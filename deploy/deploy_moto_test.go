package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

// scripted runs parts of deploy.sh against an AWS of its own.
type scripted struct{ env []string }

func startScripted(t *testing.T) scripted {
	t.Helper()
	server := localtest.Moto(t)
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			env = append(env, variable)
		}
	}
	return scripted{append(env, awsconfig.Environment(server.URL, awsconfig.Keys)...)}
}

// bash runs a script beside deploy.sh's functions, and returns what it prints.
func (s scripted) bash(t *testing.T, script string) string {
	t.Helper()
	const functions = `set -euo pipefail
for file in common.sh deploy-checks.sh deploy-trail.sh deploy-stack.sh deploy-consequences.sh deploy-regions.sh; do source "$PWD/$file"; done
tmp=$(mktemp -d) notes=$tmp root=$PWD/.. template=$PWD/template.yaml
trap 'rm -rf "$tmp"' EXIT
region=us-east-1 options=() previous=() zips_given=no failures=0
`
	cmd := exec.CommandContext(t.Context(), "bash", "-c", functions+script)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", script, err, out)
	}
	return string(out)
}

func TestATrailIsFoundWhereItLogsWhatChangesGroups(t *testing.T) {
	t.Parallel()
	s := startScripted(t)
	if got := s.bash(t, "check_trails"); !strings.Contains(got, "FAILED   CloudTrail") || !strings.Contains(got, "there is no trail") {
		t.Errorf("without a trail: %s", got)
	}
	s.bash(t, `aws s3api create-bucket --bucket trails >/dev/null
aws cloudtrail create-trail --name main --s3-bucket-name trails >/dev/null`)
	if got := s.bash(t, "check_trails"); !strings.Contains(got, "trail main does not log now") {
		t.Errorf("with a trail that does not log: %s", got)
	}
	got := s.bash(t, "aws cloudtrail start-logging --name main; check_trails")
	if !strings.Contains(got, "ok       trail main logs management events") {
		t.Errorf("with a trail that logs, without selectors: %s", got)
	}
	arn := "arn:aws:cloudtrail:" + awsconfig.Region + ":123456789012:trail/main"
	const management = `{"Field": "eventCategory", "Equals": ["Management"]}`
	// moto keeps the selectors of the other kind beside new ones, where AWS replaces them. So the basic ones come first.
	for _, row := range []struct {
		name, selectors string
		hears           bool
	}{
		{"all management events", `--event-selectors [{"ReadWriteType":"All","IncludeManagementEvents":true}]`, true},
		{"writes only", `--event-selectors [{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true}]`, true},
		{"reads only", `--event-selectors [{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true}]`, false},
		{"data events only", `--event-selectors [{"ReadWriteType":"All","IncludeManagementEvents":false}]`, false},
		{"advanced, all management events", advanced(management), true},
		{"advanced, reads only", advanced(management, `{"Field": "readOnly", "Equals": ["true"]}`), false},
		{"advanced, writes only", advanced(management, `{"Field": "readOnly", "Equals": ["false"]}`), true},
		{"advanced, all but KMS", advanced(management, `{"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}`), true},
		{"advanced, all but EC2", advanced(management, `{"Field": "eventSource", "NotEquals": ["ec2.amazonaws.com"]}`), false},
		{"advanced, IAM only", advanced(management, `{"Field": "eventSource", "Equals": ["iam.amazonaws.com"]}`), false},
		{"advanced, data events only", advanced(`{"Field": "eventCategory", "Equals": ["Data"]}`), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			option, text, _ := strings.Cut(row.selectors, " ")
			why := s.bash(t, fmt.Sprintf("aws cloudtrail put-event-selectors --trail-name main %s '%s' >/dev/null; why_deaf %s us-east-1", option, text, arn))
			if deaf := strings.HasPrefix(why, "logs no management events that write"); deaf == row.hears || row.hears && why != "" {
				t.Errorf("it is deaf because it %q, want that it hears: %t", why, row.hears)
			}
		})
	}
}

func advanced(fields ...string) string {
	return `--advanced-event-selectors [{"Name": "all", "FieldSelectors": [` + strings.Join(fields, ", ") + `]}]`
}

func TestWhatEnforcementWouldRevokeIsPrinted(t *testing.T) {
	t.Parallel()
	s := startScripted(t)
	dir := filepath.Join(t.TempDir(), "baselines")
	got := s.bash(t, fmt.Sprintf(`./baseline.sh capture --all --out %q >/dev/null
./baseline.sh push %q --yes >/dev/null
tell_drift`, dir, dir))
	if want := "  drift    nothing would be revoked now\n"; got != want {
		t.Errorf("as approved: %q, want %q", got, want)
	}
	id := strings.TrimSpace(s.bash(t, `id=$(aws ec2 describe-security-groups --query 'SecurityGroups[0].GroupId' --output text)
aws ec2 authorize-security-group-ingress --group-id "$id" --protocol tcp --port 22 --cidr 203.0.113.7/32 >/dev/null
echo "$id"`))
	const rule = " default  ingress tcp 22 203.0.113.7/32\n"
	if got, want := s.bash(t, "tell_drift"), "  drift    1 live rule would be revoked now:\n    "+id+rule; got != want {
		t.Errorf("with a rule that nothing permits: %q, want %q", got, want)
	}
	got = s.bash(t, "options=(Mode=alert); tell_drift")
	if want := "  drift    nothing would be revoked; 1 live rule would be reported, which enforcement would revoke:\n    " + id + rule; got != want {
		t.Errorf("in mode alert: %q, want %q", got, want)
	}
	got = s.bash(t, "options=(BaselinePrefix=/else); tell_drift")
	if want := "  drift    nothing would be revoked: there is no baseline and no guardrail under /else yet\n"; got != want {
		t.Errorf("with a prefix without baselines: %q, want %q", got, want)
	}
}
