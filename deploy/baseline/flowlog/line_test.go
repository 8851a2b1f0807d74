package flowlog

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compareAddrs lets go-cmp look at addresses.
var compareAddrs = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

const everyField = "version interface-id srcaddr dstaddr srcport dstport protocol action start end log-status flow-direction tcp-flags pkt-srcaddr pkt-dstaddr"

func TestParse(t *testing.T) {
	t.Parallel()
	plain := Record{
		Interface: []byte("eni-0a"), Source: Endpoint{Addr: netip.MustParseAddr("10.1.2.3"), Port: 51000},
		Target: Endpoint{Addr: netip.MustParseAddr("10.0.0.5"), Port: 22}, Protocol: 6, Action: Accepted, Status: OK, Start: 1790812800, End: 1790812860,
	}
	but := func(change func(*Record)) Record {
		r := plain
		change(&r)
		return r
	}
	const start = "2 111122223333 eni-0a "
	const end = " 6 20 4249 1790812800 1790812860 "
	cases := map[string]struct {
		format, line string
		want         Record
		err          error
	}{
		"a line of the default format is read":   {"", start + "10.1.2.3 10.0.0.5 51000 22" + end + "ACCEPT OK", plain, nil},
		"a rejected record is distinguished":     {"", start + "10.1.2.3 10.0.0.5 51000 22" + end + "REJECT OK", but(func(r *Record) { r.Action = Rejected }), nil},
		"a window without traffic has no action": {"", start + "- - - - - - - 1790812800 1790812860 - NODATA", Record{Interface: []byte("eni-0a"), Status: NoData, Start: 1790812800, End: 1790812860}, nil},
		"a skipped window has no action":         {"", start + "- - - - - - - 1790812800 1790812860 - SKIPDATA", Record{Interface: []byte("eni-0a"), Status: SkipData, Start: 1790812800, End: 1790812860}, nil},
		"addresses of IPv6 are read": {"", start + "2001:db8::1 2001:db8::2 51000 22" + end + "ACCEPT OK", but(func(r *Record) {
			r.Source.Addr, r.Target.Addr = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
		}), nil},
		"fields of later versions are read": {everyField, "5 eni-0a 10.1.2.3 10.0.0.5 51000 22 6 ACCEPT 1790812800 1790812860 OK ingress 3 192.0.2.1 10.0.0.6", but(func(r *Record) {
			r.Heading, r.Flags, r.HasFlags = In, 3, true
			r.Source.Packet, r.Target.Packet = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("10.0.0.6")
		}), nil},
		"fields of later versions may be empty": {everyField, "5 eni-0a 10.1.2.3 10.0.0.5 51000 22 6 ACCEPT 1790812800 1790812860 OK - - - -", plain, nil},
		"a line that ends early is torn":        {"", start + "10.1.2.3 10.0.0.5 51000", Record{}, errColumns},
		"a line with a field more is torn":      {"", start + "10.1.2.3 10.0.0.5 51000 22" + end + "ACCEPT OK -", Record{}, errColumns},
		"an interface needs an id":              {"", "2 1 i-0a 10.1.2.3 10.0.0.5 51000 22" + end + "ACCEPT OK", Record{}, errInterface},
		"an address of three parts is none":     {"", start + "10.1.2 10.0.0.5 51000 22" + end + "ACCEPT OK", Record{}, errAddress},
		"an address of five parts is none":      {"", start + "10.1.2.3.4 10.0.0.5 51000 22" + end + "ACCEPT OK", Record{}, errAddress},
		"a part of an address ends at 255":      {"", start + "10.1.2.256 10.0.0.5 51000 22" + end + "ACCEPT OK", Record{}, errAddress},
		"an address with a zone is none":        {"", start + "fe80::1%eth0 10.0.0.5 51000 22" + end + "ACCEPT OK", Record{}, errAddress},
		"ports end at 65535":                    {"", start + "10.1.2.3 10.0.0.5 65536 22" + end + "ACCEPT OK", Record{}, errNumber},
		"protocols end at 255":                  {"", start + "10.1.2.3 10.0.0.5 51000 22 256 20 4249 1790812800 1790812860 ACCEPT OK", Record{}, errNumber},
		"there is no third action":              {"", start + "10.1.2.3 10.0.0.5 51000 22" + end + "DENY OK", Record{}, errAction},
		"there is no fourth status":             {"", start + "10.1.2.3 10.0.0.5 51000 22" + end + "ACCEPT YES", Record{}, errStatus},
		"flow logs did not exist in 2012":       {"", start + "10.1.2.3 10.0.0.5 51000 22 6 20 4249 1340812800 1340812860 ACCEPT OK", Record{}, errTime},
		"a window ends after its start":         {"", start + "10.1.2.3 10.0.0.5 51000 22 6 20 4249 1790812860 1790812800 ACCEPT OK", Record{}, errTime},
		"a time does not overflow":              {"", start + "10.1.2.3 10.0.0.5 51000 22 6 20 4249 1790812800 99999999999999999999999 ACCEPT OK", Record{}, errTime},
		"there is no third direction":           {everyField, "5 eni-0a 10.1.2.3 10.0.0.5 51000 22 6 ACCEPT 1790812800 1790812860 OK sideways 3 - -", Record{}, errHeading},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParser()
			if c.format != "" {
				var err error
				if p.format, err = ParseFormat(c.format); err != nil {
					t.Fatal(err)
				}
			}
			var got Record
			err := p.parse([]byte(c.line), &got)
			if !errors.Is(err, c.err) {
				t.Fatalf("got the error %v, want %v", err, c.err)
			}
			if diff := cmp.Diff(c.want, got, compareAddrs); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	p := newParser()
	lines := [][]byte{
		[]byte("2 111122223333 eni-0a 10.1.2.3 10.0.0.5 51000 22 6 20 4249 1790812800 1790812860 ACCEPT OK"),
		[]byte("2 111122223333 eni-0a 2001:db8::1 2001:db8::2 51000 22 6 20 4249 1790812800 1790812860 ACCEPT OK"),
		[]byte("2 111122223333 eni-0a 10.1.2.3 10.0.0.5 51000"),
	}
	var r Record
	w := NewWatch(nil, nil, nil)
	allocated := testing.AllocsPerRun(1000, func() {
		for _, line := range lines {
			if p.parse(line, &r) == nil {
				w.See(&r)
			}
		}
	})
	if allocated != 0 {
		t.Errorf("%v allocations for %d lines", allocated, len(lines))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("", "2 111122223333 eni-0a 10.1.2.3 10.0.0.5 51000 22 6 20 4249 1790812800 1790812860 ACCEPT OK")
	f.Add(everyField, "5 eni-0a 10.1.2.3 ::ffff:10.0.0.5 -1 22 6 ACCEPT 1790812800 1790812860 OK - 3 - -")
	f.Add("start end", "2026-10-01T00:00:00.000Z 2 x")
	f.Fuzz(func(t *testing.T, header, text string) {
		p := newParser()
		if format, is, err := headerFormat([]byte(header)); is && err == nil {
			p.format = format
		}
		var r Record
		if p.parse(withoutTime([]byte(text)), &r) != nil || r.Status != OK {
			return
		}
		if !r.Source.Addr.IsValid() || !r.Target.Addr.IsValid() || r.Source.Addr.Is4In6() || r.Start > r.End || r.Action == 0 {
			t.Errorf("read as %+v", r)
		}
		r.opener()
	})
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, err string }{
		"AWS's LogFormat is read":    {"${version} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${action} ${start} ${end}", ""},
		"a format may be too short":  {"${interface-id} ${srcaddr} ${dstaddr} ${action} ${start} ${end}", "the log lacks fields that the advice needs: srcport, dstport, protocol"},
		"a field is not there twice": {"srcaddr srcaddr", "the field srcaddr is there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if _, err := ParseFormat(c.text); err != nil {
				got = err.Error()
			}
			if got != c.err {
				t.Errorf("got %q, want %q", got, c.err)
			}
		})
	}
}
