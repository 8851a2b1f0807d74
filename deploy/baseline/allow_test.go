package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const group = "sg-0a1b2c3d4e5f60718"

var now = time.Date(2026, 11, 21, 12, 0, 0, 500, time.UTC)

func TestAllow(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args    string // after the group, separated by |
		kind    types.ParameterType
		stored  string
		says    string
		errSays string
		permits []string // a second from now; the version is then 2
	}{
		"a rule for good": {
			args: "ingress tcp 443 10.0.0.0/8|--description|TLS", says: ": ingress tcp 443 10.0.0.0/8 is permitted for good (PREFIX/groups/GROUP, version 2)",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 443 10.0.0.0/8"},
		},
		"a rule from the group itself": {
			args: "ingress  tcp 443 self", says: "permitted for good (",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 443 GROUP"},
		},
		"a rule for hours, in a secure parameter": {
			args: "egress tcp 22 203.0.113.7/32|--expires|8h|--reason|INC-1|--approved-by|ana",
			kind: types.ParameterTypeSecureString, says: "until 2026-11-21T20:00:00Z",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "egress tcp 22 203.0.113.7/32"},
		},
		"a rule for days": {
			args: "egress tcp 22 203.0.113.7/32|--expires|7d", says: "until 2026-11-28T12:00:00Z",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "egress tcp 22 203.0.113.7/32"},
		},
		"a rule for good that is an exception so far": {
			args: "ingress tcp 25 10.0.0.0/8", stored: exceptional, says: "permitted for good (",
			permits: []string{"ingress tcp 25 10.0.0.0/8", "ingress tcp 25 10.0.0.0/8"},
		},
		"an exception for longer than there is": {
			args: "ingress tcp 25 10.1.0.0/16|--expires|49h", stored: exceptional, says: "until 2026-11-23T13:00:00Z",
			permits: []string{"ingress tcp 25 10.0.0.0/8", "ingress tcp 25 10.1.0.0/16"},
		},
		"a narrower rule where matches are exact": {
			args: "ingress tcp 80 10.1.0.0/16", stored: exact, says: "permitted for good (",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 80 10.1.0.0/16"},
		},
		"an exception for as long as there is": {
			args: "ingress tcp 25 10.1.0.0/16|--expires|48h", stored: exceptional,
			says: "is permitted already: permitted by ingress tcp 25 10.0.0.0/8; by exceptions, until 2026-11-23T12:00:00Z at least (PREFIX/groups/GROUP, still version 1)",
		},
		"a rule that is permitted already": {
			args: "ingress tcp 80 10.1.0.0/16", says: "permitted already: permitted by ingress tcp 80 10.0.0.0/8",
		},
		"a rule of a direction that is not guarded": {
			args: "egress tcp 443 0.0.0.0/0", stored: onlyIngressGuarded,
			says: "GROUP: egress tcp 443 0.0.0.0/0 is permitted already: egress is not guarded by this baseline (PREFIX/groups/GROUP, still version 1)",
		},
		"an exception of a direction that is not guarded": {
			args: "egress tcp 443 0.0.0.0/0|--expires|8h", stored: onlyIngressGuarded, says: "permitted already: egress is not guarded by this baseline",
		},
		"a rule of the direction that is guarded": {
			args: "ingress tcp 443 10.0.0.0/8", stored: onlyIngressGuarded, says: "permitted for good (", permits: []string{"ingress tcp 443 10.0.0.0/8"},
		},
		"the same rule where matches are exact": {args: "ingress tcp 80 10.0.0.0/8", stored: exact, says: "permitted already"},
		"a rule that is none":                   {args: "ingress tcp 22 10.0.0.5/8", errSays: "word 4"},
		"self in another place":                 {args: "ingress self 22 10.0.0.0/8", errSays: "word 2"},
		"a name that only begins with self":     {args: "ingress tcp 22 selfish", errSays: `"selfish" is not a CIDR`},
		"an exception in the past":              {args: "ingress tcp 22 10.0.0.0/8|--expires=-1h", errSays: "expired already"},
		"an exception for no time":              {args: "ingress tcp 22 10.0.0.0/8|--expires=0d", errSays: "expired already"},
		"a time that is none":                   {args: "ingress tcp 22 10.0.0.0/8|--expires=soon", errSays: "want a time such as 8h, 30m or 7d"},
		"far too long":                          {args: "ingress tcp 22 10.0.0.0/8|--expires=99999999999d", errSays: "more than 3650 days"},
		"a reason without an expiry":            {args: "ingress tcp 22 10.0.0.0/8|--reason|x", errSays: "--expires"},
		"a group without a baseline":            {args: "ingress tcp 22 10.0.0.0/8", stored: "none", errSays: "has no baseline"},
		"a baseline that somebody has broken":   {args: "ingress tcp 22 10.0.0.0/8", stored: "{", errSays: "is broken, repair it first"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := motoConfig(t)
			store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
			put(t, store, c.kind, c.stored)
			got := runCommand(t, &cfg, "", append([]string{"allow", "--prefix", store.Prefix, group}, strings.Split(c.args, "|")...)...)
			says := strings.NewReplacer("PREFIX", store.Prefix, "GROUP", group).Replace(c.says)
			if c.errSays != "" {
				if got.status != 1 || got.out != "" || !strings.Contains(got.errs, c.errSays) {
					t.Errorf("got %+v, want %q", got, c.errSays)
				}
			} else if got.status != 0 || !strings.Contains(got.out, says) {
				t.Errorf("got %+v, want %q", got, says)
			}
			if c.stored != "none" {
				check(t, store, c.permits)
			}
		})
	}
}

