package proxy

import (
	"net"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// Principal is who stands behind an access key.
type Principal struct {
	Identity cloudtrail.Identity
	SourceIP string // where its calls are said to come from; default: where they do
	Console  bool   // whether it works in the AWS console
	// Unrecorded calls make no events. CloudTrail delivers to EventBridge on a best-effort basis, so one may never come:
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
	Unrecorded bool
}

// Register makes known who uses an access key. Other keys are those of IAM users of that name.
func (p *Proxy) Register(accessKey string, principal Principal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	principal.Identity.AccessKeyID = accessKey
	p.principals[accessKey] = principal
}

func (p *Proxy) principal(c *call) Principal {
	p.mu.Lock()
	principal, known := p.principals[c.accessKey]
	p.mu.Unlock()
	if !known {
		principal.Identity = User(p.config.Account, c.accessKey)
		principal.Identity.AccessKeyID = c.accessKey
	}
	if principal.SourceIP == "" {
		if host, _, err := net.SplitHostPort(c.request.RemoteAddr); err == nil {
			principal.SourceIP = host
		}
	}
	return principal
}

// User is the identity of an IAM user.
func User(account, name string) cloudtrail.Identity {
	return cloudtrail.Identity{
		Type:        "IAMUser",
		PrincipalID: uniqueID("AIDA", name),
		ARN:         "arn:aws:iam::" + account + ":user/" + name,
		AccountID:   account,
		UserName:    name,
	}
}

// Role is the identity of a session of an IAM role, begun at the given time (2006-01-02T15:04:05Z).
func Role(account, roleARN, session, begun string) cloudtrail.Identity {
	name := roleARN[strings.LastIndex(roleARN, "/")+1:]
	id := uniqueID("AROA", name)
	return cloudtrail.Identity{
		Type:        "AssumedRole",
		PrincipalID: id + ":" + session,
		ARN:         "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + session,
		AccountID:   account,
		SessionContext: &cloudtrail.SessionContext{
			SessionIssuer: &cloudtrail.SessionIssuer{
				Type: "Role", PrincipalID: id, ARN: roleARN, AccountID: account, UserName: name,
			},
			Attributes: cloudtrail.SessionAttributes{CreationDate: begun, MFAAuthenticated: "false"},
		},
	}
}

// uniqueID makes a text that looks like the unique ids of IAM, 21 characters, from a name.
func uniqueID(prefix, name string) string {
	id := prefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '2' && r <= '7':
			return r
		}
		return -1
	}, name)
	return (id + "EXAMPLEEXAMPLEEXAMPLE")[:21]
}
