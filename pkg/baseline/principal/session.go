package principal

import (
	"slices"
	"strings"
)

// IsSessionOf reports whether one of the roles is behind a session's ARN:
// arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION of arn:aws:iam::ACCOUNT:role/PATH/NAME.
func IsSessionOf(arn string, roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool {
		before, name, _ := strings.Cut(role, ":role/")
		session := strings.Replace(before, ":iam:", ":sts:", 1) + ":assumed-role/" + name[strings.LastIndex(name, "/")+1:] + "/"
		return strings.HasPrefix(arn, session)
	})
}
