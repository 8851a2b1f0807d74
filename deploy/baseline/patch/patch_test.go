package patch_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/patch"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const head = "# The front end.\nschema: 1\ngroupId: sg-01   # of staging\n"

func document(t *testing.T, text string) *baseline.Document {
	t.Helper()
	doc, err := yamlfile.Decode([]byte(text), "sg-01")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// web is a file as people write files.
const web = head + `groupName: web

ingress:
  # the balancer
  - protocol: tcp          # HTTPS
    ports: "443"
    sources: [sg-02, self, 10.0.0.0/8] # who

  # the office
  - protocol: tcp
    ports: "22"
    sources:
      - 192.0.2.0/24     # main
      - 198.51.100.0/24  # branch
    description: SSH
egress:
  - {protocol: all, destinations: [0.0.0.0/0]} # anywhere
# the end
`

func TestOnlyWhatDiffersChangesInAFile(t *testing.T) {
	t.Parallel()
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(web) }
	cases := map[string]struct{ file, want, becomes string }{
		"nothing":                     {web, web, web},
		"entries in another grouping": {web, edit("[sg-02, self, 10.0.0.0/8] # who", "[sg-02]\n  - protocol: tcp\n    ports: \"443\"\n    sources: [10.0.0.0/8, self]"), web},
		"a peer less":                 {web, edit("self, ", ""), edit("self, ", "")},
		"the first peer less":         {web, edit("sg-02, ", ""), edit("sg-02, ", "")},
		"a peer more":                 {web, edit("10.0.0.0/8]", "10.0.0.0/8, sg-03]"), edit("10.0.0.0/8]", "10.0.0.0/8, sg-03]")},
		"a peer less in a block":      {web, edit("      - 192.0.2.0/24     # main\n", ""), edit("      - 192.0.2.0/24     # main\n", "")},
		"a peer more in a block":      {web, edit("branch\n", "branch\n      - 203.0.113.0/24\n"), edit("branch\n", "branch\n      - 203.0.113.0/24\n")},
		"an entry less, and its comment": {
			web, edit("  # the balancer\n  - protocol: tcp          # HTTPS\n    ports: \"443\"\n    sources: [sg-02, self, 10.0.0.0/8] # who\n", ""),
			edit("  # the balancer\n  - protocol: tcp          # HTTPS\n    ports: \"443\"\n    sources: [sg-02, self, 10.0.0.0/8] # who\n", ""),
		},
		"an entry more": {
			web, edit("egress:", "  - {protocol: udp, ports: \"53\", sources: [10.0.0.0/8], description: DNS}\negress:"),
			edit("egress:", "  - protocol: udp\n    ports: \"53\"\n    sources: [10.0.0.0/8]\n    description: DNS\negress:"),
		},
		"an entry more beside one in flow style": {
			web, edit("# the end", "  - {protocol: tcp, ports: \"5432\", destinations: [sg-05], description: 'a, b'}\n# the end"),
			edit("# the end", "  - {protocol: tcp, ports: \"5432\", destinations: [sg-05], description: 'a, b'}\n# the end"),
		},
		"the last entry of a list less": {web, edit("egress:\n  - {protocol: all, destinations: [0.0.0.0/0]} # anywhere\n", "egress: []\n"), edit("egress:\n  - {protocol: all, destinations: [0.0.0.0/0]} # anywhere\n", "egress: []\n")},
		"another description":           {web, edit("SSH", "SSH for admins"), edit("SSH", "SSH for admins")},
		"a description more":            {web, edit("10.0.0.0/8] # who\n", "10.0.0.0/8] # who\n    description: balancer\n"), edit("10.0.0.0/8] # who\n", "10.0.0.0/8] # who\n    description: balancer\n")},
		"a description less":            {web, edit("    description: SSH\n", ""), edit("    description: SSH\n", "")},
		"a direction not guarded":       {web, edit("egress:\n  - {protocol: all, destinations: [0.0.0.0/0]} # anywhere\n", ""), edit("egress:\n  - {protocol: all, destinations: [0.0.0.0/0]} # anywhere\n", "")},
		"settings":                      {web, edit("groupName: web\n", "groupName: api\nmode: alert\nmatch: exact\nrestore: true\ngraceMinutes: 5\n"), edit("groupName: web\n", "groupName: api\nmode: alert\nmatch: exact\nrestore: true\ngraceMinutes: 5\n")},
		"settings less":                 {edit("groupName: web\n", "mode: alert # for now\ngraceMinutes: 5\n"), edit("groupName: web\n", ""), edit("groupName: web\n", "mode: enforce # for now\n")},
		"an exception more": {
			web, edit("# the end", "exceptions:\n  - {direction: ingress, protocol: tcp, ports: 23, sources: [192.0.2.7/32], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}\n"),
			edit("# the end", "exceptions:\n  - direction: ingress\n    protocol: tcp\n    ports: \"23\"\n    sources: [192.0.2.7/32]\n    expires: 2026-12-01T09:00:00Z\n    reason: INC-1\n    approvedBy: ana\n# the end"),
		},
		"an exception that lasts longer": {
			web + "exceptions:\n  - {direction: ingress, protocol: tcp, ports: 23, sources: [self], expires: 2026-12-01T09:00:00Z, reason: INC-1} # why\n",
			web + "exceptions:\n  - {direction: ingress, protocol: tcp, ports: 23, sources: [self], expires: 2026-12-02T09:00:00Z, reason: INC-1} # why\n",
			web + "exceptions:\n  - {direction: ingress, protocol: tcp, ports: 23, sources: [self], expires: 2026-12-02T09:00:00Z, reason: INC-1} # why\n",
		},
		"lines that end as on Windows, and a byte order mark": {
			"\ufeff" + strings.ReplaceAll(web, "\n", "\r\n"), edit("branch\n", "branch\n      - 203.0.113.0/24\n"),
			"\ufeff" + strings.ReplaceAll(edit("branch\n", "branch\n      - 203.0.113.0/24\n"), "\n", "\r\n"),
		},
		"JSON on one line": {
			`{"schema": 1, "groupId": "sg-01", "ingress": [{"protocol": "tcp", "ports": "22", "sources": ["self"]}], "egress": []}`,
			head + "mode: alert\ngraceMinutes: 5\ningress: []\negress: [{protocol: tcp, ports: 1, destinations: [self]}]\n",
			`{"schema": 1, "groupId": "sg-01", "mode": "alert", "graceMinutes": 5, "ingress": [], "egress": [{"protocol": "tcp", "ports": "1", "destinations": ["self"]}]}`,
		},
		"JSON on many lines": {
			"{\n  \"schema\": 1,\n  \"groupId\": \"sg-01\",\n  \"ingress\": [\n    {\"protocol\": \"tcp\", \"ports\": \"22\", \"sources\": [\"self\"]}\n  ]\n}\n",
			head + "ingress:\n- {protocol: tcp, ports: 22, sources: [self, sg-02]}\n- {protocol: tcp, ports: 1, sources: [self]}\n",
			"{\n  \"schema\": 1,\n  \"groupId\": \"sg-01\",\n  \"ingress\": [\n    {\"protocol\": \"tcp\", \"ports\": \"22\", \"sources\": [\"self\", \"sg-02\"]},\n    {\"protocol\": \"tcp\", \"ports\": \"1\", \"sources\": [\"self\"]}\n  ]\n}\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := patch.File([]byte(c.file), document(t, c.want))
			if diff := cmp.Diff(c.becomes, string(got)); err != nil || diff != "" {
				t.Fatalf("%v: %s", err, diff)
			}
			again, err := patch.File(got, document(t, c.want))
			if diff := cmp.Diff(string(got), string(again)); err != nil || diff != "" {
				t.Errorf("a second time: %v: %s", err, diff)
			}
		})
	}
}

func TestAFileThatCannotBeChangedInPlaceIsRefused(t *testing.T) {
	t.Parallel()
	want := document(t, head+"ingress:\n- {protocol: tcp, ports: 22, sources: [self], description: other}\n")
	for name, text := range map[string]string{
		"a description over lines": head + "ingress:\n- protocol: tcp\n  ports: 22\n  sources: [self]\n  description: |\n    a\n    b\n",
		"two fields on a line":     head + "? ingress\n: - {protocol: tcp, ports: 23, sources: [self]}\n",
		"a value with a tag":       head + "ingress: !!seq\n- protocol: tcp\n  ports: 22\n  sources: [self]\n  description: !!str x\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := patch.File([]byte(text), want); err == nil {
				t.Errorf("it was changed: %s", got)
			}
		})
	}
}
