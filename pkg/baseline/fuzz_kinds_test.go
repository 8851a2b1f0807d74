package baseline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// earliest is later than the times whose UTC JSON has no way to write, or that are
// no time at all.
var earliest = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)

// seeds adds documents, and what is poison in small.
func seeds(f *testing.F, documents ...string) {
	for _, document := range documents {
		f.Add([]byte(document))
	}
	for _, r := range poison {
		if len(r.head) < 1_000 {
			f.Add(r.times(40))
		}
	}
	for _, r := range poisonYAML {
		f.Add(r.times(40))
	}
}

// FuzzDecodeApproval: the result is one of an approval and an error. An approval
// keeps its bounds, and what is encoded decodes to the same.
func FuzzDecodeApproval(f *testing.F) {
	seeds(f, approvalText, `{"schema":1,"rules":["ingress tcp 22 10.0.0.0/8","ingress 6 22-22 10.0.0.0/8"],"expires":"0000-01-01T00:00:00+01:00","reason":"\u00a0"}`,
		"schema: 1\nrules: [egress all all ::/0]\nexpires: 2026-11-22T06:40:00.5+01:00\nreason: x\n")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte, string, time.Time) (*baseline.Approval, error){baseline.DecodeApproval, yamlfile.DecodeApproval} {
			a, err := decode(data, "a", now)
			if (a == nil) == (err == nil) {
				t.Fatalf("got %v, %v", a, err)
			}
			if a == nil {
				continue
			}
			different := map[rule.Rule]bool{}
			for _, r := range a.Rules {
				different[r] = true
			}
			if len(a.Rules) < 1 || len(a.Rules) > 50 || len(different) != len(a.Rules) || a.Expires.After(now.Add(90*24*time.Hour)) {
				t.Fatalf("%q became %+v", data, a)
			}
			if a.Expires.Before(earliest) {
				continue
			}
			encoded, err := baseline.EncodeApproval(a)
			if err != nil {
				t.Fatalf("%q: %v", data, err)
			}
			back, err := baseline.DecodeApproval(encoded, "a", now)
			if err != nil {
				t.Fatalf("%q became %s: %v", data, encoded, err)
			}
			if diff := cmp.Diff(a, back, sameDocument); diff != "" {
				t.Fatalf("%q: %s", data, diff)
			}
		}
	})
}

// FuzzDecodePause checks what FuzzDecodeApproval checks.
func FuzzDecodePause(f *testing.F) {
	seeds(f, `{"schema":1,"until":"2026-11-21T23:00:00Z","reason":"migration CHG-77"}`, "schema: 1\nuntil: 2026-11-22T06:40:00.5+01:00\nreason: \"\\xff\"\n")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte, time.Time) (*baseline.Pause, error){baseline.DecodePause, yamlfile.DecodePause} {
			p, err := decode(data, now)
			if (p == nil) == (err == nil) {
				t.Fatalf("got %v, %v", p, err)
			}
			if p == nil || p.Until.Before(earliest) {
				continue
			}
			encoded, err := baseline.EncodePause(p)
			if err != nil {
				t.Fatalf("%q: %v", data, err)
			}
			back, err := baseline.DecodePause(encoded, now)
			if err != nil || p.Until.After(now.Add(24*time.Hour)) {
				t.Fatalf("%q became %s: %v", data, encoded, err)
			}
			if diff := cmp.Diff(p, back); diff != "" {
				t.Fatalf("%q: %s", data, diff)
			}
		}
	})
}

// FuzzDecodeTrust checks what FuzzDecodeApproval checks.
func FuzzDecodeTrust(f *testing.F) {
	seeds(f, trustText, `{"schema":1,"principals":[]}`, `{"schema":1,"principals":[{"arn":"arn:aws:iam::111122223333:role/*","pendingHours":0}]}`,
		"schema: 1\nprincipals: [{arn: 'arn:aws:sts::111122223333:assumed-role/x/y', pendingHours: 024}]\n")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, decode := range []func([]byte) (*baseline.Trust, error){baseline.DecodeTrust, yamlfile.DecodeTrust} {
			trust, err := decode(data)
			if (trust == nil) == (err == nil) {
				t.Fatalf("got %v, %v", trust, err)
			}
			if trust == nil {
				continue
			}
			for _, p := range trust.Principals {
				found, ok := trust.Find(p.ARN)
				if err := principal.Check(p.ARN); err != nil || !ok || found != p || p.Pending < time.Hour || p.Pending > 168*time.Hour || p.Pending%time.Hour != 0 {
					t.Fatalf("%q became %+v: %v", data, trust, err)
				}
			}
			encoded, err := baseline.EncodeTrust(trust)
			if err != nil {
				t.Fatalf("%q: %v", data, err)
			}
			back, err := baseline.DecodeTrust(encoded)
			if err != nil {
				t.Fatalf("%q became %s: %v", data, encoded, err)
			}
			if diff := cmp.Diff(trust, back); diff != "" {
				t.Fatalf("%q: %s", data, diff)
			}
		}
	})
}
