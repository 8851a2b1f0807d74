package flowlog

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// twoGroups have the interfaces eni-0a of sg-0a with two addresses, eni-0b of sg-0b, eni-0c of sg-0c in the same VPC,
// and eni-0d of sg-0c in another.
const twoGroups = `{"NetworkInterfaces": [
 {"NetworkInterfaceId": "eni-0a", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0a", "GroupName": "web"}], "PrivateIpAddress": "10.0.0.5",
  "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.5"}, {"PrivateIpAddress": "10.0.0.6"}], "Ipv6Addresses": [{"Ipv6Address": "2001:db8::5"}]},
 {"NetworkInterfaceId": "eni-0b", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0b", "GroupName": "app"}], "PrivateIpAddress": "10.0.0.7", "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.8.0/28"}]},
 {"NetworkInterfaceId": "eni-0c", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0c", "GroupName": "db"}], "PrivateIpAddress": "10.0.0.8"},
 {"NetworkInterfaceId": "eni-0d", "VpcId": "vpc-2", "Groups": [{"GroupId": "sg-0c", "GroupName": "db"}], "PrivateIpAddress": "10.7.0.9"}
]}`

func parsed(t *testing.T, texts ...string) []rule.Rule {
	t.Helper()
	var rules []rule.Rule
	for _, text := range texts {
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	return rules
}

func watching(t *testing.T, group Group, lists map[string][]netip.Prefix) *Watch {
	t.Helper()
	interfaces := Interfaces{}
	if err := interfaces.Add([]byte(twoGroups)); err != nil {
		t.Fatal(err)
	}
	return NewWatch([]Group{group}, interfaces, lists)
}

// kinds have interfaces of special kinds, and one that was attached after the records of show.
const kinds = `{"NetworkInterfaces": [
 {"NetworkInterfaceId": "eni-0a", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0a", "GroupName": "web"}], "PrivateIpAddress": "10.0.0.5"},
 {"NetworkInterfaceId": "eni-0b", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0b", "GroupName": "app"}], "PrivateIpAddress": "10.0.0.7", "Attachment": {"AttachTime": "2026-09-01T00:00:00+00:00"}},
 {"NetworkInterfaceId": "eni-0n", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0n", "GroupName": "new"}], "PrivateIpAddress": "10.0.0.9", "Attachment": {"AttachTime": "2026-10-15T00:00:00+00:00"}},
 {"NetworkInterfaceId": "eni-0l", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0l", "GroupName": "nlb"}], "PrivateIpAddress": "10.0.0.20", "InterfaceType": "network_load_balancer"},
 {"NetworkInterfaceId": "eni-0e", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-0e", "GroupName": "hpc"}], "PrivateIpAddress": "10.0.0.30", "InterfaceType": "efa"}
]}`

func TestWhatFlowLogsDoNotRecordCountsAsSeen(t *testing.T) {
	t.Parallel()
	const accepted, rejected = "eni-0b 10.9.9.9 10.0.0.7 40000 443 6", "eni-0b 10.9.9.9 10.0.0.7 40000 443 6 action=REJECT"
	onlyRejected := "not judged: all records of vpc-1 are of rejected traffic: take a flow log that records accepted traffic too (filter ALL)"
	cases := map[string]struct {
		group, rule string
		lines       []string
		want        string
	}{
		"an address was another's before its interface was attached": {"sg-0a", "ingress tcp 443 sg-0b", []string{"eni-0a 10.0.0.9 10.0.0.5 40000 443 6"}, "seen"},
		"whatever comes first":                                        {"sg-0a", "ingress tcp 443 sg-0b", []string{"eni-0a 10.0.0.9 10.0.0.5 40000 443 6 start=1792800000", "eni-0a 10.0.0.9 10.0.0.5 40000 443 6"}, "seen"},
		"an address is its interface's from then on":                  {"sg-0a", "ingress tcp 443 sg-0b", []string{"eni-0a 10.0.0.9 10.0.0.5 40000 443 6 start=1792800000"}, "silent"},
		"an interface that was attached before has its address":       {"sg-0a", "ingress tcp 443 sg-0n", []string{"eni-0a 10.0.0.7 10.0.0.5 40000 443 6"}, "silent"},
		"a log of rejected traffic alone says nothing":                {"sg-0a", "ingress tcp 443 10.0.0.0/8", []string{rejected}, onlyRejected},
		"accepted traffic of a neighbour shows that the log has such": {"sg-0a", "ingress tcp 443 10.0.0.0/8", []string{rejected, accepted}, "silent"},
		"a log without any traffic":                                   {"sg-0a", "ingress tcp 443 10.0.0.0/8", nil, "silent"},
		"ingress of a Network Load Balancer":                          {"sg-0l", "ingress tcp 443 10.0.0.0/8", []string{accepted}, "not judged: the group has the Network Load Balancer's interface eni-0l, and flow logs leave out traffic from endpoints (AWS PrivateLink)"},
		"egress of a Network Load Balancer":                           {"sg-0l", "egress tcp 443 10.0.0.0/8", []string{accepted}, "silent"},
		"all traffic within a group of Elastic Fabric Adapters":       {"sg-0e", "ingress all all sg-0e", []string{accepted}, "not judged: the group has the Elastic Fabric Adapter eni-0e, whose traffic flow logs may leave out"},
		"other traffic of Elastic Fabric Adapters":                    {"sg-0e", "ingress tcp 22 10.0.0.0/8", []string{accepted}, "silent"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			interfaces := Interfaces{}
			if err := interfaces.Add([]byte(kinds)); err != nil {
				t.Fatal(err)
			}
			r := parsed(t, c.rule)[0]
			w := NewWatch([]Group{{c.group, []rule.Rule{r}}}, interfaces, nil)
			for id := range interfaces { // a window without traffic, so that each interface is in the logs
				w.See(&Record{Interface: []byte(id), Status: NoData, Start: 1790812800, End: 1790812860})
			}
			show(t, w, c.lines...)
			if diff := cmp.Diff(c.want, verdictText(w.Verdict(c.group, r))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// show shows lines to a watch: interface, source, target, ports, protocol, and what else there is of flags=2,
// heading=in, packet=ADDR and REJECT.
func show(t *testing.T, w *Watch, lines ...string) {
	t.Helper()
	p := newParser()
	var err error
	if p.format, err = ParseFormat("interface-id srcaddr dstaddr srcport dstport protocol start end action flow-direction tcp-flags pkt-srcaddr"); err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		words := strings.Fields(line)
		rest := map[string]string{"action": "ACCEPT", "heading": "-", "flags": "-", "packet": "-", "start": "1790812800"}
		for _, word := range words[6:] {
			name, value, _ := strings.Cut(word, "=")
			rest[name] = value
		}
		full := fmt.Sprintf("%s %s %s %s %s %s %s", strings.Join(words[:6], " "), rest["start"], rest["start"], rest["action"], rest["heading"], rest["flags"], rest["packet"])
		var r Record
		if err := p.parse([]byte(full), &r); err != nil {
			t.Fatalf("%s: %v", full, err)
		}
		w.See(&r)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	lists := map[string][]netip.Prefix{"pl-0a": {netip.MustParsePrefix("192.0.2.0/24")}, "pl-0e": {}}
	const own = "eni-0a 10.9.9.9 10.0.0.5 " // always of the group's interface
	cases := map[string]struct {
		rule, line, want string
	}{
		"a connection to the group's port is ingress":          {"ingress tcp 443 10.0.0.0/8", own + "40000 443 6", "seen"},
		"the same connection is no egress":                     {"egress tcp all 0.0.0.0/0", own + "40000 443 6", "silent"},
		"the reply counts for the connection":                  {"ingress tcp 443 10.0.0.0/8", "eni-0a 10.0.0.5 10.9.9.9 443 40000 6", "seen"},
		"the reply is no egress":                               {"egress tcp all 0.0.0.0/0", "eni-0a 10.0.0.5 10.9.9.9 443 40000 6", "silent"},
		"a connection from the group is egress":                {"egress tcp 443 10.0.0.0/8", "eni-0a 10.0.0.5 10.9.9.9 40000 443 6", "seen"},
		"a connection from the group is no ingress":            {"ingress tcp all 0.0.0.0/0", "eni-0a 10.0.0.5 10.9.9.9 40000 443 6", "silent"},
		"a second address is the interface's too":              {"egress tcp 443 10.0.0.0/8", "eni-0a 10.0.0.6 10.9.9.9 40000 443 6", "seen"},
		"between high ports both are possible: ingress":        {"ingress tcp 8080 10.0.0.0/8", own + "40000 8080 6", "seen in doubt"},
		"between high ports both are possible: egress":         {"egress tcp 40000 10.0.0.0/8", own + "40000 8080 6", "seen in doubt"},
		"a SYN leaves no doubt of ingress":                     {"ingress tcp 8080 10.0.0.0/8", own + "40000 8080 6 flags=2", "seen"},
		"a SYN leaves no egress":                               {"egress tcp 40000 10.0.0.0/8", own + "40000 8080 6 flags=2", "silent"},
		"a SYN-ACK of the peer is a reply to egress":           {"egress tcp 40000 10.0.0.0/8", own + "40000 8080 6 flags=18", "seen"},
		"a SYN-ACK of the peer is no ingress":                  {"ingress tcp 8080 10.0.0.0/8", own + "40000 8080 6 flags=18", "silent"},
		"the log's direction wins over addresses":              {"egress tcp 443 10.0.0.5/32", own + "40000 443 6 heading=egress", "seen"},
		"addresses that nobody has may be either end":          {"egress tcp 443 10.9.9.8/32", "eni-0a 10.9.9.9 10.9.9.8 40000 443 6", "seen"},
		"another port is another rule's":                       {"ingress tcp 444 10.0.0.0/8", own + "40000 443 6", "silent"},
		"another protocol is another rule's":                   {"ingress udp 443 10.0.0.0/8", own + "40000 443 6", "silent"},
		"another peer is another rule's":                       {"ingress tcp 443 10.9.9.8/32", own + "40000 443 6", "silent"},
		"all protocols take every one":                         {"ingress all all 10.0.0.0/8", own + "0 0 47", "seen in doubt"},
		"ICMP has no type in a log, so every type counts":      {"ingress icmp 8 10.0.0.0/8", own + "0 0 1", "seen in doubt"},
		"later parts of packets have no port, so every counts": {"ingress udp 514 10.0.0.0/8", own + "0 0 17", "seen in doubt"},
		"rejected traffic is not seen, and reported":           {"ingress tcp 443 10.0.0.0/8", own + "40000 443 6 action=REJECT", "rejected"},
		"the address in the packet may be the peer":            {"ingress tcp 443 172.16.0.0/12", own + "40000 443 6 packet=172.16.1.1", "seen in doubt"},
		"IPv6 is seen":                                            {"ingress tcp 443 2001:db8::/32", "eni-0a 2001:db8::9 2001:db8::5 40000 443 6", "seen"},
		"another interface is another group's":                    {"ingress tcp 443 10.0.0.0/8", "eni-0c 10.9.9.9 10.0.0.8 40000 443 6", "not judged: the logs have no record of the group's interfaces"},
		"an interface that was removed may have been the group's": {"ingress tcp 443 10.0.0.0/8", "eni-0x 10.9.9.9 10.3.3.3 40000 443 6", "seen in doubt"},
		"a member of the peer group is a peer":                    {"ingress tcp 443 sg-0b", "eni-0a 10.0.0.7 10.0.0.5 40000 443 6", "seen"},
		"a delegated prefix of a member is a peer":                {"ingress tcp 443 sg-0b", "eni-0a 10.0.8.3 10.0.0.5 40000 443 6", "seen"},
		"a neighbour that is no member is no peer":                {"ingress tcp 443 sg-0b", "eni-0a 10.0.0.8 10.0.0.5 40000 443 6", "silent"},
		"an address that was removed may have been a member's":    {"ingress tcp 443 sg-0b", own + "40000 443 6", "seen"},
		"an address of another VPC may be a member's of a third":  {"ingress tcp 443 sg-0b", "eni-0a 10.7.0.9 10.0.0.5 40000 443 6", "seen"},
		"a member in another VPC is a peer":                       {"ingress tcp 443 sg-0c", "eni-0a 10.7.0.9 10.0.0.5 40000 443 6", "seen"},
		"a group may be named":                                    {"ingress tcp 443 sg-0c", "eni-0a 10.0.0.8 10.0.0.5 40000 443 6", "seen"},
		"a peer group without interfaces is not judged":           {"ingress tcp 443 sg-0f", own + "40000 22 6", "not judged: no interface of the snapshots has the group sg-0f, so its addresses are not known"},
		"the entries of a prefix list are peers":                  {"ingress tcp 443 pl-0a", "eni-0a 192.0.2.9 10.0.0.5 40000 443 6", "seen"},
		"other addresses are no peers of a prefix list":           {"ingress tcp 443 pl-0a", own + "40000 443 6", "silent"},
		"a prefix list without entries is judged":                 {"ingress tcp 443 pl-0e", own + "40000 443 6", "silent"},
		"a prefix list without a document is not judged":          {"ingress tcp 443 pl-0b", own + "40000 22 6", "not judged: the entries of pl-0b are not known: lint the document of the prefix list too"},
		"DNS to the VPC is not logged, so DNS is not judged":      {"egress udp 53 0.0.0.0/0", own + "40000 22 6", "not judged: flow logs leave out DNS, DHCP, time, metadata and activation of the VPC itself"},
		"the metadata are not logged":                             {"egress tcp 80 169.254.169.254/32", own + "40000 22 6", "not judged: flow logs leave out DNS, DHCP, time, metadata and activation of the VPC itself"},
		"DNS from others is logged":                               {"ingress udp 53 10.0.0.0/8", own + "40000 22 6", "silent"},
		"a wider rule than DNS is judged":                         {"egress udp 53-54 0.0.0.0/0", own + "40000 22 6", "silent"},
		"a port of the caller that Athena left out fits no rule":  {"ingress tcp 8080 10.0.0.0/8", own + "-1 8080 6", "seen"},
		"and the other direction is out of the question for both": {"egress tcp all 10.0.0.0/8", own + "-1 8080 6", "silent"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := parsed(t, c.rule)[0]
			w := watching(t, Group{"sg-0a", []rule.Rule{r}}, lists)
			// A window without traffic, so that the group is in the logs.
			if !strings.HasPrefix(c.want, "not judged: the logs") {
				w.See(&Record{Interface: []byte("eni-0a"), Status: NoData, Start: 1790812800, End: 1790812860})
			}
			show(t, w, c.line, "eni-0c 10.9.9.9 10.0.0.8 40000 9999 6 flags=2") // the VPC's log has accepted traffic
			if diff := cmp.Diff(c.want, verdictText(w.Verdict("sg-0a", r))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func verdictText(v Verdict) string {
	switch {
	case v.NotJudged != "":
		return "not judged: " + v.NotJudged
	case v.Seen && v.Doubtful:
		return "seen in doubt"
	case v.Seen:
		return "seen"
	case v.Rejected:
		return "rejected"
	}
	return "silent"
}

func TestNarrower(t *testing.T) {
	t.Parallel()
	many := func(n int, line func(i int) string) []string {
		var lines []string
		for i := range n {
			lines = append(lines, line(i))
		}
		return lines
	}
	cases := map[string]struct {
		rule  string
		lines []string
		want  []string
	}{
		"a wide network shrinks to the addresses seen": {
			"ingress tcp 443 10.0.0.0/8",
			[]string{"eni-0a 10.1.0.2 10.0.0.5 40000 443 6", "eni-0a 10.1.0.3 10.0.0.5 40000 443 6", "eni-0a 10.9.0.1 10.0.0.5 40000 443 6"},
			[]string{"ingress tcp 443 10.1.0.2/31", "ingress tcp 443 10.9.0.1/32"},
		},
		"wide ports shrink to the ports seen, each with its addresses": {
			"ingress tcp all 10.0.0.0/8",
			[]string{"eni-0a 10.1.0.2 10.0.0.5 40000 443 6", "eni-0a 10.1.0.3 10.0.0.5 40000 22 6"},
			[]string{"ingress tcp 22 10.1.0.3/32", "ingress tcp 443 10.1.0.2/32"},
		},
		"neighbouring ports with the same addresses are one range": {
			"ingress tcp all 10.0.0.0/8",
			[]string{"eni-0a 10.1.0.2 10.0.0.5 40000 80 6", "eni-0a 10.1.0.2 10.0.0.5 40000 81 6", "eni-0a 10.1.0.2 10.0.0.5 40000 82 6"},
			[]string{"ingress tcp 80-82 10.1.0.2/32"},
		},
		"a narrow network stays as it is": {
			"ingress tcp all 10.1.0.0/28", []string{"eni-0a 10.1.0.2 10.0.0.5 40000 443 6"}, []string{"ingress tcp 443 10.1.0.0/28"},
		},
		"a rule for one port of a narrow network is narrow": {
			"ingress tcp 443 10.1.0.0/28", []string{"eni-0a 10.1.0.2 10.0.0.5 40000 443 6"}, nil,
		},
		"a group stays, and its ports shrink": {
			"ingress tcp all sg-0b", []string{"eni-0a 10.0.0.7 10.0.0.5 40000 443 6"}, []string{"ingress tcp 443 sg-0b"},
		},
		"a rule for one port of a group is narrow": {
			"ingress tcp 443 sg-0b", []string{"eni-0a 10.0.0.7 10.0.0.5 40000 443 6"}, nil,
		},
		"all protocols become those that were seen": {
			"egress all all 0.0.0.0/0",
			[]string{"eni-0a 10.0.0.5 203.0.113.9 40000 443 6", "eni-0a 10.0.0.5 10.9.9.9 0 0 1"},
			[]string{"egress icmp all 10.9.9.9/32", "egress tcp 443 203.0.113.9/32"},
		},
		"a rule that is used to the full is no wider than seen": {
			"ingress tcp 443 10.1.0.0/24", many(256, func(i int) string { return fmt.Sprintf("eni-0a 10.1.0.%d 10.0.0.5 40000 443 6", i) }), nil,
		},
		"more than eight networks become eight": {
			"ingress tcp 443 10.0.0.0/8", many(40, func(i int) string { return fmt.Sprintf("eni-0a 10.%d.0.%d 10.0.0.5 40000 443 6", 16+i/5, i%5) }),
			[]string{
				"ingress tcp 443 10.16.0.0/29", "ingress tcp 443 10.17.0.0/29", "ingress tcp 443 10.18.0.0/29", "ingress tcp 443 10.19.0.0/29",
				"ingress tcp 443 10.20.0.0/29", "ingress tcp 443 10.21.0.0/29", "ingress tcp 443 10.22.0.0/29", "ingress tcp 443 10.23.0.0/29",
			},
		},
		"IPv6 shrinks too": {
			"ingress tcp 443 ::/0", []string{"eni-0a 2001:db8::9 2001:db8::5 40000 443 6"}, []string{"ingress tcp 443 2001:db8::9/128"},
		},
		"nothing seen is nothing to narrow": {"ingress tcp 443 10.0.0.0/8", []string{"eni-0a 172.16.0.2 10.0.0.5 40000 443 6"}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := parsed(t, c.rule)[0]
			w := watching(t, Group{"sg-0a", []rule.Rule{r}}, nil)
			show(t, w, c.lines...)
			var got []string
			for _, n := range w.Verdict("sg-0a", r).Narrower {
				got = append(got, n.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60
	first := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	w := watching(t, Group{"sg-0c", parsed(t, "ingress tcp 443 10.0.0.0/8")}, nil)
	at := func(id string, status Status, start, length int64) {
		w.See(&Record{Interface: []byte(id), Status: status, Start: first.Unix() + start, End: first.Unix() + start + length})
	}
	for hour := range int64(31 * 24) {
		at("eni-0b", NoData, (hour*7%(31*24))*3600, 600) // in no order
	}
	if whole := w.Period().Text(); whole != "from 2026-10-01 to 2026-10-31" {
		t.Errorf("got %s", whole)
	}
	if c := w.Coverage("sg-0c"); c.NotJudged() == "" || len(c.Silent) != 2 {
		t.Errorf("got %+v", c)
	}
	for hour := range int64(31 * 24) {
		at("eni-0c", NoData, (hour*7%(31*24))*3600, 600)
	}
	at("eni-0d", NoData, 3*day, 600)
	at("eni-0d", SkipData, 5*day, 600)
	got := w.Coverage("sg-0c")
	want := Coverage{
		Period: Period{first, first.Add(31*24*time.Hour - 50*time.Minute)}, Interfaces: 2, Skipped: 1,
		Parts: []Part{{"eni-0d", Period{first.Add(3 * 24 * time.Hour), first.Add(5*24*time.Hour + 10*time.Minute)}, 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if other := w.Coverage("sg-0f"); other.NotJudged() != "no interface of the snapshots has the group" {
		t.Errorf("got %+v", other)
	}
}

func TestPeriodText(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		parsed, err := time.Parse("2006-01-02 15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, c := range map[string]struct{ from, to, want string }{
		"days are enough for a month":      {"2026-10-01 00:00:10", "2026-10-31 23:59:50", "from 2026-10-01 to 2026-10-31"},
		"midnight ends the day before":     {"2026-10-01 00:00:00", "2026-11-01 00:00:00", "from 2026-10-01 to 2026-10-31"},
		"less than two days need the hour": {"2026-10-01 10:00:10", "2026-10-02 11:00:50", "from 2026-10-01 10:00 to 2026-10-02 11:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (Period{at(c.from), at(c.to)}).Text(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestInterfaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, err string }{
		"an account without interfaces is fine":       {`{"NetworkInterfaces": []}`, ""},
		"unknown fields are AWS's business":           {`{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-0a", "New": 1}], "NextToken": ""}`, ""},
		"another document is reported":                {`{"SecurityGroups": []}`, `the file has no list "NetworkInterfaces": make the file with ` + InterfacesCommand},
		"half a document is reported":                 {`{"NetworkInterfaces": [`, "read the answer of describe-network-interfaces: unexpected end of JSON input"},
		"an interface needs an id":                    {`{"NetworkInterfaces": [{}]}`, "NetworkInterfaces[0] has no NetworkInterfaceId: make the file with " + InterfacesCommand},
		"an address that can't be read is reported":   {`{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-0a", "PrivateIpAddress": "10.0"}]}`, `read the addresses of eni-0a: ParseAddr("10.0"): IPv4 address too short`},
		"a prefix that can't be read is reported too": {`{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-0a", "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.0.0"}]}]}`, `read the addresses of eni-0a: netip.ParsePrefix("10.0.0.0"): no '/'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := (Interfaces{}).Add([]byte(c.text)); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.err, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSnapshotsAddUp has an interface that changed its group between two snapshots: both groups count.
func TestSnapshotsAddUp(t *testing.T) {
	t.Parallel()
	all := Interfaces{}
	for _, text := range []string{twoGroups, strings.ReplaceAll(twoGroups, "sg-0a", "sg-0z"), twoGroups} {
		if err := all.Add([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"sg-0a", "name:web", "sg-0z"}, all["eni-0a"].Groups); diff != "" || len(all) != 4 || len(all["eni-0a"].Addrs) != 3 {
		t.Error(diff, all)
	}
}
