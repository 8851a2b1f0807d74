package cloudtrail

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// object is a JSON object. The order of keys means nothing in any of AWS's messages.
type object map[string]any

// envelope is what EventBridge puts around a detail:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/aws-events.html
type envelope struct {
	ID, DetailType, Source, Account, Region string
	Time                                    time.Time
	Resources                               []string
	Detail                                  object
}

func (e envelope) message() (json.RawMessage, error) {
	if e.ID == "" || e.Account == "" || e.Region == "" || e.Time.IsZero() {
		return nil, fmt.Errorf("envelope id %q, account %q, region %q and time %v must all be set",
			e.ID, e.Account, e.Region, e.Time)
	}
	resources := e.Resources
	if resources == nil {
		resources = []string{} // AWS sends [], never null
	}
	message, err := json.Marshal(object{
		"version": "0", "id": e.ID, "detail-type": e.DetailType, "source": e.Source, "account": e.Account,
		"time": eventTime(e.Time), "region": e.Region, "resources": resources, "detail": e.Detail,
	})
	if err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	return message, nil
}

// NewID makes a random UUID, which is what the ids of events are.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func eventTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func arn(service, region, account, resource string) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return strings.Join([]string{"arn", partition, service, region, account, resource}, ":")
}
