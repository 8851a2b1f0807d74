package cloudtrail

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Parameter is one successful write to Parameter Store.
type Parameter struct {
	Operation   string // Create, Update, Delete or LabelParameterVersion
	Name        string // as the client wrote it, with its leading slash if it has one
	Type        string // String, StringList or SecureString
	Description string // the parameter's, if it has one
	Time        time.Time
	Account     string // 12 digits
	Region      string
	EnvelopeID  string // EventBridge's id of the message, a UUID
}

// ParameterChange returns the "Parameter Store Change" message that AWS would send for the write:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
// It never has the value. It fails for an operation that AWS doesn't report and for a write without name, id, time,
// account or region.
func ParameterChange(p Parameter) (json.RawMessage, error) {
	if !slices.Contains([]string{"Create", "Update", "Delete", "LabelParameterVersion"}, p.Operation) || p.Name == "" {
		return nil, fmt.Errorf("make the event of a parameter: operation %q on name %q is none", p.Operation, p.Name)
	}
	detail := object{"operation": p.Operation, "name": p.Name, "type": p.Type}
	put(detail, "description", &p.Description)
	message, err := envelope{
		ID: p.EnvelopeID, DetailType: "Parameter Store Change", Source: "aws.ssm",
		Account: p.Account, Region: p.Region, Time: p.Time, Detail: detail,
		Resources: []string{arn("ssm", p.Region, p.Account, "parameter/"+strings.TrimPrefix(p.Name, "/"))},
	}.message()
	if err != nil {
		return nil, fmt.Errorf("make the event of parameter %s: %w", p.Name, err)
	}
	return message, nil
}
