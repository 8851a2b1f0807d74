package baseline

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Encode returns the document as JSON, for SSM. Decode reads it back. A list that
// is nil is not written, and one that is empty is written as [], so that the JSON
// guards the same directions. A document that guards neither direction is an
// error, since Decode would refuse it.
func Encode(d *Document) ([]byte, error) {
	err := d.GuardsAny()
	var data []byte
	if err == nil {
		data, err = json.Marshal(d)
	}
	if err != nil {
		return nil, fmt.Errorf("encode the baseline of %s: %w", d.GroupID, err)
	}
	return data, nil
}

func (d *Document) GuardsAny() error {
	if !d.Guards(rule.Ingress) && !d.Guards(rule.Egress) {
		return errors.New("it has neither an ingress nor an egress list, so it would guard nothing")
	}
	return nil
}

// ErrNotGuarded says that a document has no list for a direction.
var ErrNotGuarded = errors.New("is not guarded by the baseline, so all its rules are permitted already")

// Allow adds an entry that permits one rule for good. For a rule of a direction
// that is not guarded the error is ErrNotGuarded, and the document stays as it
// is: the entry would begin to guard the direction, and all its other rules would be revoked.
func (d *Document) Allow(r rule.Rule, description string) error {
	if !d.Guards(r.Direction) {
		return fmt.Errorf("%s %w", r.Direction, ErrNotGuarded)
	}
	entries := d.list(r.Direction)
	*entries = append(*entries, entryOf(r, description))
	return nil
}

// AllowUntil adds an exception that permits one rule for a time. The error is
// that of Allow.
func (d *Document) AllowUntil(r rule.Rule, description string, expires time.Time, reason, approvedBy string) error {
	if !d.Guards(r.Direction) {
		return fmt.Errorf("%s %w", r.Direction, ErrNotGuarded)
	}
	d.Exceptions = append(d.Exceptions, Exception{
		Direction: r.Direction.String(), Entry: entryOf(r, description),
		Expires: expires.UTC().Truncate(time.Second), Reason: reason, ApprovedBy: approvedBy,
	})
	return nil
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
