package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

func FuzzDecode(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(`{"schema":1,"groupId":"sg-0a","ingress":[{"protocol":"tcp","ports":"1","sources":["10.0.0.0/8"]}],"egress":[]}`))
	for _, r := range poison {
		if len(r.head) < 1_000 {
			f.Add(r.times(40))
		}
	}
	for _, r := range poisonYAML {
		f.Add(r.times(40))
	}
	f.Add([]byte(`{"schema":1,"groupId":"sg-0a","egress":[],"exceptions":[{"direction":"ingress","protocol":"all","sources":["self"],"expires":"2026-12-01T09:00:00Z"}]}`))
	f.Add([]byte(strings.Repeat(" ", 8<<10)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte, string) (*baseline.Document, error){baseline.Decode, yamlfile.Decode} {
			doc, err := decode(data, "")
			if (doc == nil) == (err == nil) {
				t.Fatalf("got %v, %v", doc, err)
			}
			if doc == nil {
				continue
			}
			rule.Compile(doc.Permitted(time.Time{}))
			if grace := doc.Grace(0); grace < 0 || grace > 24*time.Hour || grace%time.Minute != 0 {
				t.Fatalf("%q has a grace period of %v", data, grace)
			}
			if !doc.Guards(rule.Ingress) && !doc.Guards(rule.Egress) {
				t.Fatalf("%q guards nothing", data)
			}
			for _, e := range doc.Exceptions {
				if direction, err := rule.ParseDirection(e.Direction); err != nil || !doc.Guards(direction) {
					t.Fatalf("%q has an exception of %q, %v", data, e.Direction, err)
				}
			}
		}
	})
}

// FuzzDecodeGuardrail: it never panics, and returns one of both.
func FuzzDecodeGuardrail(f *testing.F) {
	f.Add([]byte(`{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":24,"ipv6":48}}]}`))
	f.Add([]byte(`{"schema":1,"forbid":[{"direction":"egress","protocol":"icmp","ports":"8","widest":{"ipv4":-1,"ipv6":1e2}}]}`))
	for _, r := range poison {
		if len(r.head) < 1_000 {
			f.Add(r.times(40))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte) (*baseline.Guardrail, error){baseline.DecodeGuardrail, yamlfile.DecodeGuardrail} {
			g, err := decode(data)
			if (g == nil) == (err == nil) {
				t.Fatalf("got %v, %v", g, err)
			}
			if g == nil {
				continue
			}
			for _, entry := range g.Forbid {
				if entry.WidestV4 < 0 || entry.WidestV4 > 32 || entry.WidestV6 < 0 || entry.WidestV6 > 128 {
					t.Fatalf("%q became %+v", data, entry)
				}
			}
		}
	})
}
