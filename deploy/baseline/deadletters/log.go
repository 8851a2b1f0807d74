package deadletters

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// CloudWatchLogs keeps lines in CloudWatch Logs.
type CloudWatchLogs struct{ Client *cloudwatchlogs.Client }

// StreamOf returns the name of the log stream for a time: one for each day, in UTC.
func StreamOf(at time.Time) string { return "redrive-discard/" + at.UTC().Format("2006/01/02") }

// Record writes a line into the day's stream.
func (l CloudWatchLogs) Record(ctx context.Context, group string, at time.Time, line string) error {
	stream := StreamOf(at)
	_, err := l.Client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream})
	var there *types.ResourceAlreadyExistsException
	if err != nil && !errors.As(err, &there) {
		return fmt.Errorf("create the log stream %s of log group %s: %w", stream, group, err)
	}
	answer, err := l.Client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: &group, LogStreamName: &stream,
		LogEvents: []types.InputLogEvent{{Message: aws.String(strings.TrimSpace(line)), Timestamp: aws.Int64(at.UnixMilli())}},
	})
	if err != nil {
		return fmt.Errorf("write to the log stream %s of log group %s: %w", stream, group, err)
	}
	if answer.RejectedLogEventsInfo != nil {
		return fmt.Errorf("write to the log stream %s of log group %s: CloudWatch Logs does not take a line of %s: is this machine's clock right?",
			stream, group, at.UTC().Format(time.RFC3339))
	}
	return nil
}
