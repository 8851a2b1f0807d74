package iam

import "strings"

// Wildcard is IAM's matching: * stands for any text, slashes included, and ? for any one
// character. Source: IAM User Guide, "IAM JSON policy elements: Resource".
func Wildcard(pattern, text string) bool {
	wanted, got := []rune(pattern), []rune(text)
	star, behind := -1, 0 // where the last * is, and how much of the text that one stands for
	i, j := 0, 0
	for j < len(got) {
		switch {
		case i < len(wanted) && wanted[i] == '*':
			star, behind = i, j
			i++
		case i < len(wanted) && (wanted[i] == '?' || wanted[i] == got[j]):
			i, j = i+1, j+1
		case star >= 0: // the * stands for one character more
			behind++
			i, j = star+1, behind
		default:
			return false
		}
	}
	return strings.Trim(string(wanted[i:]), "*") == ""
}

// matchesAction ignores case, as IAM does. Source: IAM User Guide, "IAM JSON policy
// elements: Action".
func matchesAction(pattern, action string) bool {
	return Wildcard(strings.ToLower(pattern), strings.ToLower(action))
}

// matchesResource matches each of an ARN's six parts by itself: a wildcard stays within
// its part. The last part may have colons. Source: the page that Wildcard names.
func matchesResource(pattern, resource string) bool {
	if pattern == "*" {
		return true
	}
	patterns, parts := strings.SplitN(pattern, ":", arnParts), strings.SplitN(resource, ":", arnParts)
	if len(patterns) != arnParts || len(parts) != arnParts {
		return false
	}
	for i := range patterns {
		if !Wildcard(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

// arnParts are arn, partition, service, region, account and resource.
const arnParts = 6
