package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const group = "sg-0a1b2c3d4e5f60718"

var now = time.Date(2026, 11, 21, 12, 0, 0, 500, time.UTC)

func TestAllow(t *testing.T) {
	t.Parallel()
	server, err := moto.Start(t.Context(), moto.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	client := ssm.NewFromConfig(awsconfig.New(server.URL, awsconfig.Keys))
	cases := map[string]struct {
		allow   allow
		kind    types.ParameterType
		stored  string
		says    string
		errSays string
		permits []string // a second from now; the version is then 2
	}{
		"a rule for good": {
			allow: allow{rule: "ingress tcp 443 10.0.0.0/8", description: "TLS"}, says: "permitted for good (",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 443 10.0.0.0/8"},
		},
		"a rule from the group itself": {
			allow: allow{rule: "ingress tcp 443 self"}, says: "permitted for good (",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 443 GROUP"},
		},
		"a rule for a time, in a secure parameter": {
			allow: allow{rule: "egress tcp 22 203.0.113.7/32", expires: 8 * time.Hour, reason: "INC-1", approvedBy: "ana"},
			kind:  types.ParameterTypeSecureString, says: "until 2026-11-21T20:00:00Z",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "egress tcp 22 203.0.113.7/32"},
		},
		"a rule that is permitted already": {
			allow: allow{rule: "ingress tcp 80 10.1.0.0/16"}, says: "permitted already: permitted by ingress tcp 80 10.0.0.0/8",
		},
		"a rule that is none":                 {allow: allow{rule: "ingress tcp 22 10.0.0.5/8"}, errSays: "word 4"},
		"an exception in the past":            {allow: allow{rule: "ingress tcp 22 10.0.0.0/8", expires: -time.Hour}, errSays: "past"},
		"a reason without an expiry":          {allow: allow{rule: "ingress tcp 22 10.0.0.0/8", reason: "x"}, errSays: "--expires"},
		"a group without a baseline":          {allow: allow{rule: "ingress tcp 22 10.0.0.0/8"}, stored: "none", errSays: "has no baseline"},
		"a baseline that somebody has broken": {allow: allow{rule: "ingress tcp 22 10.0.0.0/8"}, stored: "{", errSays: "is broken, repair it first"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := ssmstore.Store{Client: client, Prefix: "/" + strings.ReplaceAll(name, " ", "-")}
			store.Prefix = strings.ReplaceAll(store.Prefix, ",", "")
			put(t, store, c.kind, c.stored)
			c.allow.group = group
			var out bytes.Buffer
			err := c.allow.run(context.Background(), store, &out, now)
			if c.errSays != "" {
				if err == nil || !strings.Contains(err.Error(), c.errSays) {
					t.Errorf("got %v, want %q", err, c.errSays)
				}
				return
			}
			if err != nil || !strings.Contains(out.String(), c.says) {
				t.Errorf("got %q, %v; want %q", out.String(), err, c.says)
			}
			check(t, store, c.permits)
		})
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
	stored, _, err := store.Read(t.Context(), group)
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
