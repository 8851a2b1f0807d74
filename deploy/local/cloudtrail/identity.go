package cloudtrail

// Identity is a record's userIdentity:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
// What is empty is left out, as AWS does.
type Identity struct {
	Type           string          `json:"type,omitempty"` // IAMUser, AssumedRole, Root, AWSService, IdentityCenterUser …
	PrincipalID    string          `json:"principalId,omitempty"`
	ARN            string          `json:"arn,omitempty"`
	AccountID      string          `json:"accountId,omitempty"`
	AccessKeyID    string          `json:"accessKeyId,omitempty"`
	UserName       string          `json:"userName,omitempty"`
	InvokedBy      string          `json:"invokedBy,omitempty"` // the service that called for them
	SessionContext *SessionContext `json:"sessionContext,omitempty"`
	OnBehalfOf     *OnBehalfOf     `json:"onBehalfOf,omitempty"`
	CredentialID   string          `json:"credentialId,omitempty"`
}

// SessionContext describes temporary credentials.
type SessionContext struct {
	SessionIssuer   *SessionIssuer    `json:"sessionIssuer,omitempty"` // nil for a user's own session
	Attributes      SessionAttributes `json:"attributes"`
	EC2RoleDelivery string            `json:"ec2RoleDelivery,omitempty"` // "2.0" for an instance's role from IMDSv2
}

// SessionIssuer is who the credentials were taken from, the assumed role usually.
type SessionIssuer struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName"`
}

// SessionAttributes say when the session began and, in the string "true" or "false", whether with a second factor.
type SessionAttributes struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

// OnBehalfOf is the user of IAM Identity Center whom an IdentityCenterUser stands for.
type OnBehalfOf struct {
	UserID           string `json:"userId"`
	IdentityStoreARN string `json:"identityStoreArn"`
}
