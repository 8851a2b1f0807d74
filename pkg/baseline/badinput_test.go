package baseline_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// decoders are those of one kind of document, at the time now.
type decoders struct{ json, yaml func([]byte) error }

var (
	ofApproval = approvalWithNames("a")
	ofPause    = decoders{
		func(data []byte) error { _, err := baseline.DecodePause(data, now); return err },
		func(data []byte) error { _, err := yamlfile.DecodePause(data, now); return err },
	}
	ofTrust = decoders{
		func(data []byte) error { _, err := baseline.DecodeTrust(data); return err },
		func(data []byte) error { _, err := yamlfile.DecodeTrust(data); return err },
	}
)

var ofPrefixList = decoders{
	func(data []byte) error { _, err := baseline.DecodePrefixList(data, ""); return err },
	func(data []byte) error { _, err := yamlfile.DecodePrefixList(data, ""); return err },
}

func approvalWithNames(name string) decoders {
	return decoders{
		func(data []byte) error { _, err := baseline.DecodeApproval(data, name, now); return err },
		func(data []byte) error { _, err := yamlfile.DecodeApproval(data, name, now); return err },
	}
}

// problemsOf returns all problems of an *Error with their positions.
func problemsOf(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var wrong *baseline.Error
	if !errors.As(err, &wrong) {
		t.Fatalf("got %T %v", err, err)
	}
	var all []string
	for _, p := range wrong.Problems {
		all = append(all, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p))
	}
	return all
}

// TestBadInputOfEveryKind has what is wrong with a document whatever its fields
// are, with all that is said then.
func TestBadInputOfEveryKind(t *testing.T) {
	t.Parallel()
	const noTime = "must be a time with a zone, such as 2026-12-01T09:00:00Z"
	const noReason = "1:1 reason: is missing or blank: say why this is needed"
	kinds := map[string]struct {
		decoders
		fields  string   // that are known
		missing []string // what is said of a document with schema alone
	}{
		"approval": {ofApproval, "schema, rules, expires, reason", []string{
			"1:1 rules: is missing or empty: write at least one rule, such as ingress tcp 22 203.0.113.7/32", "1:1 expires: " + noTime, noReason,
		}},
		"pause": {ofPause, "schema, until, reason", []string{"1:1 until: " + noTime, noReason}},
		"prefix list": {ofPrefixList, "schema, prefixListId, prefixListName, mode, restore, graceMinutes, entries", []string{
			"1:1 prefixListId: must be the id of a managed prefix list, such as pl-0a1b2c3d4e5f60718",
			"1:1 entries: is missing: where no entry is permitted, write entries: []",
		}},
		"trust": {ofTrust, "schema, principals", []string{"1:1 principals: is missing: where no principal is trusted, write principals: []"}},
	}
	for name, k := range kinds {
		const notOne = "schema: must be 1, the only version this sgwarden knows"
		also := func(first ...string) []string { return append(first, k.missing...) }
		cases := map[string]struct {
			document string
			want     []string
		}{
			"empty":                  {"", []string{"1:1 the document is empty"}},
			"8 KB of spaces":         {strings.Repeat(" ", 8<<10), []string{"1:1 the document is empty"}},
			"null":                   {"null", []string{"1:1 the document must be an object, not null"}},
			"an array":               {"[{}]", []string{"1:1 the document must be an object, not a list"}},
			"a string":               {`"x"`, []string{"1:1 the document must be an object, not a string"}},
			"an empty object":        {"{}", also("1:1 " + notOne)},
			"a later schema":         {`{"schema":2}`, also("1:11 " + notOne)},
			"a schema that is text":  {`{"schema":"1"}`, also("1:11 " + notOne)},
			"unknown fields":         {`{"schema":1,"tags":{"a":[1]},"groupId":"sg-0a"}`, also("1:20 tags: unknown field; known are "+k.fields, "1:40 groupId: unknown field; known are "+k.fields)},
			"a field that is twice":  {`{"schema":1,"schema":1}`, also("1:22 schema: is there twice")},
			"schema in capitals too": {`{"schema":1,"Schema":1}`, also("1:22 Schema: unknown field; known are " + k.fields)},
		}
		for what, c := range cases {
			t.Run(name+": "+what, func(t *testing.T) {
				t.Parallel()
				got := problemsOf(t, k.json([]byte(c.document)))
				got[0] = strings.Replace(got[0], "not JSON: ", "", 1)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("JSON: %s", diff)
				}
				if diff := cmp.Diff(c.want, problemsOf(t, k.yaml([]byte(c.document)))); diff != "" {
					t.Errorf("YAML: %s", diff)
				}
			})
		}
	}
}