// exceptional permits something for two days, exact only what it says, and
// onlyIngressGuarded leaves egress alone.
const (
	exceptional = `{"schema":1,"groupId":"` + group + `","ingress":[],"egress":[],"exceptions":[` +
		`{"direction":"ingress","protocol":"tcp","ports":"25","sources":["10.0.0.0/8"],"expires":"2026-11-23T12:00:00Z"}]}`
	onlyIngressGuarded = `{"schema":1,"groupId":"` + group + `","ingress":[]}`

	exact = `{"schema":1,"groupId":"` + group + `","match":"exact","ingress":[{"protocol":"tcp","ports":"80","sources":["10.0.0.0/8"]}],"egress":[]}`
)

func TestAllowTellsMachines(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
	put(t, store, "", "")
	for _, want := range []string{
		`{"groupId":"GROUP","rule":"ingress udp 53 GROUP","changed":true,"expires":"2026-11-21T12:30:00Z","parameter":"PREFIX/groups/GROUP","version":2}`,
		`{"groupId":"GROUP","rule":"ingress udp 53 GROUP","changed":false,"reason":"permitted by ingress udp 53 GROUP; by exceptions, until 2026-11-21T12:30:00Z at least","parameter":"PREFIX/groups/GROUP","version":2}`,
	} {
		got := runCommand(t, &cfg, "", "allow", group, "ingress udp 53 self", "--expires", "30m", "--prefix", store.Prefix, "--output", "json")
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(got.out)); err != nil {
			t.Fatalf("%v in %+v", err, got)
		}
		if diff := cmp.Diff(strings.NewReplacer("PREFIX", store.Prefix, "GROUP", group).Replace(want), compact.String()); diff != "" {
			t.Error(diff)
		}
	}
}

func put(t *testing.T, store ssmstore.Store, kind types.ParameterType, stored string) {
	t.Helper()
	switch stored {
	case "none":
		return
	case "":
		stored = `{"schema":1,"groupId":"` + group + `","ingress":[{"protocol":"tcp","ports":"80","sources":["10.0.0.0/8"]}],"egress":[]}`
	}
	if kind == "" {
		kind = types.ParameterTypeString
	}
	_, err := store.Client.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String(store.Parameter(group)), Value: &stored, Type: kind,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, store ssmstore.Store, permits []string) {
	t.Helper()
	stored, err := store.ReadBaseline(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	if permits == nil {
		if stored.Version != 1 {
			t.Errorf("version %d was written", stored.Version)
		}
		return
	}
	doc, err := baseline.Decode(stored.Value, group)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range doc.Permitted(now.Add(time.Second)) {
		got = append(got, strings.ReplaceAll(r.String(), group, "GROUP"))
	}
	if diff := cmp.Diff(permits, got); diff != "" || stored.Version != 2 {
		t.Errorf("version %d: %s", stored.Version, diff)
	}
}
