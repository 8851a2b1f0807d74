package trail_test

import (
	"fmt"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

const (
	trusted   = "arn:aws:iam::111122223333:role/terraform-ci"
	otherRole = "arn:aws:iam::111122223333:role/other"
	anaUser   = "arn:aws:iam::111122223333:user/ana"
	rootUser  = "arn:aws:iam::111122223333:root"
)

// identified is an event of a call by an identity.
func identified(identity string) []byte {
	return fmt.Appendf(nil, `{"detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress",
		"requestParameters":{"groupId":"sg-0a"},"userIdentity":%s}}`, identity)
}

// issued is the session of a role, or of another issuer, with more fields of the
// session's context.
func issued(kind, arn, issuer, more string) string {
	return fmt.Sprintf(`{"type":%q,"arn":%q,"sessionContext":{"sessionIssuer":{"type":"Role","arn":%q,"userName":"terraform-ci"},"webIdFederationData":{}%s}}`, kind, arn, issuer, more)
}

func TestThePrincipalIsWhoActedWhateverTheSessionIsCalled(t *testing.T) {
	t.Parallel()
	const session = "arn:aws:sts::111122223333:assumed-role/"
	cases := map[string]struct{ identity, principal, source string }{
		"a user with a key":            {`{"type":"IAMUser","arn":"` + anaUser + `","userName":"ana"}`, anaUser, ""},
		"a user in the console":        {`{"type":"IAMUser","arn":"` + anaUser + `","sessionContext":{"sessionIssuer":{},"attributes":{"mfaAuthenticated":"true"}}}`, anaUser, ""},
		"a user through a service":     {`{"type":"IAMUser","arn":"` + anaUser + `","invokedBy":"signin.amazonaws.com"}`, anaUser, ""},
		"the root user":                {`{"type":"Root","arn":"` + rootUser + `"}`, rootUser, ""},
		"a session of a role":          {issued("AssumedRole", session+"terraform-ci/run-1", trusted, ""), trusted, ""},
		"one with a source identity":   {issued("AssumedRole", session+"terraform-ci/run-1", trusted, `,"sourceIdentity":"ana"`), trusted, "ana"},
		"a session of a role by OIDC":  {issued("AssumedRole", session+"terraform-ci/GitHubActions", trusted, `,"attributes":{}`), trusted, ""},
		"a role with a path":           {issued("AssumedRole", session+"AWSReservedSSO_Admin_0a/ana", "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0a", ""), "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0a", ""},
		"a role of another account":    {issued("AssumedRole", "arn:aws:sts::444455556666:assumed-role/terraform-ci/run-1", "arn:aws:iam::444455556666:role/terraform-ci", ""), "arn:aws:iam::444455556666:role/terraform-ci", ""},
		"a federated user of a user":   {issued("FederatedUser", "arn:aws:sts::111122223333:federated-user/bob", anaUser, ""), anaUser, ""},
		"a federated user of the root": {issued("FederatedUser", "arn:aws:sts::111122223333:federated-user/bob", rootUser, ""), rootUser, ""},

		"a forged session name":                 {issued("AssumedRole", session+"other/terraform-ci", otherRole, ""), otherRole, ""},
		"a session name like an ARN":            {issued("AssumedRole", session+"other/"+trusted, otherRole, ""), otherRole, ""},
		"a forged source identity":              {issued("AssumedRole", session+"other/x", otherRole, `,"sourceIdentity":"terraform-ci"`), otherRole, "terraform-ci"},
		"a federated user with a role's name":   {issued("FederatedUser", "arn:aws:sts::111122223333:federated-user/terraform-ci", anaUser, ""), anaUser, ""},
		"a session without an issuer":           {`{"type":"AssumedRole","arn":"` + session + `terraform-ci/run-1"}`, "", ""},
		"a session with an empty issuer":        {`{"type":"AssumedRole","arn":"` + session + `terraform-ci/run-1","sessionContext":{"sessionIssuer":{}}}`, "", ""},
		"a federated user without an issuer":    {`{"type":"FederatedUser","arn":"arn:aws:sts::111122223333:federated-user/bob"}`, "", ""},
		"a service":                             {`{"type":"AWSService","invokedBy":"fms.amazonaws.com"}`, "", ""},
		"a service without a type":              {`{"accountId":"111122223333","invokedBy":"fms.amazonaws.com"}`, "", ""},
		"a service that says an ARN":            {`{"type":"AWSService","invokedBy":"fms.amazonaws.com","arn":"` + trusted + `"}`, "", ""},
		"another account":                       {`{"type":"AWSAccount","accountId":"444455556666","principalId":"AROAEXAMPLE:terraform-ci","arn":"` + trusted + `"}`, "", ""},
		"a SAML user":                           {`{"type":"SAMLUser","principalId":"x:ana","userName":"ana","identityProvider":"x"}`, "", ""},
		"a web identity":                        {`{"type":"WebIdentityUser","principalId":"x:y:ana","userName":"ana","identityProvider":"x"}`, "", ""},
		"a user of IAM Identity Center":         {`{"type":"IdentityCenterUser","accountId":"111122223333","onBehalfOf":{"userId":"5448"}}`, "", ""},
		"a type that nobody knows":              {issued("Robot", trusted, trusted, ""), "", ""},
		"an ARN without a type":                 {`{"arn":"` + trusted + `"}`, "", ""},
		"an identity of null":                   {`null`, "", ""},
		"an identity that is a list":            {`["` + trusted + `"]`, "", ""},
		"an issuer that is a string":            {`{"type":"AssumedRole","sessionContext":{"sessionIssuer":"` + trusted + `"}}`, "", ""},
		"an issuer's ARN that is an object":     {`{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":{"x":"` + trusted + `"}}}}`, "", ""},
		"a session through CloudFormation":      {`{"type":"AssumedRole","arn":"` + session + `terraform-ci/x","invokedBy":"cloudformation.amazonaws.com","sessionContext":{"sessionIssuer":{"arn":"` + trusted + `"}}}`, trusted, ""},
		"a source identity that is no text":     {issued("AssumedRole", session+"terraform-ci/x", trusted, `,"sourceIdentity":{"a":1}`), trusted, ""},
		"a source identity in the wrong field":  {`{"type":"IAMUser","arn":"` + anaUser + `","sourceIdentity":"ana"}`, anaUser, ""},
		"a user whose session has an issuer":    {issued("IAMUser", anaUser, trusted, ""), anaUser, ""},
		"a service-linked role through its own": {issued("AssumedRole", session+"AWSServiceRoleForRDS/SLRManagement", "arn:aws:iam::111122223333:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", ""), "arn:aws:iam::111122223333:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, nothing := trail.Parse(identified(c.identity))
			if nothing != nil {
				t.Fatal(nothing)
			}
			if got.Principal != c.principal || got.Actor.SourceIdentity != c.source {
				t.Errorf("got %q with source identity %q, want %q with %q", got.Principal, got.Actor.SourceIdentity, c.principal, c.source)
			}
		})
	}
}

// TestAChangeOfAParameterHasNoPrincipal: the event does not say who made it.
func TestAChangeOfAParameterHasNoPrincipal(t *testing.T) {
	t.Parallel()
	got, nothing := trail.Parse([]byte(`{"detail-type":"Parameter Store Change","detail":{"name":"/sg-baseline/trust","operation":"Update",
		"userIdentity":{"type":"IAMUser","arn":"` + anaUser + `"}}}`))
	if nothing != nil || got.Principal != "" || got.Actor.SourceIdentity != "" {
		t.Errorf("got %+v, %v", got, nothing)
	}
}
