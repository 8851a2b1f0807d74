package mail

import (
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestWhoDidItNamesTheRightPersonAndWhomToAsk(t *testing.T) {
	t.Parallel()
	const sts, iam = "arn:aws:sts::123456789012:", "arn:aws:iam::123456789012:"
	cases := map[string]struct {
		actor     alert.Actor
		want, ask string
	}{
		"a role's session": {
			alert.Actor{Type: "AssumedRole", ARN: sts + "assumed-role/terraform-ci/ana", SourceIP: "203.0.113.7"},
			"role terraform-ci, session ana, from 203.0.113.7", "ana",
		},
		"a source identity": {
			alert.Actor{ARN: sts + "assumed-role/terraform-ci/ana", SourceIdentity: "bo@example.com"},
			"role terraform-ci, session ana, source identity bo@example.com", "bo@example.com",
		},
		"a session that a tool has named": {
			alert.Actor{ARN: sts + "assumed-role/terraform-ci/botocore-session-1700000000"},
			"role terraform-ci, session botocore-session-1700000000", "the owner of role terraform-ci",
		},
		"an instance": {
			alert.Actor{ARN: sts + "assumed-role/web/i-0123456789abcdef0"},
			"role web, session i-0123456789abcdef0", "the owner of role web",
		},
		"a role of another account": {
			alert.Actor{ARN: "arn:aws:sts::999999999999:assumed-role/partner/eve"},
			"role partner, session eve, account 999999999999", "eve",
		},
		"an IAM user with a path": {alert.Actor{ARN: iam + "user/ops/ana"}, "IAM user ana", "ana"},
		"a federated user":        {alert.Actor{ARN: sts + "federated-user/ana"}, "federated user ana", "ana"},
		"root":                    {alert.Actor{Type: "Root", ARN: iam + "root"}, "the root user of the account", "those who may use the root user"},
		"a service without an ARN": {
			alert.Actor{Type: "AWSService", InvokedBy: "autoscaling.amazonaws.com", SourceIP: "autoscaling.amazonaws.com"},
			"service autoscaling.amazonaws.com", "",
		},
		"a service by its service-linked role": {
			alert.Actor{ARN: sts + "assumed-role/AWSServiceRoleForRDS/SLRManagement", InvokedBy: "rds.amazonaws.com", SourceIP: "rds.amazonaws.com"},
			"service rds.amazonaws.com", "",
		},
		"a person through a service": {
			alert.Actor{ARN: sts + "assumed-role/Dev/dev", InvokedBy: "cloudformation.amazonaws.com", SourceIP: "cloudformation.amazonaws.com"},
			"role Dev, session dev, through cloudformation.amazonaws.com", "dev",
		},
		"the console": {
			alert.Actor{ARN: iam + "user/ana", InvokedBy: "signin.amazonaws.com", SourceIP: "203.0.113.7"},
			"IAM user ana, through the AWS console, from 203.0.113.7", "ana",
		},
		"a type without an ARN":    {alert.Actor{Type: "SAMLUser", SourceIP: "203.0.113.7"}, "an identity of type SAMLUser (the event names no ARN), from 203.0.113.7", ""},
		"only an address":          {alert.Actor{SourceIP: "203.0.113.7"}, "an identity that the event does not name, from 203.0.113.7", ""},
		"a principal by its id":    {alert.Actor{ARN: "AIDAEXAMPLE"}, "AIDAEXAMPLE", ""},
		"a name with a new line":   {alert.Actor{ARN: iam + "user/a\nHandled: Yes."}, "IAM user a?Handled: Yes.", "a?Handled: Yes."},
		"a partition of its own":   {alert.Actor{ARN: "arn:aws-cn:sts::123456789012:assumed-role/ci/ana"}, "role ci, session ana", "ana"},
		"a role without a session": {alert.Actor{ARN: iam + "role/path/ci"}, "role ci", "the owner of role ci"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := actorText(c.actor, "123456789012"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := askWhom(&c.actor); got != c.ask {
				t.Errorf("ask %q, want %q", got, c.ask)
			}
		})
	}
}

// The event that broke a rule says nothing of who broke the document.
func TestAnActorOfARuleIsNotBlamedForADocument(t *testing.T) {
	t.Parallel()
	a := broken("groups/"+front, "schema: missing")
	a.Event, a.Actor = drift(alert.None).Event, ana
	got := newView(storyOf(a)).who()
	if want := "not known who wrote the document. The rules were changed by role terraform-ci, session ana, source identity ana@example.com, from 203.0.113.7."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	a.Event.Name = parameterEvent
	if got, want := newView(storyOf(a)).who(), "role terraform-ci, session ana, source identity ana@example.com, from 203.0.113.7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
