package baseline

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Encode writes the document as JSON, for SSM. Decode reads it back. Lists that
// are empty are written as such, so that an empty baseline says so.
func Encode(d *Document) ([]byte, error) {
	whole := *d
	if whole.Ingress == nil {
		whole.Ingress = []Entry{}
	}
	if whole.Egress == nil {
		whole.Egress = []Entry{}
	}
	data, err := json.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("encode the baseline of %s: %w", d.GroupID, err)
	}
	return data, nil
}

// Allow adds an entry that permits one rule for good.
func (d *Document) Allow(r rule.Rule, description string) {
	e := entryOf(r, description)
	if r.Direction == rule.Egress {
		d.Egress = append(d.Egress, e)
		return
	}
	d.Ingress = append(d.Ingress, e)
}

// AllowUntil adds an exception that permits one rule for a time.
func (d *Document) AllowUntil(r rule.Rule, description string, expires time.Time, reason, approvedBy string) {
	d.Exceptions = append(d.Exceptions, Exception{
		Direction: r.Direction.String(), Entry: entryOf(r, description),
		Expires: expires.UTC().Truncate(time.Second), Reason: reason, ApprovedBy: approvedBy,
	})
}

func entryOf(r rule.Rule, description string) Entry {
	e := Entry{Protocol: r.Protocol.String(), Description: description, rules: []rule.Rule{r}}
	if r.Protocol.HasPorts() {
		e.Ports = rule.PortsText(r.Protocol, r.Ports)
	}
	e.setPeers(r.Direction, []string{r.Peer.String()})
	return e
}

func (e *Entry) setPeers(direction rule.Direction, peers []string) {
	if direction == rule.Egress {
		e.Destinations = peers
	} else {
		e.Sources = peers
	}
}
