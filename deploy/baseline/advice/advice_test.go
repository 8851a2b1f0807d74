package advice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 500, time.UTC)

// TestAdvice has for each advice what deserves it and, as a twin, what nearly does.
func TestAdvice(t *testing.T) {
	t.Parallel()
	const egressAll = "\negress: [{protocol: all, destinations: [0.0.0.0/0]}]"
	in := func(entries string) string { return "ingress: [" + entries + "]" }
	exception := func(fields string) string {
		return "egress: []\nexceptions: [{direction: ingress, protocol: tcp, ports: 22, sources: [192.0.2.1/32], " + fields + "}]"
	}
	cases := map[string]struct {
		yaml string
		want string // path and id of each, in order
	}{
		"ssh from the world":                         {in("{protocol: tcp, ports: 22, sources: [0.0.0.0/0]}"), "ingress[0] world"},
		"ssh from the IPv6 world":                    {in(`{protocol: tcp, ports: 22, sources: ["::/0"]}`), "ingress[0] world"},
		"ssh from two halves of the world":           {in("{protocol: tcp, ports: 22, sources: [0.0.0.0/1]}, {protocol: tcp, ports: 22, sources: [128.0.0.0/1]}"), "ingress[0] world, ingress[1] world"},
		"ssh from all public IPv6":                   {in(`{protocol: tcp, ports: 22, sources: ["2000::/3"]}`), "ingress[0] world"},
		"ssh from half of public IPv6":               {in(`{protocol: tcp, ports: 22, sources: ["2000::/4"]}`), ""},
		"ssh from half the world":                    {in("{protocol: tcp, ports: 22, sources: [0.0.0.0/1]}"), ""},
		"the web from the world":                     {in(`{protocol: tcp, ports: 80, sources: [0.0.0.0/0]}, {protocol: tcp, ports: 443, sources: [0.0.0.0/0, "::/0"]}`), ""},
		"QUIC from the world":                        {in("{protocol: udp, ports: 443, sources: [0.0.0.0/0]}"), "ingress[0] world"},
		"the web and one port more from the world":   {in("{protocol: tcp, ports: 80-81, sources: [0.0.0.0/0]}"), "ingress[0] world"},
		"ssh to the world":                           {"egress: [{protocol: tcp, ports: 22, destinations: [0.0.0.0/0]}]", "egress[0] world"},
		"TLS to the world":                           {"egress: [{protocol: tcp, ports: 443, destinations: [0.0.0.0/0]}]", ""},
		"what every new group may reach":             {"ingress: []" + egressAll, "egress[0] all-protocols"},
		"everything from the world":                  {in("{protocol: all, sources: [0.0.0.0/0]}"), "ingress[0] world, ingress[0] all-protocols"},
		"everything from the group itself":           {in("{protocol: all, sources: [self]}"), "ingress[0] all-protocols"},
		"an exception for the world":                 {strings.Replace(exception("reason: x, approvedBy: y, expires: 2026-11-22T00:00:00Z"), "192.0.2.1/32", "0.0.0.0/0", 1), "exceptions[0] world"},
		"101 ports":                                  {in("{protocol: udp, ports: 8000-8100, sources: [sg-0b]}"), "ingress[0] wide-ports"},
		"100 ports":                                  {in("{protocol: udp, ports: 8000-8099, sources: [sg-0b]}"), ""},
		"all ports":                                  {in("{protocol: tcp, ports: all, sources: [sg-0b]}"), "ingress[0] wide-ports"},
		"all of ICMP":                                {in("{protocol: icmp, ports: all, sources: [10.0.0.0/8]}"), ""},
		"another protocol without ports":             {in("{protocol: 50, sources: [10.0.0.0/8]}"), ""},
		"MySQL from addresses":                       {in("{protocol: tcp, ports: 3306, sources: [sg-0b, 10.0.0.0/8]}"), "ingress[0] database-from-address"},
		"MySQL from a group":                         {in("{protocol: tcp, ports: 3306, sources: [sg-0b]}"), ""},
		"MySQL to addresses":                         {"egress: [{protocol: tcp, ports: 3306, destinations: [10.0.0.0/8]}]", ""},
		"memcached over udp from addresses":          {in("{protocol: udp, ports: 11211, sources: [10.0.0.0/8]}"), "ingress[0] database-from-address"},
		"databases within a few ports":               {in("{protocol: tcp, ports: 27010-27020, sources: [10.0.0.0/8]}"), "ingress[0] database-from-address"},
		"databases within very many ports":           {in("{protocol: tcp, ports: 1024-65535, sources: [10.0.0.0/8]}"), "ingress[0] wide-ports"},
		"an instance where others are groups":        {in("{protocol: tcp, ports: 8080, sources: [10.0.0.5/32, sg-0b]}"), "ingress[0] address-for-group"},
		"instances in an entry of their own":         {in("{protocol: tcp, ports: 8080, sources: [10.0.0.16/28]}, {protocol: tcp, ports: 8000-8090, sources: [sg-0b]}"), "ingress[0] address-for-group"},
		"an IPv6 instance where others are groups":   {in(`{protocol: tcp, ports: 8080, sources: ["fd00::1/128", sg-0b]}`), "ingress[0] address-for-group"},
		"an instance where no others are groups":     {in("{protocol: tcp, ports: 8080, sources: [10.0.0.5/32]}, {protocol: tcp, ports: 22, sources: [sg-0b]}"), ""},
		"a network where others are groups":          {in("{protocol: tcp, ports: 8080, sources: [10.0.0.0/27, sg-0b]}"), ""},
		"a public address where others are groups":   {in("{protocol: tcp, ports: 8080, sources: [192.0.2.1/32, sg-0b]}"), ""},
		"a database that reaches the world":          {in("{protocol: tcp, ports: 5432, sources: [sg-0b]}") + egressAll, "egress[0] open-egress-data-tier"},
		"a database that reaches the world by tcp":   {in("{protocol: tcp, ports: 5432, sources: [sg-0b]}") + "\negress: [{protocol: tcp, ports: all, destinations: [0.0.0.0/0]}]", "egress[0] world, egress[0] wide-ports, egress[0] open-egress-data-tier"},
		"a database that reaches the web":            {in("{protocol: tcp, ports: 5432, sources: [sg-0b]}") + "\negress: [{protocol: tcp, ports: 443, destinations: [0.0.0.0/0]}]", ""},
		"a database with ssh that reaches the world": {in("{protocol: tcp, ports: 5432, sources: [sg-0b]}, {protocol: tcp, ports: 22, sources: [sg-0b]}") + egressAll, "egress[0] all-protocols"},
		"an exception without a reason":              {exception("approvedBy: y, expires: 2026-11-22T00:00:00Z"), "exceptions[0] exception-reason"},
		"an exception with a blank approver":         {exception("reason: x, approvedBy: ' ', expires: 2026-11-22T00:00:00Z"), "exceptions[0] exception-reason"},
		"an exception with both":                     {exception("reason: x, approvedBy: y, expires: 2026-11-22T00:00:00Z"), ""},
		"an exception that has expired":              {exception("expires: 2026-11-21T12:00:00Z"), ""},
		"an exception for 30 days":                   {exception("reason: x, approvedBy: y, expires: 2026-12-21T12:00:00Z"), ""},
		"an exception for more":                      {exception("reason: x, approvedBy: y, expires: 2026-12-21T12:00:01Z"), "exceptions[0] exception-too-long"},
		"the same twice":                             {in("{protocol: tcp, ports: 22, sources: [sg-0b]}, {protocol: tcp, ports: 22, sources: [sg-0b]}"), "ingress[1] redundant"},
		"the same twice in one entry":                {in("{protocol: tcp, ports: 22, sources: [sg-0b, sg-0b]}"), "ingress[0] redundant"},
		"the same in and out":                        {in("{protocol: tcp, ports: 22, sources: [sg-0b]}") + "\negress: [{protocol: tcp, ports: 22, destinations: [sg-0b]}]", ""},
		"the narrower one, whatever the order":       {in("{protocol: tcp, ports: 22, sources: [10.1.0.0/16]}, {protocol: tcp, ports: 22, sources: [10.0.0.0/8]}"), "ingress[0] redundant"},
		"halves rather than the whole":               {in("{protocol: tcp, ports: 22, sources: [10.0.0.0/9, 10.128.0.0/9]}, {protocol: tcp, ports: 22, sources: [10.0.0.0/8]}"), "ingress[0] redundant"},
		"what several cover together":                {in("{protocol: tcp, ports: 20-22, sources: [10.0.0.0/8]}, {protocol: tcp, ports: 21-24, sources: [10.0.0.0/8]}, {protocol: tcp, ports: 23-26, sources: [10.0.0.0/8]}"), "ingress[1] redundant"},
		"a group where the world may":                {in(`{protocol: tcp, ports: 443, sources: [sg-0b, 0.0.0.0/0, "::/0"]}`), "ingress[0] redundant"},
		"a group where the IPv4 world may":           {in(`{protocol: tcp, ports: 443, sources: [sg-0b, 0.0.0.0/0]}`), ""},
		"the narrower one where matches are exact":   {"match: exact\n" + in("{protocol: tcp, ports: 22, sources: [10.1.0.0/16]}, {protocol: tcp, ports: 22, sources: [10.0.0.0/8]}"), ""},
		"the same twice where matches are exact":     {"match: exact\n" + in("{protocol: tcp, ports: 22, sources: [sg-0b, sg-0b]}"), "ingress[0] redundant"},
		"an exception that is permitted for good":    {strings.Replace(exception("reason: x, approvedBy: y, expires: 2026-11-22T00:00:00Z"), "egress: []", in("{protocol: tcp, ports: 22, sources: [192.0.2.0/24]}"), 1), "exceptions[0] redundant"},
		"the shorter of two exceptions":              {exceptions("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"), "exceptions[0] redundant"},
		"the second of two that last as long":        {exceptions("2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z"), "exceptions[1] redundant"},
		"nothing at all":                             {"ingress: []\negress: []", ""},
	}
	seen := map[string]bool{"not-guarded": true} // has a test of its own
	for name, c := range cases {
		for _, one := range strings.Split(c.want, ", ") {
			_, id, _ := strings.Cut(one, " ")
			seen[id] = true
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: sg-0a\n"+bothLists(c.yaml)), "")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, hint := range (Adviser{Now: now.Truncate(time.Second)}).On(doc) {
				got = append(got, hint.Path+" "+hint.ID)
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, known := range Kinds {
		if !seen[known.Id] {
			t.Errorf("no case is about %s", known.Id)
		}
	}
}

// bothLists adds an empty list for a direction that has none.
func bothLists(yaml string) string {
	for _, direction := range []string{"ingress", "egress"} {
		if !strings.Contains(yaml, direction+": [") {
			yaml = strings.TrimSuffix(yaml, "\n") + "\n" + direction + ": []\n"
		}
	}
	return yaml
}

func TestADirectionThatIsNotGuardedIsAdvisedOn(t *testing.T) {
	t.Parallel()
	const ingress = "ingress: [{protocol: tcp, ports: 22, sources: [0.0.0.0/0]}]\n"
	const world = "4:11 ingress[0] world"
	cases := map[string]struct {
		lists string
		want  []string
	}{
		"ingress alone": {ingress, []string{"2:1 egress is not guarded: rules of that direction are left alone; write egress: [] if none is meant", world}},
		"egress alone":  {"egress: []\n", []string{"2:1 ingress is not guarded: rules of that direction are left alone; write ingress: [] if none is meant"}},
		"both":          {ingress + "egress: []\n", []string{world}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := yamlfile.Decode([]byte("# by hand\nschema: 1\ngroupId: sg-0a\n"+c.lists), "")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, hint := range (Adviser{Now: now}).On(doc) {
				text := hint.Path + " " + hint.ID
				if hint.ID == "not-guarded" {
					text = hint.Path + hint.Text
				}
				got = append(got, fmt.Sprintf("%d:%d %s", hint.Line, hint.Column, text))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func exceptions(expires ...string) string {
	text := "egress: []\nexceptions:\n"
	for _, at := range expires {
		text += "  - {direction: ingress, protocol: tcp, ports: 22, sources: [192.0.2.1/32], reason: x, approvedBy: y, expires: " + at + "}\n"
	}
	return text
}

// TestWhatIsRedundantCanBeRemovedAtOnce removes all that is called redundant.
func TestWhatIsRedundantCanBeRemovedAtOnce(t *testing.T) {
	t.Parallel()
	var entries []string
	for _, ports := range []string{"1-10", "5-15", "8-20", "1-20", "16-20", "30", "30"} {
		for _, peer := range []string{"10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/8"} {
			entries = append(entries, fmt.Sprintf("{protocol: tcp, ports: %s, sources: [%s]}", ports, peer))
		}
	}
	doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: sg-0a\ningress: ["+strings.Join(entries, ",")+"]"), "")
	if err != nil {
		t.Fatal(err)
	}
	lean := *doc
	lean.Ingress = nil
	redundant := map[string]bool{}
	for _, hint := range newSubject(doc, now).redundant() {
		redundant[hint.Path] = true
	}
	for i, e := range doc.Ingress {
		if !redundant[fmt.Sprintf("ingress[%d]", i)] {
			lean.Ingress = append(lean.Ingress, e)
		}
	}
	if d := baseline.Compare(doc, &lean, now); !d.None() || len(lean.Ingress) != 2 {
		t.Errorf("%+v is left, and that permits %+v", lean.Ingress, d)
	}
}
