package wiring

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/busevents"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
)

// alerts is the alert topic, and the event bus beside it where EVENTS is on.
func alerts(env settings.Settings, config aws.Config, log *slog.Logger) remediate.Publisher {
	topic := snstopic.Topic{Client: sns.NewFromConfig(config), ARN: env.AlertTopicARN}
	if !env.Events {
		return topic
	}
	return busevents.TopicAndBus{Topic: topic, Bus: bus(env, config), Log: log}
}

// bus is the default event bus of the function's region. Its endpoint is the
// service's own variable, or that of all services, or AWS's.
func bus(env settings.Settings, config aws.Config) busevents.Bus {
	topic, err := arn.Parse(env.AlertTopicARN)
	if err != nil {
		topic.Partition = "aws" // settings.Read has seen to that
	}
	var client busevents.Client = config.HTTPClient
	if config.HTTPClient == nil {
		client = awserr.HTTPClient()
	}
	return busevents.Bus{
		Client:      countedClient{client},
		Credentials: config.Credentials,
		Region:      config.Region,
		Partition:   topic.Partition,
		URL:         cmp.Or(env.EventsURL, aws.ToString(config.BaseEndpoint), busevents.URL(topic.Partition, config.Region)),
		Now:         time.Now,
		Pause:       Pause,
	}
}

// countedClient counts requests as Counted does, for a call that no client of the SDK
// makes.
type countedClient struct{ busevents.Client }

func (c countedClient) Do(request *http.Request) (*http.Response, error) {
	if line := metrics.From(request.Context()); line != nil {
		defer line.Calls.Began()()
	}
	return c.Client.Do(request)
}