// TestBadInput has what is wrong with the fields of a document, with all that is
// said then. A case without a text is the twin of its neighbours: nothing is wrong.
func TestBadInput(t *testing.T) {
	t.Parallel()
	const reason, expires = `,"reason":"INC-1"}`, `,"expires":"2026-12-01T09:00:00Z"`
	rules := func(texts string) string { return `{"schema":1,"rules":[` + texts + `]` + expires + reason }
	some := func(n int) string {
		var texts []string
		for i := range n {
			texts = append(texts, fmt.Sprintf(`"egress tcp %d 10.0.0.0/8"`, i+1))
		}
		return rules(strings.Join(texts, ","))
	}
	until := func(end string) string { return `{"schema":1,"until":` + end + reason }
	expiring := func(end string) string {
		return `{"schema":1,"rules":["ingress tcp 22 10.0.0.0/8"],"expires":` + end + reason
	}
	reasoned := func(fields string) string {
		return `{"schema":1,"rules":["ingress tcp 22 10.0.0.0/8"]` + expires + fields + `}`
	}
	trusting := func(principals string) string { return `{"schema":1,"principals":[` + principals + `]}` }
	waiting := func(hours string) string { return trusting(`{"arn":"` + terraform + `","pendingHours":` + hours + `}`) }
	arn := func(arn string) string { return trusting(`{"arn":` + arn + `,"pendingHours":24}`) }
	const (
		noTime     = "must be a time with a zone, such as 2026-12-01T09:00:00Z"
		noReason   = "reason: is missing or blank: say why this is needed"
		noPeer     = " is not a CIDR, sg-… or pl-…"
		noHours    = "principals[0].pendingHours: must be a whole number from 1 to 168"
		anyRule    = "such as ingress tcp 22 203.0.113.7/32"
		noApproval = ` can't be the name of an approval: use 1 to 128 letters, digits, dots, underscores and hyphens`
		noARN      = ` is not the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/terraform-ci`
		session    = "arn:aws:sts::111122223333:assumed-role/terraform-ci/run"
	)
	cases := map[string]struct {
		decoders
		document string
		want     string
	}{
		"approval: a rule":                    {ofApproval, rules(`"ingress tcp 22 10.0.0.0/8"`), ""},
		"approval: a rule with self":          {ofApproval, rules(`"ingress tcp 22 self"`), `rules[0]: rule "ingress tcp 22 self", word 4: "self"` + noPeer},
		"approval: a rule with host bits":     {ofApproval, rules(`"ingress tcp 22 10.0.0.5/8"`), `rules[0]: rule "ingress tcp 22 10.0.0.5/8", word 4: 10.0.0.5/8 has host bits set: write 10.0.0.0/8 or the one address you mean`},
		"approval: a rule with a name":        {ofApproval, rules(`"ingress tcp 22 name:web"`), `rules[0]: rule "ingress tcp 22 name:web", word 4: "name:web"` + noPeer},
		"approval: a rule with a name's name": {ofApproval, rules(`"ingress tcp 22 name:my web"`), `rules[0]: rule "ingress tcp 22 name:my web", word 5: "web" is one word too many: want DIRECTION PROTOCOL PORTS PEER`},
		"approval: a rule that is a number":   {ofApproval, rules(`22`), "rules[0]: must be a rule " + anyRule + ", not a number"},
		"approval: a rule like an entry":      {ofApproval, rules(`{"protocol":"tcp"}`), "rules[0]: must be a rule " + anyRule + ", not an object"},
		"approval: a rule without a word":     {ofApproval, rules(`""`), `rules[0]: rule "", word 1: missing: want DIRECTION PROTOCOL PORTS PEER, such as ingress tcp 22 10.0.0.0/8`},
		"approval: a rule twice":              {ofApproval, rules(`"ingress tcp 22 sg-0b","egress tcp 22 sg-0b","ingress 6  22-22 sg-0b"`), "rules[2]: is the same rule as rules[0]"},
		"approval: a rule twice, both wrong":  {ofApproval, rules(`"x","x"`), `rules[0]: rule "x", word 2: missing: want DIRECTION PROTOCOL PORTS PEER, such as ingress tcp 22 10.0.0.0/8; rules[1]: rule "x", word 2: missing: want DIRECTION PROTOCOL PORTS PEER, such as ingress tcp 22 10.0.0.0/8`},
		"approval: no rules":                  {ofApproval, rules(``), "rules: is missing or empty: write at least one rule, " + anyRule},
		"approval: rules that are none":       {ofApproval, `{"schema":1,"rules":"ingress tcp 22 sg-0b"` + expires + reason, "rules: must be a list, not a string"},
		"approval: rules that are null":       {ofApproval, `{"schema":1,"rules":null` + expires + reason, "rules: must be a list, not null"},
		"approval: 50 rules":                  {ofApproval, some(50), ""},
		"approval: 51 rules":                  {ofApproval, some(51), "rules: has 51 rules; the most is 50"},
		"approval: 90 days":                   {ofApproval, expiring(`"2027-02-19T12:00:00Z"`), ""},
		"approval: 91 days":                   {ofApproval, expiring(`"2027-02-20T12:00:00Z"`), "expires: is later than 2027-02-19T12:00:00Z, which is 90 days after the document was written"},
		"approval: an expiry without a zone":  {ofApproval, expiring(`"2026-12-01T09:00:00"`), "expires: " + noTime},
		"approval: an expiry that is a day":   {ofApproval, expiring(`"2026-12-01"`), "expires: " + noTime},
		"approval: an expiry in seconds":      {ofApproval, expiring(`1796115600`), "expires: " + noTime},
		"approval: an expiry of null":         {ofApproval, expiring(`null`), "expires: " + noTime},
		"approval: no expiry":                 {ofApproval, `{"schema":1,"rules":["ingress tcp 22 10.0.0.0/8"]` + reason, "expires: " + noTime},
		"approval: no reason":                 {ofApproval, reasoned(""), noReason},
		"approval: an empty reason":           {ofApproval, reasoned(`,"reason":""`), noReason},
		"approval: a blank reason":            {ofApproval, reasoned(`,"reason":" \t\u00a0"`), noReason},
		"approval: a reason that is a number": {ofApproval, reasoned(`,"reason":1234`), "reason: must be a string, not a number"},
		"approval: a reason of null":          {ofApproval, reasoned(`,"reason":null`), "reason: must be a string, not null"},
		"approval: a name":                    {approvalWithNames("INC-1"), reasoned(`,"reason":"x"`), ""},
		"approval: a name with a slash":       {approvalWithNames("a/b"), reasoned(`,"reason":"x"`), `"a/b"` + noApproval},
		"approval: a name too long":           {approvalWithNames(strings.Repeat("n", 129)), reasoned(`,"reason":"x"`), `"` + strings.Repeat("n", 80) + `… (129 bytes)"` + noApproval},
		"approval: a name and a reason":       {approvalWithNames(""), reasoned(""), `""` + noApproval + "; " + noReason},

		"pause: 24 hours":            {ofPause, until(`"2026-11-22T12:00:00Z"`), ""},
		"pause: more than 24 hours":  {ofPause, until(`"2026-11-22T12:00:01Z"`), "until: is later than 2026-11-22T12:00:00Z, which is 24 hours after the document was written"},
		"pause: 91 days":             {ofPause, until(`"2027-02-20T12:00:00Z"`), "until: is later than 2026-11-22T12:00:00Z, which is 24 hours after the document was written"},
		"pause: an end of no zone":   {ofPause, until(`"2026-11-22T09:00:00"`), "until: " + noTime},
		"pause: an end that is none": {ofPause, until(`true`), "until: " + noTime},
		"pause: no end":              {ofPause, `{"schema":1` + reason, "until: " + noTime},
		"pause: no reason":           {ofPause, `{"schema":1,"until":"2026-11-22T12:00:00Z"}`, noReason},
		"pause: a blank reason":      {ofPause, `{"schema":1,"until":"2026-11-22T12:00:00Z","reason":"\n"}`, noReason},

		"trust: an hour":                {ofTrust, waiting("1"), ""},
		"trust: a week":                 {ofTrust, waiting("168"), ""},
		"trust: no hour":                {ofTrust, waiting("0"), noHours},
		"trust: more than a week":       {ofTrust, waiting("169"), noHours},
		"trust: half an hour":           {ofTrust, waiting("0.5"), noHours},
		"trust: hours that are text":    {ofTrust, waiting(`"24"`), noHours},
		"trust: hours that are missing": {ofTrust, trusting(`{"arn":"` + terraform + `"}`), noHours},
		"trust: principals of null":     {ofTrust, `{"schema":1,"principals":null}`, "principals: must be a list, not null"},
		"trust: a principal as text":    {ofTrust, trusting(`"` + terraform + `"`), "principals[0]: must be an object, not a string"},
		"trust: an unknown field":       {ofTrust, trusting(`{"arn":"` + terraform + `","pendingHours":1,"reason":"x"}`), "principals[0].reason: unknown field; known are arn, pendingHours"},
		"trust: a user":                 {ofTrust, arn(`"` + ana + `"`), ""},
		"trust: no ARN":                 {ofTrust, trusting(`{"pendingHours":1}`), "principals[0].arn: must be the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/terraform-ci"},
		"trust: an ARN of nothing":      {ofTrust, arn(`""`), `principals[0].arn: ""` + noARN},
		"trust: a name":                 {ofTrust, arn(`"terraform-ci"`), `principals[0].arn: "terraform-ci"` + noARN},
		"trust: the root user":          {ofTrust, arn(`"arn:aws:iam::111122223333:root"`), `principals[0].arn: "arn:aws:iam::111122223333:root" is an account's root user: write the ARN of a role or a user`},
		"trust: all roles":              {ofTrust, arn(`"arn:aws:iam::111122223333:role/*"`), `principals[0].arn: "arn:aws:iam::111122223333:role/*" has a wildcard: write the ARN of each role or user`},
		"trust: a session": {ofTrust, arn(`"` + session + `"`), `principals[0].arn: "` + session + `" is a session, and whoever assumes the role chooses the name of the session: ` +
			"write the ARN of the role, such as " + terraform},
		"trust: a principal twice": {ofTrust, trusting(`{"arn":"` + terraform + `","pendingHours":1},{"arn":"` + ana + `","pendingHours":1},{"arn":"` + terraform + `","pendingHours":2}`), "principals[2].arn: is the same as in principals[0]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, message(c.json([]byte(c.document)))); diff != "" {
				t.Errorf("JSON: %s", diff)
			}
			fromNow := strings.Replace(c.want, "after the document was written", "from now", 1)
			if diff := cmp.Diff(fromNow, message(c.yaml([]byte(c.document)))); diff != "" {
				t.Errorf("YAML: %s", diff)
			}
		})
	}
}

