package snstopic_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
)

type attributes struct {
	Entries []attribute `xml:"Attributes>entry"`
}

type attribute struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

func TestATopicIsConfirmedWhereSNSCountsAConfirmedSubscription(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		entries   []attribute
		fault     *awsstub.Error
		confirmed bool
		want      string
	}{
		"one subscription":          {entries: []attribute{{"SubscriptionsPending", "0"}, {"SubscriptionsConfirmed", "1"}}, confirmed: true},
		"many subscriptions":        {entries: []attribute{{"SubscriptionsConfirmed", "12"}}, confirmed: true},
		"none":                      {entries: []attribute{{"SubscriptionsConfirmed", "0"}}},
		"one that nobody confirmed": {entries: []attribute{{"SubscriptionsPending", "1"}, {"SubscriptionsConfirmed", "0"}}},
		"SNS does not say":          {want: `SubscriptionsConfirmed is "": want a number`},
		"SNS refuses":               {fault: &awsstub.Error{Code: "AuthorizationError", Message: "not you", Status: 403}, want: "not you"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := awsstub.New(0, map[string]awsstub.Handler{
				"GetTopicAttributes": func(r awsstub.Request) (any, error) {
					if r.Form.Get("TopicArn") != arn || c.fault != nil {
						return nil, c.fault
					}
					return attributes{c.entries}, nil
				},
			})
			t.Cleanup(s.Close)
			confirmed, err := snstopic.Subscribers{Client: sns.NewFromConfig(s.Config())}.Confirmed(context.Background(), arn)
			if confirmed != c.confirmed || (err != nil) != (c.want != "") {
				t.Errorf("got %v, %v", confirmed, err)
			}
			if err != nil && (!strings.HasPrefix(err.Error(), "read the attributes of the topic "+arn) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
}
