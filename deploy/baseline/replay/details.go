package replay

import (
	"encoding/json"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// details are what a record says beside its trigger.
type details struct {
	name       string   // of the group that a CreateSecurityGroup call made
	removedIDs []string // of the rules that a Revoke call names by their ids
}

// detailsOf reads a record, if there is something in it that the trigger does not have.
// A detail that can't be read is left out, as package trail does it.
//
// A Revoke call by ids has no rules in its record where EC2's answer names none (answers
// of older versions of the API; EC2 API reference, RevokeSecurityGroupIngress).
func detailsOf(t trail.Trigger, record json.RawMessage) (d details) {
	isRevoke := strings.HasPrefix(t.EventName, "RevokeSecurityGroup")
	if len(record) == 0 || t.EventName != createGroup && !(isRevoke && len(t.Removed) == 0) {
		return d
	}
	var call struct {
		RequestParameters json.RawMessage `json:"requestParameters"`
	}
	if json.Unmarshal(record, &call) != nil {
		return d
	}
	if t.EventName == createGroup {
		d.name = nameIn(call.RequestParameters)
	} else {
		d.removedIDs = idsIn(call.RequestParameters)
	}
	return d
}

func nameIn(request json.RawMessage) string {
	var asked struct {
		GroupName string `json:"groupName"`
	}
	if json.Unmarshal(request, &asked) != nil {
		return ""
	}
	return asked.GroupName
}

func idsIn(request json.RawMessage) []string {
	var asked struct {
		IDs struct {
			Items []struct {
				ID string `json:"securityGroupRuleId"`
			} `json:"items"`
		} `json:"securityGroupRuleIds"`
	}
	if json.Unmarshal(request, &asked) != nil {
		return nil
	}
	var ids []string
	for _, item := range asked.IDs.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

// groupName is a name of a group where names are looked up.
type groupName struct{ account, region, name string }

// learnName remembers the name of a group that a call created. A call may name a group of
// the default VPC by the name alone, and the record of such a call may lack the id.
func (r *Replay) learnName(t trail.Trigger, name string) {
	if name == "" || t.GroupID == "" || !r.isGuarded(t.GroupID) {
		return
	}
	key := groupName{t.Account, t.Region, name}
	if id, found := r.names[key]; found && id != t.GroupID {
		r.names[key] = "" // groups of two VPCs
		return
	}
	r.names[key] = t.GroupID
}
