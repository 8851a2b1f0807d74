package made

import "github.com/sgwarden/sgwarden/deploy/local/cloudtrail"

// identity is somebody who calls EC2 in every account.
type identity struct {
	kind, name, session string // IAMUser, AssumedRole or Root
	path                string // of the role
	userAgent           string
	invokedBy           string
	console             bool
}

var identities = []identity{
	{kind: "IAMUser", name: "ana", userAgent: "aws-cli/2.31.18 md/awscrt#0.28.4 ua/2.1 os/linux#6.8.0 md/command#ec2.authorize-security-group-ingress"},
	{kind: "AssumedRole", name: "terraform-ci", session: "run-4711", userAgent: "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 (+https://www.terraform.io) terraform-provider-aws/6.20.0"},
	{kind: "AssumedRole", name: "AWSReservedSSO_Admin_0a1b2c3d", path: "aws-reserved/sso.amazonaws.com/", session: "bob@example.com", userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 \u00fc\u65e5\u672c", console: true},
	{kind: "AssumedRole", name: "deployer", session: "AWSCloudFormation", userAgent: "cloudformation.amazonaws.com", invokedBy: "cloudformation.amazonaws.com"},
	{kind: "AssumedRole", name: "cleaner", session: "i-0a1b2c3d4e5f60718", userAgent: "Boto3/1.40.61 md/Botocore#1.40.61 \"SecurityGroup\" eventName"},
	{kind: "Root", userAgent: "Mozilla/5.0", console: true},
}

// arns returns the arn of the session and that of the user or role.
func (i identity) arns(account string) (arn, principal string) {
	iam := "arn:aws:iam::" + account + ":"
	switch i.kind {
	case "IAMUser":
		return iam + "user/" + i.name, iam + "user/" + i.name
	case "Root":
		return iam + "root", iam + "root"
	}
	return "arn:aws:sts::" + account + ":assumed-role/" + i.name + "/" + i.session, iam + "role/" + i.path + i.name
}

func (i identity) written(account string) cloudtrail.Identity {
	arn, principal := i.arns(account)
	written := cloudtrail.Identity{
		Type: i.kind, PrincipalID: "AIDAQX7EXAMPLE3" + i.name, ARN: arn, AccountID: account,
		AccessKeyID: "ASIAQX7EXAMPLE3" + i.name, InvokedBy: i.invokedBy,
	}
	if i.kind == "IAMUser" {
		written.UserName = i.name
	}
	if i.kind == "AssumedRole" {
		written.PrincipalID = "AROAQX7EXAMPLE3:" + i.session
		written.SessionContext = &cloudtrail.SessionContext{
			SessionIssuer: &cloudtrail.SessionIssuer{
				Type: "Role", PrincipalID: "AROAQX7EXAMPLE3", ARN: principal, AccountID: account, UserName: i.name,
			},
			Attributes: cloudtrail.SessionAttributes{CreationDate: "2026-08-31T20:00:00Z", MFAAuthenticated: "false"},
		}
	}
	return written
}
