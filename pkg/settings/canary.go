package settings

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Canary is what only the canary's function has in its environment.
type Canary struct {
	QueueURL string        // CANARY_QUEUE_URL: the SQS queue that gets the alerts of kind canary
	Within   time.Duration // CANARY_WAIT_SECONDS: how long the revert and its alert may take; default 10 minutes
}

// defaultWait is generous: AWS publishes no figure for how long CloudTrail's events take to
// EventBridge, and CloudTrail delivers to S3 after 5 minutes on average (CloudTrail User
// Guide, "How CloudTrail works"). The metric CanarySeconds says how long it took.
const defaultWait = 10 * time.Minute

// longestWait leaves time to clean up within Lambda's 15 minutes.
const longestWait = 840

// ReadCanary reads them through get, as Read does. The canary can't do without a
// group, so it also wants CANARY_GROUP_ID.
func ReadCanary(get func(string) string) (Canary, error) {
	var wrong []error
	if get("CANARY_GROUP_ID") == "" {
		wrong = append(wrong, errors.New(`CANARY_GROUP_ID is "": want the id of the canary's security group`))
	}
	c := Canary{QueueURL: get("CANARY_QUEUE_URL"), Within: defaultWait}
	if queue, err := url.Parse(c.QueueURL); err != nil || queue.Host == "" || queue.Path == "" {
		wrong = append(wrong, fmt.Errorf("CANARY_QUEUE_URL is %q: want the URL of an SQS queue", c.QueueURL))
	}
	if text := get("CANARY_WAIT_SECONDS"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 1 || seconds > longestWait {
			wrong = append(wrong, fmt.Errorf("CANARY_WAIT_SECONDS is %q: want 1 to %d", text, longestWait))
		}
		c.Within = time.Duration(seconds) * time.Second
	}
	return c, errors.Join(wrong...)
}
