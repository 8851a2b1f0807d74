package flowlog

import (
	"net/netip"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// watchedRule is an approved rule with what it saw.
type watchedRule struct {
	rule.Rule
	notJudged string // why nothing can be said of the rule
	certain   bool   // saw traffic of which nothing is in doubt
	doubtful  bool   // saw traffic that may have been another rule's
	rejected  bool   // would have permitted traffic that was rejected
	seen      map[uint8]cells
}

// carries reports whether the rule permits the flow's protocol and port.
func (r *watchedRule) carries(f flow) bool {
	if r.Protocol != rule.All && r.Protocol != rule.Protocol(f.protocol) {
		return false
	}
	return f.port == noPort || uint16(f.port) >= r.Ports.From && uint16(f.port) <= r.Ports.To
}

// see notes a flow that the rule carries.
func (r *watchedRule) see(f flow) {
	if f.rejected {
		r.rejected = true
		return
	}
	if f.doubtful {
		r.doubtful = true
	} else {
		r.certain = true
	}
	if r.seen == nil {
		r.seen = map[uint8]cells{}
	}
	ports := r.Ports // of ICMP too, whose type and code no flow log has
	if f.port != noPort {
		ports = rule.Ports{From: uint16(f.port), To: uint16(f.port)}
	}
	peer := f.peer
	if r.Peer.Kind != rule.CIDR {
		peer = netip.Addr{} // a narrower rule names the same group or list
	}
	r.seen[f.protocol] = r.seen[f.protocol].see(ports, peer)
}
