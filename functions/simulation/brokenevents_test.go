package simulation

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// forgetsWhatWasOpened makes another call of an Authorize event, so that the
// function does not know which rules the call opened.
func forgetsWhatWasOpened(message json.RawMessage) json.RawMessage {
	return bytes.ReplaceAll(message, []byte(`"AuthorizeSecurityGroup`), []byte(`"RevokeSecurityGroup`))
}

var ruleID = regexp.MustCompile(`"securityGroupRuleId":"sgr-[0-9a-f]+",?`)

// forgetsIDs takes the ids of its rules out of an event.
func forgetsIDs(message json.RawMessage) json.RawMessage { return ruleID.ReplaceAll(message, nil) }

// takesDeletesForUpdates makes an update of the deletion of a parameter.
func takesDeletesForUpdates(message json.RawMessage) json.RawMessage {
	return bytes.ReplaceAll(message, []byte(`"operation":"Delete"`), []byte(`"operation":"Update"`))
}
