package baseline

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// portNames are the services that people know by name (IANA, Service Name and
// Transport Protocol Port Number Registry, and the vendors' defaults).
var portNames = map[uint16]string{
	20: "FTP data", 21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 53: "DNS", 80: "HTTP", 135: "Windows RPC", 389: "LDAP", 443: "HTTPS",
	445: "SMB", 636: "LDAPS", 1433: "SQL Server", 1521: "Oracle", 2049: "NFS", 2375: "Docker", 2376: "Docker with TLS", 2379: "etcd",
	3306: "MySQL", 3389: "RDP", 5432: "PostgreSQL", 5439: "Redshift", 5900: "VNC", 5985: "WinRM", 5986: "WinRM with TLS", 6379: "Redis",
	6443: "the Kubernetes API", 9042: "Cassandra", 9200: "Elasticsearch", 10250: "the kubelet", 11211: "Memcached", 27017: "MongoDB",
}

// traffic is what a sentence about the guardrail is about.
type traffic struct {
	direction rule.Direction
	protocol  rule.Protocol
	ports     rule.Ports
	but       string // protocols with a sentence of their own, such as "tcp and udp", where this is about all others
}

// String names traffic for people, such as "SSH" or "tcp 8000-8080".
func (t traffic) String() string {
	switch {
	case t.but != "":
		return "any traffic but " + t.but
	case t.protocol == rule.All:
		return "any traffic"
	case t.ports == rule.AllPorts && t.protocol.HasPorts():
		return "any " + t.protocol.String()
	case t.ports == rule.AllPorts:
		return "protocol " + t.protocol.String()
	}
	name, known := portNames[t.ports.From]
	if known && t.ports.From == t.ports.To && t.protocol == rule.TCP {
		return name
	}
	if known && t.ports.From == t.ports.To && t.protocol == rule.UDP {
		return name + " over udp"
	}
	return t.protocol.String() + " " + rule.PortsText(t.protocol, t.ports)
}

// breadth is the widest public peer that stays permitted, of each IP version; 0 is
// all, and 1 all but the whole of it.
type breadth struct{ v4, v6 int }

// worldV6 is the prefix length up to which an entry forbids all public IPv6 only
// (IANA, Internet Protocol Version 6 Address Space: 2000::/3).
const worldV6 = 4

func widestOf(f rule.Forbidden) breadth {
	w := breadth{f.WidestV4, f.WidestV6}
	if w.v6 > 0 && w.v6 <= worldV6 {
		w.v6 = 1
	}
	return w
}

// forbidden names the peers that are not permitted, empty for none.
func (w breadth) forbidden() string {
	switch {
	case w == breadth{1, 1}:
		return "the whole internet"
	case w.v4 == 0 && w.v6 == 0:
		return ""
	case w.v6 == 0:
		return ofFamily(w.v4, "IPv4")
	case w.v4 == 0:
		return ofFamily(w.v6, "IPv6")
	case w.v4 > 1 && w.v6 > 1:
		return fmt.Sprintf("more than a /%d (IPv4) or a /%d (IPv6) of the internet", w.v4, w.v6)
	}
	return ofFamily(w.v4, "IPv4") + " or " + ofFamily(w.v6, "IPv6")
}

func ofFamily(bits int, family string) string {
	if bits == 1 {
		return "the whole " + family + " internet"
	}
	return fmt.Sprintf("more than a /%d of the %s internet", bits, family)
}

// sentences say what changes for some traffic.
func (t traffic) sentences(before, after breadth) []string {
	isStricter, isLooser := after.v4 > before.v4 || after.v6 > before.v6, after.v4 < before.v4 || after.v6 < before.v6
	if isStricter && isLooser {
		return []string{t.sentence(breadth{before.v4, 0}, breadth{after.v4, 0}), t.sentence(breadth{0, before.v6}, breadth{0, after.v6})}
	}
	return []string{t.sentence(before, after)}
}

// sentence says what changes where no IP version becomes stricter while the other
// becomes looser.
func (t traffic) sentence(before, after breadth) string {
	peers, groups := "from ", "to groups without a baseline"
	if t.direction == rule.Egress {
		peers, groups = "to ", "from groups without a baseline"
	}
	was, is := before.forbidden(), after.forbidden()
	switch {
	case is == "":
		return fmt.Sprintf("%s %s%s is now allowed %s", t, peers, before.internet(), groups)
	case after.v4 < before.v4 || after.v6 < before.v6:
		return fmt.Sprintf("%s %smore of the internet is now allowed %s: still not %s%s, so far not %s%s", t, peers, groups, peers, is, peers, was)
	case was == "":
		return fmt.Sprintf("%s %s%s is no longer allowed %s", t, peers, is, groups)
	}
	return fmt.Sprintf("%s %s%s is no longer allowed %s, so far not %s%s", t, peers, is, groups, peers, was)
}

// internet names the internet of the IP versions in which something is forbidden.
func (w breadth) internet() string {
	switch {
	case w.v6 == 0:
		return "the whole IPv4 internet"
	case w.v4 == 0:
		return "the whole IPv6 internet"
	}
	return "the whole internet"
}

// GuardrailChanges says what a new guardrail allows more and less, in words. before
// is nil where there was none.
func GuardrailChanges(before, after *Guardrail) []string {
	changes := []string{}
	switch {
	case before == nil:
		before = &Guardrail{Mode: after.Mode}
		if changes = append(changes, "what breaks the guardrail is only reported (mode alert)"); after.Enforces() {
			changes[0] = "what breaks the guardrail is revoked (mode enforce)"
		}
	case after.Enforces() && !before.Enforces():
		changes = append(changes, "what breaks the guardrail is now revoked (mode enforce), so far only reported")
	case before.Enforces() && !after.Enforces():
		changes = append(changes, "what breaks the guardrail is no longer revoked, only reported (mode alert)")
	}
	return append(changes, ForbiddenChanges(before.Forbid, after.Forbid)...)
}

// ForbiddenChanges says in words what new entries of a guardrail allow more and less,
// such as "SSH from the whole internet is now allowed to groups without a baseline".
func ForbiddenChanges(before, after []rule.Forbidden) []string {
	var changes []string
	for _, c := range strictness(before, after) {
		changes = append(changes, c.traffic.sentences(c.before, c.after)...)
	}
	return changes
}
