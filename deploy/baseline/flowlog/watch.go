package flowlog

import (
	"hash/maphash"
	"net/netip"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Group is a security group with the rules that are approved for it. IDs of groups may be name:…, as in files.
type Group struct {
	ID    string
	Rules []rule.Rule
}

// Watch finds for each record the rules that may be for its traffic.
type Watch struct {
	groups     map[string]*watchedGroup
	interfaces map[string]*watchedInterface
	unlisted   watchedInterface // stands for every interface that is not in the snapshots
	members    members
	unknown    map[string]bool // ids of the interfaces that are not in the snapshots
	all        coverage
	cache      []flow // flows that were looked up lately, by hash
	seed       maphash.Seed

	// Unlisted are the records of interfaces that are not in the snapshots. They count for every group.
	Unlisted int64
	// Doubtful are the records of accepted traffic that do not say who opened the connection.
	Doubtful int64
}

// watchedInterface is an interface with all rules of its groups.
type watchedInterface struct {
	*Interface
	number    int32 // in the cache's key; the unlisted have 0
	rules     [3][]*watchedRule
	watched   bool
	coverage  coverage
	skipped   int  // windows of which a part was not recorded
	isUnknown bool // not in the snapshots
	traffic   *traffic
}

// traffic counts the records of one VPC by what became of the packets.
type traffic struct{ accepted, rejected int64 }

// isOnlyRejected reports whether the logs lack accepted traffic: a flow log with the filter REJECT has none
// (VPC User Guide, Flow logs basics: the type of traffic to capture is accepted, rejected, or all).
func (t traffic) isOnlyRejected() bool { return t.accepted == 0 && t.rejected > 0 }

type watchedGroup struct {
	interfaces []*watchedInterface
	rules      map[rule.Rule]*watchedRule
}

// flow is what one record may mean to an interface: somebody opens a connection in a direction, on a port of the
// service, with a peer. It is a key of the cache.
type flow struct {
	peer      netip.Addr
	port      int32 // noPort: not known, and any port may be meant
	number    int32
	direction rule.Direction
	protocol  uint8
	doubtful  bool
	rejected  bool
	reused    bool // the peer's address may have been another interface's at the time
}

// cacheSize is a power of two.
const cacheSize = 1 << 16

// mostUnknown bounds the ids that are kept only to be counted.
const mostUnknown = 10_000

// NewWatch watches groups with the interfaces of some snapshots. lists are the addresses of prefix lists, where they
// are known.
func NewWatch(groups []Group, interfaces Interfaces, lists map[string][]netip.Prefix) *Watch {
	w := &Watch{
		groups: map[string]*watchedGroup{}, interfaces: map[string]*watchedInterface{}, unknown: map[string]bool{},
		members: newMembers(interfaces, lists), cache: make([]flow, cacheSize), seed: maphash.MakeSeed(),
	}
	w.unlisted = watchedInterface{Interface: &Interface{}, isUnknown: true, watched: true, traffic: &traffic{}}
	for _, g := range groups {
		watched := &watchedGroup{rules: map[rule.Rule]*watchedRule{}}
		w.groups[g.ID] = watched
		for _, r := range g.Rules {
			if watched.rules[r] == nil {
				one := &watchedRule{Rule: r, notJudged: w.members.notJudged(r)}
				watched.rules[r] = one
				w.unlisted.rules[r.Direction] = append(w.unlisted.rules[r.Direction], one)
			}
		}
	}
	vpcs := map[string]*traffic{}
	for _, i := range interfaces {
		if vpcs[i.VPC] == nil {
			vpcs[i.VPC] = &traffic{}
		}
		w.watch(i, vpcs[i.VPC])
	}
	return w
}

func (w *Watch) watch(i *Interface, ofVPC *traffic) {
	one := &watchedInterface{Interface: i, number: int32(len(w.interfaces)) + 1, traffic: ofVPC}
	w.interfaces[i.ID] = one
	for _, id := range i.Groups {
		g := w.groups[id]
		if g == nil || slices.Contains(g.interfaces, one) {
			continue
		}
		one.watched = true
		g.interfaces = append(g.interfaces, one)
		for _, r := range g.rules {
			one.rules[r.Direction] = append(one.rules[r.Direction], r)
		}
	}
}

// See takes a record.
func (w *Watch) See(r *Record) {
	w.all.add(r.Start, r.End)
	on := w.interfaces[string(r.Interface)]
	switch {
	case on == nil:
		on = &w.unlisted
		w.Unlisted++
		if len(w.unknown) < mostUnknown && !w.unknown[string(r.Interface)] {
			w.unknown[string(r.Interface)] = true
		}
	case !on.watched:
		on.traffic.count(r)
		return
	default:
		on.coverage.add(r.Start, r.End)
	}
	switch r.Status {
	case SkipData:
		on.skipped++
	case OK:
		on.traffic.count(r)
		w.traffic(on, r)
	}
}

func (t *traffic) count(r *Record) {
	switch {
	case r.Status != OK:
	case r.Action == Accepted:
		t.accepted++
	default:
		t.rejected++
	}
}

// traffic takes the ways in which the record can be read.
func (w *Watch) traffic(on *watchedInterface, r *Record) {
	opener := r.opener()
	if opener == unknownSide && r.Action == Accepted {
		w.Doubtful++
	}
	heading := r.Heading
	if heading == UnknownHeading {
		heading = on.heading(r)
	}
	if heading != Out {
		w.toward(on, r, r.Source, opener == sourceSide, opener == targetSide, r.Target.Port, r.Source.Port)
	}
	if heading != In {
		w.toward(on, r, r.Target, opener == targetSide, opener == sourceSide, r.Source.Port, r.Target.Port)
	}
}

// heading returns, by the addresses, which way packets went, as far as that is plain.
func (i *watchedInterface) heading(r *Record) Heading {
	from, to := r.Source.has(i.hasAddr), r.Target.has(i.hasAddr)
	switch {
	case from && !to:
		return Out
	case to && !from:
		return In
	}
	return UnknownHeading
}

// toward takes a flow with a peer. Where the peer opened the connection, a rule for ingress on the interface's own port
// is meant. Where the interface opened the connection, a rule for egress to the peer's port is meant. Else either.
func (w *Watch) toward(on *watchedInterface, r *Record, peer Endpoint, peerOpened, ownOpened bool, ownPort, peerPort int32) {
	f := flow{number: on.number, protocol: r.Protocol, doubtful: !peerOpened && !ownOpened || on.isUnknown, rejected: r.Action == Rejected}
	if !ownOpened {
		f.direction, f.port = rule.Ingress, servicePort(r, ownPort)
		w.flow(on, f, peer, r.Start)
	}
	if !peerOpened {
		f.direction, f.port = rule.Egress, servicePort(r, peerPort)
		w.flow(on, f, peer, r.Start)
	}
}

// servicePort is the port of the service. Two zeros are no ports: later parts of a packet have none.
func servicePort(r *Record, port int32) int32 {
	if r.Source.Port == 0 && r.Target.Port == 0 || r.Protocol != tcp && r.Protocol != udp {
		return noPort
	}
	return port
}

// flow takes a flow for both addresses that the record has of the peer. An address in the packet is other than the
// plain one where something stands in between, and which of the two a rule saw is in doubt.
func (w *Watch) flow(on *watchedInterface, f flow, peer Endpoint, start int64) {
	f.peer, f.reused = peer.Addr, w.members.reused(peer.Addr, start)
	w.look(on, f)
	if peer.Packet.IsValid() && peer.Packet != peer.Addr {
		f.peer, f.reused, f.doubtful = peer.Packet, w.members.reused(peer.Packet, start), true
		w.look(on, f)
	}
}

// look shows the flow to all rules of the interface, unless the very same flow was shown lately.
func (w *Watch) look(on *watchedInterface, f flow) {
	at := &w.cache[maphash.Comparable(w.seed, f)&(cacheSize-1)]
	if *at == f {
		return
	}
	*at = f
	for _, r := range on.rules[f.direction] {
		if r.notJudged == "" && r.carries(f) && w.members.have(r.Peer, f.peer, f.reused, on) {
			r.see(f)
		}
	}
}

// Period is from the first to the last record of all logs.
func (w *Watch) Period() Period { return w.all.period() }

// UnlistedInterfaces counts the interfaces that are in the logs and not in the snapshots, up to 10,000.
func (w *Watch) UnlistedInterfaces() int { return len(w.unknown) }
