package deploy_test

const (
	batches  = "alerts reach the notifier in batches"
	people   = "people hear of mails and alarms alone"
	mailing  = "only the notifier writes mails"
	unheard  = "what only people notice has an alarm"
	extras   = "chat and events are off unless asked for"
	board    = "the dashboard shows metrics that there are"
	runbook  = "each alarm names its section of the runbook"
	variable = "functions have the environment that they read"
)

// brokenNotifier breaks the way from an alert to people.
var brokenNotifier = []breakage{
	{"a mail for each alert", batches, "MaximumBatchingWindowInSeconds: !Ref MailWaitSeconds", "MaximumBatchingWindowInSeconds: 0"},
	{"a batch that fails as a whole", batches, "      FunctionResponseTypes: [ReportBatchItemFailures]\n", ""},
	{"notifiers without a limit", batches, "      ScalingConfig: {MaximumConcurrency: 2}\n", ""},
	{"a mapping of another queue", batches, "EventSourceArn: !GetAtt AlertQueue.Arn", "EventSourceArn: !GetAtt NotifierFailures.Arn"},
	{"alerts that come back while they are mailed", batches, "VisibilityTimeout: 720", "VisibilityTimeout: 120"},
	{"alerts that SNS loses", batches, "      RedrivePolicy: {deadLetterTargetArn: !GetAtt NotifierFailures.Arn} # for alerts", "      # for alerts"},
	{"alerts that come before the queue lets them", batches, "DependsOn: [AlertQueuePolicy, NotifierFailuresPolicy]", "DependsOn: [NotifierFailuresPolicy]"},
	{"alerts that are tried for ever", "what cannot be delivered or processed is kept", "      RedrivePolicy: {deadLetterTargetArn: !GetAtt NotifierFailures.Arn, maxReceiveCount: 5}\n", ""},
	{"alerts that are given up at once", "what cannot be delivered or processed is kept", "maxReceiveCount: 5", "maxReceiveCount: 1"},
	{"a function that nobody invokes", "what cannot be delivered or processed is kept", "    Type: AWS::Lambda::EventSourceMapping\n", "    Type: AWS::Lambda::Alias\n"},
	{"a topic that may not send to the queue", "only its rules may use a target and its queue", "            Resource: !GetAtt AlertQueue.Arn\n            Condition: {ArnEquals: {aws:SourceArn: !Ref AlertTopic}}", "            Resource: !GetAtt AlertQueue.Arn"},
	{"a topic that may not send to the dead letters", "only its rules may use a target and its queue", "            Resource: !GetAtt NotifierFailures.Arn\n            Condition: {ArnEquals: {aws:SourceArn: !Ref AlertTopic}}", "            Resource: !GetAtt NotifierFailures.Arn"},
	{"a notifier without permissions", "each function waits for its permissions", "DependsOn: NotifierPolicy\n    Properties:\n      FunctionName: !Sub", "DependsOn: AlertQueue\n    Properties:\n      FunctionName: !Sub"},
	{"a notifier stopped by its timeout", "functions are small arm64 binaries", "Timeout: 120", "Timeout: 60"},
	{"people who get every alert", people, "      TopicArn: !Ref MailTopic\n", "      TopicArn: !Ref AlertTopic\n"},
	{"mails through a filter", people, "      TopicArn: !Ref MailTopic\n", "      TopicArn: !Ref MailTopic\n      FilterPolicy: {kind: [drift]}\n"},
	{"one subscription for both", people, "      TopicArn: !Ref AlarmTopic\n", "      TopicArn: !Ref MailTopic\n"},
	{"a remediator that writes mails", mailing, "Resource: !Ref AlertTopic\n          - Sid: EncryptAlerts", "Resource: [!Ref AlertTopic, !Ref MailTopic]\n          - Sid: EncryptAlerts"},
	{"a notifier that can't report contention", mailing, "[!Ref AlarmTopic, !Ref MailTopic, !If", "[!Ref MailTopic, !If"},
	{"a mail topic for everybody", mailing, "Topics: [!Ref AlarmTopic]", "Topics: [!Ref AlarmTopic, !Ref MailTopic]"},
	{"a notifier that can't remember", inReach, "Action: [ssm:GetParameters, ssm:PutParameter]\n            Resource: " + ofSSM + "/told/*", "Action: [ssm:GetParameters]\n            Resource: " + ofSSM + "/told/*"},
	{"a notifier that writes documents", narrow, "Action: [ssm:GetParameters, ssm:PutParameter]\n            Resource: " + ofSSM + "/told/*", "Action: [ssm:GetParameters, ssm:PutParameter]\n            Resource: " + ofSSM + "/*"},
	{"events in the name of AWS", narrow, "              Condition: {StringEquals: {events:source: sgwarden}}\n", ""},
	{"events on every bus", narrow, "event-bus/default", "event-bus/*"},
	{"a late mail that nobody notices", unheard, "MetricName: ApproximateAgeOfOldestMessage", "MetricName: ApproximateNumberOfMessagesVisible"},
	{"contention that nobody notices", unheard, "MetricName: Contention", "MetricName: Reverted"},
	{"contention of another stack", unheard, "      Namespace: !Sub sgwarden/${AWS::StackName}\n      MetricName: Contention", "      Namespace: sgwarden\n      MetricName: Contention"},
	{"a lost subscription that nobody notices", unheard, "Dimensions: [{Name: function, Value: !Sub \"${AWS::StackName}-sweeper\"}]", "Dimensions: [{Name: function, Value: !Sub \"${AWS::StackName}-notifier\"}]"},
	{"an alarm on lost mails for another queue", "everything that can go wrong has an alarm", "!GetAtt NotifierFailures.QueueName", "!GetAtt AlertQueue.QueueName"},
	{"no alarm on the notifier's errors", "everything that can go wrong has an alarm", "MetricName: Errors\n      Dimensions: [{Name: FunctionName, Value: !Ref NotifierFunction}]", "MetricName: Errors\n      Dimensions: [{Name: FunctionName, Value: !Ref SweeperFunction}]"},
	{"a chat by default", extras, "  Chat:\n    Type: String\n    Default: \"off\"", "  Chat:\n    Type: String\n    Default: \"on\""},
	{"a chat topic that is always there", extras, "    Type: AWS::SNS::Topic\n    Condition: ChatOn\n", "    Type: AWS::SNS::Topic\n"},
	{"events that may always be put", extras, "            - EventsOn\n", "            - CanaryOn\n"},
	{"a dashboard of what nobody writes", board, "\"Reverted\", \"function\"", "\"Undone\", \"function\""},
	{"a dashboard that is no JSON", board, "{\"widgets\": [", "{\"widgets\": "},
	{"a dashboard of another region", board, "\"region\": \"${AWS::Region}\"", "\"region\": \"us-east-1\""},
	{"an alarm without advice", runbook, "deploy/RUNBOOK.md#remediatorerrorsalarm", "the log."},
	{"an alarm with another's advice", runbook, "#sweepererrorsalarm", "#remediatorerrorsalarm"},
	{"a notifier without its topic", variable, "          MAIL_TOPIC_ARN: !Ref MailTopic\n", ""},
	{"a notifier that guesses", variable, "          CONTENTION_REVERTS: !Ref ContentionReverts\n", ""},
	{"metrics that mix", variable, "METRIC_NAMESPACE: !Sub sgwarden/${AWS::StackName}", "METRIC_NAMESPACE: sgwarden"},
}
