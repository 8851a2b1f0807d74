package vectors

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ErrRefused is why the store does not give a document that a case marks as refused.
var ErrRefused = fmt.Errorf("the store does not give the value: %w", secgroup.ErrRefused)

// Principal is who makes the calls of events that name nobody.
const Principal = "arn:aws:iam::111122223333:user/ana"

// Prefix is the path of the parameters.
const Prefix = "/sg-baseline"

// Grace returns how long the configured grace lasts.
func (c Case) Grace() time.Duration {
	if c.GraceMinutes == nil {
		return 10 * time.Minute
	}
	return time.Duration(*c.GraceMinutes) * time.Minute
}

// Documents returns what the store holds of a case.
func (f File) Documents(c Case) baseline.Documents {
	var d baseline.Documents
	if versions := f.History(c); len(versions) > 0 {
		d.Group = versions[len(versions)-1].Stored
	}
	d.Guardrail, d.Trust = c.Guardrail.stored("guardrail", c.Now), c.Trust.stored("trust", c.Now)
	for _, a := range c.Approvals {
		d.Approvals = append(d.Approvals, a.Document.at("approvals/"+f.GroupID+"/"+a.Name, 1, a.WrittenAt))
	}
	return d
}

// History returns the versions of the baseline, oldest first.
func (f File) History(c Case) []baseline.Version {
	var versions []baseline.Version
	for _, v := range c.Baseline {
		versions = append(versions, baseline.Version{Stored: v.Document.at("groups/"+f.GroupID, v.Version, v.WrittenAt)})
	}
	return versions
}

// stored returns a document for all groups, which was written a day before now.
func (d *Document) stored(name string, now time.Time) baseline.Stored {
	if d == nil {
		return baseline.Stored{}
	}
	return d.at(name, 1, now.Add(-24*time.Hour))
}

func (d *Document) at(name string, version int64, written time.Time) baseline.Stored {
	s := baseline.Stored{Parameter: Prefix + "/" + name, Version: version, ModifiedAt: written}
	if d.Refused {
		s.ReadError = ErrRefused
		return s
	}
	s.Value = []byte(d.Value())
	return s
}

// Value returns the value of the parameter.
func (d *Document) Value() string { return cmp.Or(d.Text, string(d.JSON)) }

// LiveRules returns the live rules of a case.
func (c Case) LiveRules() ([]secgroup.LiveRule, error) {
	rules := make([]secgroup.LiveRule, len(c.Live))
	for i, l := range c.Live {
		spelled, err := l.Spelled()
		if err != nil {
			return nil, fmt.Errorf("case %q: %w", c.Name, err)
		}
		rules[i] = spelled.liveRule(l.ID)
	}
	return rules, nil
}

// liveRule makes a rule canonical, or says why it can't be.
func (e EC2) liveRule(id string) secgroup.LiveRule {
	spelled := rule.EC2{
		Direction: rule.Ingress, Protocol: e.IPProtocol, From: e.FromPort, To: e.ToPort,
		CIDR: e.CidrIPv4 + e.CidrIPv6, GroupID: e.ReferencedGroupID, PrefixListID: e.PrefixListID,
	}
	if e.IsEgress {
		spelled.Direction = rule.Egress
	}
	live := secgroup.LiveRule{ID: id}
	if live.Rule, live.NotCanonical = spelled.Canonical(); live.NotCanonical != nil {
		live.Rule = rule.Rule{Direction: spelled.Direction}
	}
	return live
}

// Spelled returns how EC2 spells a live rule.
func (l Live) Spelled() (EC2, error) {
	if l.EC2 != nil {
		return *l.EC2, nil
	}
	r, err := rule.Parse(l.Rule)
	if err != nil {
		return EC2{}, fmt.Errorf("live rule %s: %w", l.ID, err)
	}
	return Spell(r), nil
}

// Spell returns how EC2 spells a rule.
func Spell(r rule.Rule) EC2 {
	from, to := r.EC2Ports()
	e := EC2{IsEgress: r.Direction == rule.Egress, IPProtocol: r.Protocol.String(), FromPort: &from, ToPort: &to}
	if r.Protocol == rule.All {
		e.IPProtocol = "-1"
	}
	switch {
	case r.Peer.Kind == rule.Group:
		e.ReferencedGroupID = r.Peer.ID
	case r.Peer.Kind == rule.PrefixList:
		e.PrefixListID = r.Peer.ID
	case r.Peer.Prefix.Addr().Is4():
		e.CidrIPv4 = r.Peer.String()
	default:
		e.CidrIPv6 = r.Peer.String()
	}
	return e
}

// EventID is that of each event.
const EventID = "53c3a5f2-7d0e-4b6a-9a55-000000000001"

// Hint returns what is known of how the rules of a case came about. A call that only adds
// rules can't have taken any away.
func (f File) Hint(c Case) (trail.Trigger, error) {
	if c.Event == nil {
		return trail.Trigger{GroupID: f.GroupID, MayRemove: true}, nil
	}
	e := c.Event
	t := trail.Trigger{
		GroupID: f.GroupID, EventID: EventID, EventName: e.Call, Principal: cmp.Or(e.Principal, Principal),
		MayRemove: strings.HasPrefix(e.Call, "Revoke") || strings.HasPrefix(e.Call, "Modify"),
	}
	for _, o := range e.Opened {
		r, err := rule.Parse(o.Rule)
		if err != nil {
			return t, fmt.Errorf("case %q: opened rule: %w", c.Name, err)
		}
		t.Changes = append(t.Changes, trail.Change{Rule: r, RuleID: o.ID, EitherDirection: e.DirectionUnknown})
	}
	for _, text := range e.Removed {
		r, err := rule.Parse(text)
		if err != nil {
			return t, fmt.Errorf("case %q: removed rule: %w", c.Name, err)
		}
		t.Removed = append(t.Removed, r)
	}
	return t, nil
}
