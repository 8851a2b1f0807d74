package main

import (
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
		want    string
		wantErr string
		permits []string // a second from now; the version is then 2
		// approves is the approval that was written, with its name before it.
		approves string
	}{
		"a rule for good": {
			args: "ingress tcp 443 10.0.0.0/8|--description|TLS", want: ": ingress tcp 443 10.0.0.0/8 is permitted for good (PREFIX/groups/GROUP, version 2)",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 443 10.0.0.0/8"},
		},
		"a rule from the group itself": {
			args: "ingress  tcp 443 self|--for-good", want: "permitted for good (",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 443 GROUP"},
		},
		"a rule for hours, beside a secure parameter": {
			args: "egress tcp 22 203.0.113.7/32|--expires|8h|--reason|INC-1|--approved-by|ana",
			kind: types.ParameterTypeSecureString, want: "until 2026-11-21T20:00:00Z by the approval PREFIX/approvals/GROUP/allow-20261121T120000Z\n",
			approves: `allow-20261121T120000Z {"schema":1,"rules":["egress tcp 22 203.0.113.7/32"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1, approved by ana"}`,
		},
		"a rule for days": {
			args: "egress tcp 22 203.0.113.7/32|--expires|7d|--reason|INC-1|--name|oncall-1", want: "until 2026-11-28T12:00:00Z",
			approves: `oncall-1 {"schema":1,"rules":["egress tcp 22 203.0.113.7/32"],"expires":"2026-11-28T12:00:00Z","reason":"INC-1"}`,
		},
		"a rule for hours, for a group without a baseline": {
			args: "ingress tcp 22 self|--expires|8h|--reason|INC-1", stored: "none", want: "until 2026-11-21T20:00:00Z",
			approves: `allow-20261121T120000Z {"schema":1,"rules":["ingress tcp 22 GROUP"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1"}`,
		},
		"a rule with braces in its reason, which SSM would take for a reference": {
			args: "egress tcp 22 203.0.113.7/32|--expires|8h|--reason|see {{ssm:x}}", want: "until 2026-11-21T20:00:00Z",
			approves: `allow-20261121T120000Z {"schema":1,"rules":["egress tcp 22 203.0.113.7/32"],"expires":"2026-11-21T20:00:00Z","reason":"see {\u007bssm:x}}"}`,
		},
		"a rule for good that is an exception so far": {
			args: "ingress tcp 25 10.0.0.0/8|--for-good", stored: exceptional, want: "permitted for good (",
			permits: []string{"ingress tcp 25 10.0.0.0/8", "ingress tcp 25 10.0.0.0/8"},
		},
		"an approval for longer than an exception lasts": {
			args: "ingress tcp 25 10.1.0.0/16|--expires|49h|--reason|INC-1|--name|a", stored: exceptional, want: "until 2026-11-23T13:00:00Z",
			approves: `a {"schema":1,"rules":["ingress tcp 25 10.1.0.0/16"],"expires":"2026-11-23T13:00:00Z","reason":"INC-1"}`,
		},
		"a narrower rule where matches are exact": {
			args: "ingress tcp 80 10.1.0.0/16|--for-good", stored: exact, want: "permitted for good (",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 80 10.1.0.0/16"},
		},
		"an approval for as long as an exception lasts": {
			args: "ingress tcp 25 10.1.0.0/16|--expires|48h|--reason|INC-1", stored: exceptional,
			want: "is permitted already: permitted by ingress tcp 25 10.0.0.0/8; by exceptions or approvals, until 2026-11-23T12:00:00Z at least (PREFIX/groups/GROUP, still version 1)",
		},
		"a rule that is permitted already": {
			args: "ingress tcp 80 10.1.0.0/16|--for-good", want: "permitted already: permitted by ingress tcp 80 10.0.0.0/8",
		},
		"a rule of a direction that is not guarded": {
			args: "egress tcp 443 0.0.0.0/0|--for-good", stored: onlyIngressGuarded,
			want: "GROUP: egress tcp 443 0.0.0.0/0 is permitted already: egress is not guarded by this baseline (PREFIX/groups/GROUP, still version 1)",
		},
		"an approval of a direction that is not guarded": {
			args: "egress tcp 443 0.0.0.0/0|--expires|8h|--reason|INC-1", stored: onlyIngressGuarded, want: "permitted already: egress is not guarded by this baseline",
		},
		"a rule of the direction that is guarded": {
			args: "ingress tcp 443 10.0.0.0/8|--for-good", stored: onlyIngressGuarded, want: "permitted for good (", permits: []string{"ingress tcp 443 10.0.0.0/8"},
		},
		"the same rule where matches are exact": {args: "ingress tcp 80 10.0.0.0/8|--for-good", stored: exact, want: "permitted already"},
		"a rule that is none":                   {args: "ingress tcp 22 10.0.0.5/8|--for-good", wantErr: "word 4"},
		"self in another position":              {args: "ingress self 22 10.0.0.0/8|--for-good", wantErr: "word 2"},
		"a name that only begins with self":     {args: "ingress tcp 22 selfish|--for-good", wantErr: `"selfish" is not a CIDR`},
		"an approval in the past":               {args: "ingress tcp 22 10.0.0.0/8|--expires=-1h", wantErr: "expired already"},
		"an approval for no time":               {args: "ingress tcp 22 10.0.0.0/8|--expires=0d", wantErr: "expired already"},
		"a time that is none":                   {args: "ingress tcp 22 10.0.0.0/8|--expires=soon", wantErr: "want a time such as 8h, 30m or 7d"},
		"far too long":                          {args: "ingress tcp 22 10.0.0.0/8|--expires=99999999999d", wantErr: "more than 3650 days"},
		"longer than an approval may last":      {args: "ingress tcp 22 10.0.0.0/8|--expires=91d|--reason|x", wantErr: "which is 90 days from now"},
		"an approval without a reason":          {args: "ingress tcp 22 10.0.0.0/8|--expires=8h", wantErr: "an approval needs --reason TEXT"},
		"an approval for a blank reason":        {args: "ingress tcp 22 10.0.0.0/8|--expires=8h|--reason| ", wantErr: "an approval needs --reason TEXT"},
		"an approval with a description":        {args: "ingress tcp 22 10.0.0.0/8|--expires=8h|--reason|x|--description|y", wantErr: "--description is for a rule that is permitted for good"},
		"a name that is a path":                 {args: "ingress tcp 22 10.0.0.0/8|--expires=8h|--reason|x|--name|a/b", wantErr: "can't be the name of an approval"},
		"a name for a rule for good":            {args: "ingress tcp 22 10.0.0.0/8|--name|a|--for-good", wantErr: "are for an approval, which ends"},
		"a reason for a rule for good":          {args: "ingress tcp 22 10.0.0.0/8|--reason|a|--description|x", wantErr: "are for an approval, which ends"},
		"an end for a rule for good":            {args: "ingress tcp 22 10.0.0.0/8|--expires=8h|--reason|a|--for-good", wantErr: "say one thing: --expires TIME or --for-good"},
		"neither a reason nor for good":         {args: "ingress tcp 22 10.0.0.0/8", wantErr: "an approval needs --reason TEXT, and lasts 8 hours unless --expires TIME says otherwise. To make the rule a part of the baseline, say --for-good"},
		"a rule in four words": {
			args: "ingress|tcp|443|10.0.0.0/8|--for-good", want: ": ingress tcp 443 10.0.0.0/8 is permitted for good (PREFIX/groups/GROUP, version 2)\n  this counts at once\n",
			permits: []string{"ingress tcp 80 10.0.0.0/8", "ingress tcp 443 10.0.0.0/8"},
		},
		"a rule for the hours that nobody named": {
			args: "ingress tcp 22 self|--reason|INC-1", want: "until 2026-11-21T20:00:00Z by the approval PREFIX/approvals/GROUP/allow-20261121T120000Z\n  this counts at once\n  ! this rule is grave",
			approves: `allow-20261121T120000Z {"schema":1,"rules":["ingress tcp 22 GROUP"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1"}`,
		},
		"an approval where somebody has broken the baseline": {args: "ingress tcp 22 10.0.0.0/8|--expires=8h|--reason|x", stored: "{", wantErr: "is broken, repair it first"},
		"a group without a baseline":                         {args: "ingress tcp 22 10.0.0.0/8|--for-good", stored: "none", wantErr: "has no baseline"},
		"a baseline that somebody has broken":                {args: "ingress tcp 22 10.0.0.0/8|--for-good", stored: "{", wantErr: "is broken, repair it first"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := motoConfig(t)
			store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
			put(t, store, c.kind, c.stored)
			got := runCommand(t, &cfg, "", append([]string{"allow", "--allow-missing", "--prefix", store.Prefix, group}, strings.Split(c.args, "|")...)...)
			says := strings.NewReplacer("PREFIX", store.Prefix, "GROUP", group).Replace(c.want)
			if c.wantErr != "" {
				if got.status != 1 || got.out != "" || !strings.Contains(got.errs, c.wantErr) {
					t.Errorf("got %+v, want %q", got, c.wantErr)
				}
			} else if got.status != 0 || !strings.Contains(got.out, says) {
				t.Errorf("got %+v, want %q", got, says)
			}
			if c.stored != "none" {
				check(t, store, c.permits)
			}
			checkApproval(t, store, strings.ReplaceAll(c.approves, "GROUP", group))
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

// checkApproval compares the only approval, with its name before it; empty is none.
func checkApproval(t *testing.T, store ssmstore.Store, want string) {
	t.Helper()
	var found []string
	for a, err := range store.AllApprovals(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, a.Name+" "+string(a.Stored.Value))
	}
	if diff := cmp.Diff(want, strings.Join(found, "\n")); diff != "" {
		t.Error(diff)
	}
}
