package amend

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const group = "sg-0a1b2c3d4e5f60718"

var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func document(t interface{ Fatal(...any) }, text string) *baseline.Document {
	doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: "+group+"\n"+text), group)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// shelf is a parameter with its versions. SSM keeps the newest hundred.
type shelf struct {
	mu       sync.Mutex
	versions []baseline.Version
}

func (s *shelf) put(doc *baseline.Document) int64 { return s.putDescribed(doc, "") }

func (s *shelf) putDescribed(doc *baseline.Document, description string) int64 {
	data, err := baseline.Encode(doc)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := int64(len(s.versions) + 1)
	if description == "" && n > 1 { // a parameter keeps its description
		description = s.versions[n-2].Description
	}
	s.versions = append(s.versions, baseline.Version{Stored: baseline.Stored{
		Parameter: "/p/groups/" + group, Version: n, Value: data, ModifiedAt: start.Add(time.Duration(n) * time.Millisecond),
	}, ModifiedBy: "ana", Description: description})
	return n
}

func (s *shelf) newest() baseline.Stored {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.versions[len(s.versions)-1].Stored
}

func decode(stored baseline.Stored) (*baseline.Document, error) {
	return baseline.Decode(stored.Value, group)
}

// kind is the baseline on the shelf. turn is called before each call to the shelf.
func (s *shelf) kind(turn func()) Kind[*baseline.Document] {
	return Kind[*baseline.Document]{
		Parameter: "/p/groups/" + group,
		Read:      func(context.Context) (baseline.Stored, error) { turn(); return s.newest(), nil },
		Decode:    decode,
		History: func(context.Context) ([]baseline.Version, error) {
			turn()
			s.mu.Lock()
			defer s.mu.Unlock()
			return append([]baseline.Version{}, s.versions...), nil
		},
		Put: func(_ context.Context, d *baseline.Document, replaces baseline.Stored, description string) (int64, error) {
			turn()
			version := s.putDescribed(d, description)
			if version != replaces.Version+1 {
				return version, ssmstore.ErrChanged
			}
			return version, nil
		},
		Facts: factsOf, With: with,
	}
}

func noWait(context.Context, int) error { return nil }

func allowing(text string) func(*baseline.Document) (*baseline.Document, error) {
	return func(d *baseline.Document) (*baseline.Document, error) {
		r, err := rule.Parse(text)
		if err != nil {
			return nil, err
		}
		if _, there := factsOf(d)[text]; there || !d.Guards(r.Direction) {
			return d, nil
		}
		n := *d
		n.Ingress = append([]baseline.Entry{}, d.Ingress...)
		return &n, n.Allow(r, "")
	}
}

func TestWhatAWriteUndidIsPutBack(t *testing.T) {
	t.Parallel()
	const before = "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}]\negress: []\nmode: alert\n"
	cases := map[string]struct {
		meanwhile string // what somebody wrote; empty: nobody
		want      string
		restored  []string
	}{
		"nobody wrote":                        {"", "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}, {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\negress: []\nmode: alert\n", nil},
		"a rule was added":                    {"ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}]\negress: [{protocol: all, destinations: [10.0.0.0/8], description: out}]\nmode: alert\n", "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}, {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\negress: [{protocol: all, destinations: [10.0.0.0/8], description: out}]\nmode: alert\n", []string{"+ egress all all 10.0.0.0/8: out"}},
		"a rule was taken away":               {"ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8]}]\negress: []\nmode: alert\n", "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8]}, {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\negress: []\nmode: alert\n", []string{"- ingress tcp 80 172.16.0.0/12"}},
		"a description changed":               {"ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8]}, {protocol: tcp, ports: '80', sources: [172.16.0.0/12], description: lab}]\negress: []\nmode: alert\n", "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8]}, {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}, {protocol: tcp, ports: '80', sources: [172.16.0.0/12], description: lab}]\negress: []\nmode: alert\n", []string{"+ ingress tcp 80 172.16.0.0/12: lab"}},
		"a mode changed":                      {"ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}]\negress: []\nmode: enforce\ngraceMinutes: 5\nmatch: exact\nrestore: true\n", "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}, {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\negress: []\nmode: enforce\ngraceMinutes: 5\nmatch: exact\nrestore: true\n", []string{"+ graceMinutes: 5", "+ match: exact", "+ mode: enforce", "+ restore: true"}},
		"a direction is not guarded any more": {"ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}]\nmode: alert\n", "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}, {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\nmode: alert\n", []string{"+ egress: not guarded"}},
		"an exception was added":              {"ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}]\negress: []\nmode: alert\nexceptions: [{direction: ingress, protocol: tcp, ports: '22', sources: [10.0.0.0/8], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}]\n", "ingress: [{protocol: tcp, ports: '80', sources: [10.0.0.0/8, 172.16.0.0/12]}, {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\negress: []\nmode: alert\nexceptions: [{direction: ingress, protocol: tcp, ports: '22', sources: [10.0.0.0/8], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}]\n", []string{"+ ingress tcp 22 10.0.0.0/8, 2026-12-01T09:00:00Z, INC-1, ana"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{}
			s.put(document(t, before))
			k := s.kind(func() {})
			put, wrote := k.Put, false
			k.Put = func(ctx context.Context, d *baseline.Document, replaces baseline.Stored, description string) (int64, error) {
				if c.meanwhile != "" && !wrote {
					wrote = true
					s.put(document(t, c.meanwhile))
				}
				return put(ctx, d, replaces, description)
			}
			done, err := k.Edit(t.Context(), allowing("ingress tcp 443 10.0.0.0/8"), noWait)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decode(s.newest())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(factsOf(document(t, c.want)), factsOf(got)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.restored, done.Restored); diff != "" || !done.Changed || done.Version != s.newest().Version {
				t.Errorf("%+v: %s", done, diff)
			}
		})
	}
}
