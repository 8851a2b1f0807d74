package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
)

type topicAttributes struct {
	Entries []topicAttribute `xml:"Attributes>entry"`
}

type topicAttribute struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

func TestTheSweepReportsWhereNobodyGetsTheMails(t *testing.T) {
	t.Parallel()
	const mails = "arn:aws:sns:us-east-1:111122223333:mails"
	watched := settings.Sweeper{MailTopicARN: mails, MailSubscriber: true}
	cases := map[string]struct {
		own              settings.Sweeper
		confirmed        string
		calls            int
		logged, measured string // parts of the log and of the line; empty for none
	}{
		"somebody gets them":       {watched, "1", 1, "", `"MailTopicUnconfirmed":0`},
		"nobody gets them":         {watched, "0", 1, `"msg":"` + snstopic.Unconfirmed + `"`, `"MailTopicUnconfirmed":1`},
		"SNS does not say":         {watched, "?", 1, `"level":"ERROR","msg":"nobody knows whether`, ""},
		"nobody asked for mails":   {settings.Sweeper{MailTopicARN: mails}, "0", 0, "", ""},
		"there is no topic to ask": {settings.Sweeper{MailSubscriber: true}, "0", 0, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := awsstub.New(0, map[string]awsstub.Handler{"GetTopicAttributes": func(awsstub.Request) (any, error) {
				return topicAttributes{[]topicAttribute{{"SubscriptionsConfirmed", c.confirmed}}}, nil
			}})
			t.Cleanup(s.Close)
			var log, lines bytes.Buffer
			ctx, line := metrics.Begin(context.Background(), "sweeper", "1", time.Now())
			handler{own: c.own, config: s.Config(), log: slog.New(slog.NewJSONHandler(&log, nil))}.watchMails(ctx)
			if err := metrics.NewLog("sgwarden", &lines).Write(line, time.Now(), nil); err != nil {
				t.Fatal(err)
			}
			if len(s.Requests()) != c.calls || !strings.Contains(log.String(), c.logged) || (c.logged == "") != (log.Len() == 0) {
				t.Errorf("%d calls, logged %s", len(s.Requests()), &log)
			}
			if !strings.Contains(lines.String(), c.measured) || (c.measured == "") == strings.Contains(lines.String(), `"MailTopicUnconfirmed":`) {
				t.Errorf("wrote %s", &lines)
			}
		})
	}
}
