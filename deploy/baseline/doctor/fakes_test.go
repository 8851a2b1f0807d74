package doctor

import (
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

var now = time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)

var denied = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}

// here says whose credentials are in use.
var here = account.Identity{Account: "111122223333", Alias: "acme", ARN: "arn:aws:sts::111122223333:assumed-role/ops/ana"}

// aStack is a stack that works.
func aStack() deadletters.Stack {
	return deadletters.Stack{
		Name: "sgwarden", Account: "111122223333", Status: "CREATE_COMPLETE", Created: now.Add(-24 * time.Hour),
		Parameters: map[string]string{"Mode": "enforce", "SweepSchedule": "rate(15 minutes)", "BaselinePrefix": "/sg-baseline"},
		Outputs: map[string]string{
			"AlertTopicArn": "arn:aws:sns:us-east-1:111122223333:alerts", "MailTopicArn": "arn:aws:sns:us-east-1:111122223333:mails",
			"AlarmTopicArn": "arn:aws:sns:us-east-1:111122223333:alarms", "AlertQueueUrl": "https://sqs/111122223333/alert-queue",
			"SweeperFunctionName": "sgwarden-sweeper", "SweeperLogGroupName": "sweeper-log", "NotifierFunctionName": "sgwarden-notifier",
			"RemediatorFunctionName": "sgwarden-remediator",
		},
	}
}

// expect compares checks.
func expect(t *testing.T, got []Check, want ...Check) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
