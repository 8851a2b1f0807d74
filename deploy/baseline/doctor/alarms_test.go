package doctor

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

type alarming struct {
	alarms []types.MetricAlarm
	err    error
}

func (a alarming) DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: a.alarms}, a.err
}

func anAlarm(state types.StateValue, topic string, enabled bool) []types.MetricAlarm {
	return []types.MetricAlarm{{
		AlarmName: aws.String("sgwarden-A-1"), StateValue: state, AlarmActions: []string{topic}, ActionsEnabled: &enabled, StateUpdatedTimestamp: &now,
		AlarmDescription: aws.String("A sweep failed. See deploy/RUNBOOK.md#sweepererrorsalarm"),
	}}
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	const topic = "arn:aws:sns:us-east-1:111122223333:alarms"
	resources := []Resource{{"A", "sgwarden-A-1", "AWS::CloudWatch::Alarm"}}
	for name, c := range map[string]struct {
		client    alarming
		resources []Resource
		want      Check
	}{
		"none is on":                   {alarming{anAlarm(types.StateValueOk, topic, true), nil}, resources, Check{"alarms", OK, "1 alarm: none is on", ""}},
		"one without data is not on":   {alarming{anAlarm(types.StateValueInsufficientData, topic, true), nil}, resources, Check{"alarms", OK, "1 alarm: none is on", ""}},
		"one is on":                    {alarming{anAlarm(types.StateValueAlarm, topic, true), nil}, resources, Check{"alarm sgwarden-A-1", Fail, "is on since 03:00 UTC", "deploy/RUNBOOK.md#sweepererrorsalarm"}},
		"one notifies nobody":          {alarming{anAlarm(types.StateValueOk, topic, false), nil}, resources, Check{"alarm sgwarden-A-1", Warn, "tells nobody: its actions are disabled", "aws cloudwatch enable-alarm-actions --alarm-names sgwarden-A-1 --region us-east-1"}},
		"one is deleted":               {alarming{anAlarm(types.StateValueOk, topic, true), nil}, append(resources, Resource{"B", "sgwarden-B-1", "AWS::CloudWatch::Alarm"}), Check{"alarm B", Fail, "the alarm sgwarden-B-1 is gone, or does not publish to the alarm topic", rebuild(aStack())}},
		"none is there":                {alarming{}, nil, Check{"alarms", Fail, "no alarm of the stack is there, so nobody hears when a part of sgwarden fails", rebuild(aStack())}},
		"those of others do not count": {alarming{anAlarm(types.StateValueAlarm, "arn:other", true), nil}, nil, Check{"alarms", Fail, "no alarm of the stack is there, so nobody hears when a part of sgwarden fails", rebuild(aStack())}},
		"no permission":                {alarming{nil, denied}, resources, unknown("alarms", "cloudwatch:DescribeAlarms", denied)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, Alarms(t.Context(), c.client, aStack(), c.resources, "us-east-1", now), c.want)
		})
	}
}
