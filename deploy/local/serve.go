package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/cloud"
)

// serve keeps a local AWS running until ctx ends.
func serve(ctx context.Context, s *screen, options settings) (err error) {
	options.cloud.Mailed = func(m cloud.Mail) {
		s.printf("\n%s\n%s", s.style(bold, "Mail, "+m.Time.Format("15:04:05.000")), letter(m))
	}
	options.cloud.Alerted = func(a cloud.Alert) {
		if options.json {
			s.printf("\n%s\n%s\n", s.style(bold, "Alert, "+a.Time.Format("15:04:05.000")), a.JSON)
		}
	}
	options.cloud.Delivered = func(d bus.Delivery) {
		if d.Result.Error == nil {
			return
		}
		s.title(fmt.Sprintf("The function failed %d times on an event, %s", d.Attempts, time.Now().Format("15:04:05.000")))
		s.quote(d.Result.Error.Error() + "\nThe event is in " + d.Queue)
	}
	st, err := setUp(ctx, s, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	s.title("The groups under guard")
	st.printGroups()
	s.title("In another terminal")
	s.printf("%s\n", indent(st.commands()))
	st.progress("running; mails appear here, as people get them. ^C ends it.")
	<-ctx.Done()
	s.printf("\n")
	st.progress("stopping")
	return nil
}

// commands are what a person can try.
func (st *stage) commands() string {
	front, database := st.groups.Named("ecs-front").ID, st.groups.Named("rds").ID
	var exports []string
	for _, variable := range st.Environment() {
		if !strings.HasSuffix(variable, "=") {
			exports = append(exports, variable)
		}
	}
	return "export " + strings.Join(exports, " \\\n       ") + `

# open SSH to the world on the front end, look what is left of it, and read the baseline that doesn't permit it
aws ec2 authorize-security-group-ingress --group-id ` + front + ` --protocol tcp --port 22 --cidr 0.0.0.0/0
aws ec2 describe-security-group-rules --filters Name=group-id,Values=` + front + ` --output table
aws ssm get-parameter --name ` + prefix + `/groups/` + front + ` --query Parameter.Value --output text

# let the database talk to anybody
aws ec2 authorize-security-group-egress --group-id ` + database + ` --ip-permissions 'IpProtocol=-1,IpRanges=[{CidrIp=0.0.0.0/0}]'

# approve a rule, for good or with --expires 1m --reason test instead; open it; then widen it under the same id, which makes another event
go run ./deploy/baseline allow ` + front + ` 'ingress tcp 443 10.0.0.0/16' --for-good
aws ec2 authorize-security-group-ingress --group-id ` + front + ` --protocol tcp --port 443 --cidr 10.0.0.0/16
id=$(aws ec2 describe-security-group-rules --filters Name=group-id,Values=` + front + ` --query "SecurityGroupRules[?CidrIpv4=='10.0.0.0/16'].SecurityGroupRuleId" --output text)
aws ec2 modify-security-group-rules --group-id ` + front + ` --security-group-rules "SecurityGroupRuleId=$id,SecurityGroupRule={IpProtocol=tcp,FromPort=443,ToPort=443,CidrIpv4=0.0.0.0/0}"

# put an event into the dead letters (version 1 of the AWS CLI needs --endpoint-url for SQS), and replay them; without
# "replay --yes" redrive.sh only shows them
queue=$(aws cloudformation describe-stacks --stack-name sgwarden --query "Stacks[0].Outputs[?OutputKey=='RemediatorUndeliveredUrl'].OutputValue" --output text)
aws sqs send-message --endpoint-url "$AWS_ENDPOINT_URL" --queue-url "$queue" --message-body file://events/authorize-ingress-ipv4.json
deploy/redrive.sh replay --yes

# sweep now rather than when the schedule says so, and see what came of it
aws lambda invoke --function-name sgwarden-sweeper /dev/stdout
`
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
