package proxy_test

import (
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

func TestWritesToParameterStoreBecomeEvents(t *testing.T) {
	t.Parallel()
	bus := &events{}
	client := ssm.NewFromConfig(start(t, proxy.Config{Bus: bus}).Client(awsconfig.Keys))
	put := func(name string, overwrite bool) error {
		input := &ssm.PutParameterInput{Name: &name, Value: aws.String("{}"), Overwrite: &overwrite}
		if !overwrite {
			input.Type = types.ParameterTypeString
		}
		_, err := client.PutParameter(t.Context(), input)
		return err
	}
	for _, err := range []error{put("/events/a", false), put("/events/b", false), put("/events/a", true)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if put("/events/a", false) == nil {
		t.Fatal("moto overwrote a parameter")
	}
	if _, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/events/a")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteParameters(t.Context(), &ssm.DeleteParametersInput{Names: []string{"/events/a", "/events/none"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/events/b")}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range bus.take(t) {
		if e.DetailType != "Parameter Store Change" || e.Source != "aws.ssm" || e.Account != account {
			t.Errorf("envelope %+v", e)
		}
		got = append(got, e.Detail.Operation+" "+e.Detail.Type+" "+e.Detail.Name)
	}
	want := []string{
		"Create String /events/a", "Create String /events/b", "Update String /events/a",
		"Delete String /events/a", "Delete String /events/b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestOfManyWritesAtOnceTheFirstIsToldAsTheCreation(t *testing.T) {
	t.Parallel()
	bus := &events{}
	client := ssm.NewFromConfig(start(t, proxy.Config{Bus: bus}).Client(awsconfig.Keys))
	var all sync.WaitGroup
	for range 5 {
		for _, name := range []string{"/at-once/a", "/at-once/b"} {
			all.Go(func() {
				if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{
					Name: &name, Value: aws.String("x"), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
				}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for _, order := range [][]string{{"/at-once/a", "/at-once/b"}, {"/at-once/b", "/at-once/a"}} {
		all.Go(func() {
			if _, err := client.DeleteParameters(t.Context(), &ssm.DeleteParametersInput{Names: order}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := map[string][]string{}
	for _, e := range bus.take(t) {
		got[e.Detail.Name] = append(got[e.Detail.Name], e.Detail.Operation)
	}
	want := []string{"Create", "Update", "Update", "Update", "Update", "Delete"}
	if diff := cmp.Diff(map[string][]string{"/at-once/a": want, "/at-once/b": want}, got); diff != "" {
		t.Errorf("operations by parameter (-want +got):\n%s", diff)
	}
}

func TestPublishedMessagesAreKeptWithThePartsOfAllProtocols(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []proxy.Publication
	p := start(t, proxy.Config{Bus: &events{}, Published: func(publication proxy.Publication) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, publication)
	}})
	client := sns.NewFromConfig(p.Client(awsconfig.Keys))
	topic, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("published")})
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]snstypes.MessageAttributeValue{
		"kind":     {DataType: aws.String("String"), StringValue: aws.String("drift")},
		"severity": {DataType: aws.String("String"), StringValue: aws.String("high")},
	}
	if _, err := client.Publish(t.Context(), &sns.PublishInput{
		TopicArn: topic.TopicArn, Subject: aws.String("a subject"), MessageStructure: aws.String("json"),
		Message: aws.String(`{"default":"for machines","email":"for people"}`), MessageAttributes: attributes,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Publish(t.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("plain"), MessageAttributes: attributes}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String(*topic.TopicArn + "-gone"), Message: aws.String("lost")}); err == nil {
		t.Fatal("moto took a message for a topic that isn't there")
	}
	if len(got) != 2 {
		t.Fatalf("kept %d messages, want 2", len(got))
	}
	type parts struct{ Topic, Subject, Email, Queue, Kind, Severity string }
	var seen []parts
	for _, m := range got {
		if m.MessageID == "" {
			t.Error("no message id")
		}
		seen = append(seen, parts{m.TopicARN, m.Subject, m.Part("email"), m.Part("sqs"), m.Attributes["kind"], m.Attributes["severity"]})
	}
	want := []parts{
		{*topic.TopicArn, "a subject", "for people", "for machines", "drift", "high"},
		{*topic.TopicArn, "", "plain", "plain", "drift", "high"},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestEachVersionOfAParameterHasTheOneWhoWroteIt(t *testing.T) {
	t.Parallel()
	const name = "/authors/a"
	endpoint := start(t, proxy.Config{Bus: &events{}})
	role := proxy.Role(account, "arn:aws:iam::"+account+":role/ci", "run-1", "2026-11-25T00:00:00Z")
	endpoint.Register("ANA", proxy.Principal{Identity: proxy.User(account, "ana")})
	endpoint.Register("CI", proxy.Principal{Identity: role})
	for _, key := range []string{"ANA", "CI"} {
		client := ssm.NewFromConfig(endpoint.Client(aws.Credentials{AccessKeyID: key, SecretAccessKey: "x"}))
		if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String(name), Value: aws.String(key), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
		}); err != nil {
			t.Fatal(err)
		}
	}
	client := ssm.NewFromConfig(endpoint.Client(awsconfig.Keys))
	history, err := client.GetParameterHistory(t.Context(), &ssm.GetParameterHistoryInput{Name: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, version := range history.Parameters {
		got = append(got, aws.ToString(version.Value)+" by "+aws.ToString(version.LastModifiedUser))
	}
	want := []string{"ANA by arn:aws:iam::" + account + ":user/ana", "CI by " + role.ARN}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	described, err := client.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, p := range described.Parameters {
		if aws.ToString(p.Name) == name && aws.ToString(p.LastModifiedUser) == role.ARN {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d descriptions of %s name who wrote the last version, want 1", found, name)
	}
}