// TestWhatHasPassedIsAProblemOfAFileAlone: a document in SSM ends sooner or later.
func TestWhatHasPassedIsAProblemOfAFileAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		decoders
		document, want string
	}{
		"approval": {ofApproval, `{"schema":1,"rules":["ingress tcp 22 10.0.0.0/8"],"expires":"2026-11-21T11:59:59Z","reason":"x"}`, "1:61 expires: has passed, so the approval would have no effect"},
		"pause":    {ofPause, `{"schema":1,"until":"2026-11-21T11:59:59Z","reason":"x"}`, "1:21 until: has passed, so the pause would have no effect"},
	} {
		if err := c.json([]byte(c.document)); err != nil {
			t.Errorf("%s in SSM: %v", name, err)
		}
		if diff := cmp.Diff([]string{c.want}, problemsOf(t, c.yaml([]byte(c.document)))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestProblemsOfAFileHaveTheirPositions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		decoders
		document string
		want     []string
	}{
		"approval": {ofApproval, "schema: 1\nrules:\n  - ingress tcp 22 self\n  - egress all all sg-0b\n  - egress all all sg-0b\nexpires: 2027-12-01T09:00:00Z\nreason: ''\n", []string{
			`3:5 rules[0]: rule "ingress tcp 22 self", word 4: "self" is not a CIDR, sg-… or pl-…`,
			"5:5 rules[2]: is the same rule as rules[1]",
			"6:10 expires: is later than 2027-02-19T12:00:00Z, which is 90 days from now",
			"7:9 reason: is missing or blank: say why this is needed",
		}},
		"pause": {ofPause, "schema: 1\nuntil: tomorrow\n", []string{
			"2:8 until: must be a time with a zone, such as 2026-12-01T09:00:00Z", "1:1 reason: is missing or blank: say why this is needed",
		}},
		"trust": {ofTrust, "schema: 1\nprincipals:\n  - arn: \"*\"\n    pendingHours: 024\n", []string{
			`3:10 principals[0].arn: "*" has a wildcard: write the ARN of each role or user`, "4:19 principals[0].pendingHours: must be a whole number from 1 to 168",
		}},
	}
	for name, c := range cases {
		if diff := cmp.Diff(c.want, problemsOf(t, c.yaml([]byte(c.document)))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
