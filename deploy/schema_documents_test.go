package deploy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// TestTheSchemasAndTheirDecodersAgree does for the other documents what
// TestTheSchemaAndTheDecoderAgree does for baselines.
func TestTheSchemasAndTheirDecodersAgree(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		decode func(data []byte) error
		valid  map[string]string
		wrong  map[string]string
	}{
		"approval":    {decodeApproval, validApprovals(), wrongApprovals()},
		"pause":       {decodePause, validPauses, wrongPauses},
		"trust":       {decodeTrust, validTrust, wrongTrust},
		"prefix-list": {decodePrefixList, validPrefixLists, wrongPrefixLists},
		"guardrail":   {decodeGuardrail, validGuardrails, wrongGuardrails},
	}
	for kind, k := range kinds {
		for name, document := range k.valid {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				if err := validate(t, compileSchema(t, kind), document); err != nil {
					t.Errorf("the schema says %v", err)
				}
				if err := k.decode([]byte(document)); err != nil {
					t.Errorf("the decoder says %v", err)
				}
			})
		}
		for name, document := range k.wrong {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				if validate(t, compileSchema(t, kind), document) == nil {
					t.Error("the schema accepts it")
				}
				if k.decode([]byte(document)) == nil {
					t.Error("the decoder accepts it")
				}
			})
		}
	}
}

// written is when every document was written.
var written = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func decodeApproval(data []byte) error {
	_, err := baseline.DecodeApproval(data, "a", written)
	return err
}
func decodePause(data []byte) error { _, err := baseline.DecodePause(data, written); return err }
func decodeTrust(data []byte) error { _, err := baseline.DecodeTrust(data); return err }
func decodeGuardrail(data []byte) error {
	_, err := baseline.DecodeGuardrail(data)
	return err
}

func approving(rules string) string {
	return `{"schema":1,"rules":[` + rules + `],"expires":"2026-11-26T05:40:00Z","reason":"INC-1234"}`
}

// manyRules are n that differ.
func manyRules(n int) string {
	var rules []string
	for i := range n {
		rules = append(rules, fmt.Sprintf(`"ingress tcp %d 10.0.0.0/8"`, i))
	}
	return strings.Join(rules, ",")
}

func validApprovals() map[string]string {
	return map[string]string{
		"a rule":                              approving(`"ingress tcp 22 203.0.113.7/32"`),
		"every kind of peer":                  approving(`"egress all all sg-0b","egress all all pl-0b","egress all all 0.0.0.0/0","egress all all ::/0","egress all all 64:ff9b::192.0.2.33/128"`),
		"every kind of port":                  approving(`"ingress tcp all sg-0b","ingress udp 0-65535 sg-0b","ingress icmp 3/4 sg-0b","ingress icmpv6 8 sg-0b","ingress 50 all sg-0b"`),
		"protocols as people may write them":  approving(`"ingress TCP 22 sg-0b","ingress 17 22 sg-0b","ingress -1 all sg-0b"`),
		"spaces":                              approving(`" ingress  tcp\t22 sg-0b "`),
		"fifty rules":                         approving(manyRules(50)),
		"an expiry in another zone":           `{"schema":1,"rules":["ingress tcp 22 sg-0b"],"expires":"2026-11-26T05:40:00.5+01:00","reason":"x"}`,
		"an expiry that has passed":           `{"schema":1,"rules":["ingress tcp 22 sg-0b"],"expires":"2026-11-24T05:40:00Z","reason":"x"}`,
		"a reason of several lines, indented": `{"schema":1,"rules":["ingress tcp 22 sg-0b"],"expires":"2026-11-26T05:40:00Z","reason":"\n  x\n"}`,
	}
}

func wrongApprovals() map[string]string {
	const rest = `,"expires":"2026-11-26T05:40:00Z","reason":"x"}`
	const rules = `{"schema":1,"rules":["ingress tcp 22 sg-0b"]`
	return map[string]string{
		"a later schema":            `{"schema":2,"rules":["ingress tcp 22 sg-0b"]` + rest,
		"no schema":                 `{"rules":["ingress tcp 22 sg-0b"]` + rest,
		"an unknown field":          rules + `,"approvedBy":"ana"` + rest,
		"no rules":                  `{"schema":1` + rest,
		"an empty list of rules":    approving(``),
		"rules that are none":       `{"schema":1,"rules":"ingress tcp 22 sg-0b"` + rest,
		"a rule that is a number":   approving(`22`),
		"a rule with self":          approving(`"ingress tcp 22 self"`),
		"a rule with a name":        approving(`"ingress tcp 22 name:web"`),
		"a rule of no direction":    approving(`"tcp 22 sg-0b"`),
		"a rule of capitals":        approving(`"INGRESS tcp 22 sg-0b"`),
		"a rule of one word more":   approving(`"ingress tcp 22 sg-0b sg-0c"`),
		"a rule of no protocol":     approving(`"ingress tpc 22 sg-0b"`),
		"a rule of a service":       approving(`"ingress tcp ssh sg-0b"`),
		"the same rule twice":       approving(`"ingress tcp 22 sg-0b","ingress tcp 22 sg-0b"`),
		"fifty-one rules":           approving(manyRules(51)),
		"no expiry":                 rules + `,"reason":"x"}`,
		"an expiry without a zone":  rules + `,"expires":"2026-11-26T05:40:00","reason":"x"}`,
		"an expiry that is a day":   rules + `,"expires":"2026-11-26","reason":"x"}`,
		"an expiry of seconds":      rules + `,"expires":1764135600,"reason":"x"}`,
		"no reason":                 rules + `,"expires":"2026-11-26T05:40:00Z"}`,
		"a blank reason":            rules + `,"expires":"2026-11-26T05:40:00Z","reason":" \n"}`,
		"a reason that is a number": rules + `,"expires":"2026-11-26T05:40:00Z","reason":7}`,
		"null":                      `null`,
		"a list":                    `[]`,
	}
}

var validPauses = map[string]string{
	"until tonight":          `{"schema":1,"until":"2026-11-25T23:00:00Z","reason":"migration CHG-77"}`,
	"until another zone":     `{"schema":1,"until":"2026-11-25T23:00:00-01:00","reason":"x"}`,
	"one that ended already": `{"schema":1,"until":"2026-11-24T23:00:00Z","reason":"x"}`,
}

var wrongPauses = map[string]string{
	"a later schema":     `{"schema":2,"until":"2026-11-25T23:00:00Z","reason":"x"}`,
	"an unknown field":   `{"schema":1,"until":"2026-11-25T23:00:00Z","reason":"x","groups":[]}`,
	"no end":             `{"schema":1,"reason":"x"}`,
	"an end of null":     `{"schema":1,"until":null,"reason":"x"}`,
	"an end of no zone":  `{"schema":1,"until":"2026-11-25T23:00:00","reason":"x"}`,
	"an end that is now": `{"schema":1,"until":"soon","reason":"x"}`,
	"no reason":          `{"schema":1,"until":"2026-11-25T23:00:00Z"}`,
	"an empty reason":    `{"schema":1,"until":"2026-11-25T23:00:00Z","reason":""}`,
	"a list":             `[]`,
}

func trusting(arn, hours string) string {
	return `{"schema":1,"principals":[{"arn":"` + arn + `","pendingHours":` + hours + `}]}`
}

const roles = "arn:aws:iam::111122223333:role/"

var validTrust = map[string]string{
	"a role":                      trusting(roles+"terraform-ci", "24"),
	"a role with a path":          trusting(roles+"aws-reserved/sso.amazonaws.com/x(y)z/AWSReservedSSO_Admin_0a1b", "1"),
	"a role with every character": trusting(roles+"aZ09_+=,.@-", "168"),
	"the longest of all roles":    trusting("arn:aws-us-gov:iam::111122223333:role/"+strings.Repeat("p", 510)+"/"+strings.Repeat("n", 64), "1"),
	"a user":                      trusting("arn:aws-cn:iam::111122223333:user/ana", "24"),
	"nobody":                      `{"schema":1,"principals":[]}`,
}

var wrongTrust = map[string]string{
	"a later schema":       `{"schema":2,"principals":[]}`,
	"an unknown field":     `{"schema":1,"principals":[],"mode":"alert"}`,
	"no principals":        `{"schema":1}`,
	"principals of null":   `{"schema":1,"principals":null}`,
	"a principal as text":  `{"schema":1,"principals":["` + roles + `ci"]}`,
	"a field too many":     `{"schema":1,"principals":[{"arn":"` + roles + `ci","pendingHours":1,"reason":"x"}]}`,
	"no ARN":               `{"schema":1,"principals":[{"pendingHours":1}]}`,
	"an ARN of nothing":    trusting("", "1"),
	"a name":               trusting("terraform-ci", "1"),
	"the root user":        trusting("arn:aws:iam::111122223333:root", "1"),
	"every role":           trusting(roles+"*", "1"),
	"some roles":           trusting(roles+"c?", "1"),
	"every role of a path": trusting(roles+"ci/*/x", "1"),
	"a session":            trusting("arn:aws:sts::111122223333:assumed-role/ci/run", "1"),
	"a federated user":     trusting("arn:aws:sts::111122223333:federated-user/ana", "1"),
	"a group":              trusting("arn:aws:iam::111122223333:group/admins", "1"),
	"no account":           trusting("arn:aws:iam:::role/ci", "1"),
	"no partition":         trusting("arn::iam::111122223333:role/ci", "1"),
	"no name":              trusting(roles, "1"),
	"a path and no name":   trusting(roles+"ci/", "1"),
	"an empty path":        trusting(roles+"/ci", "1"),
	"a name too long":      trusting(roles+strings.Repeat("n", 65), "1"),
	"a name of spaces":     trusting(roles+"terraform ci", "1"),
	"no hours":             `{"schema":1,"principals":[{"arn":"` + roles + `ci"}]}`,
	"no hour":              trusting(roles+"ci", "0"),
	"more than a week":     trusting(roles+"ci", "169"),
	"half an hour":         trusting(roles+"ci", "0.5"),
	"hours that are text":  trusting(roles+"ci", `"24"`),
}

func forbidding(entry string) string { return `{"schema":1,"forbid":[` + entry + `]}` }

var validGuardrails = map[string]string{
	"ssh":                    forbidding(`{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":24,"ipv6":48}}`),
	"everything":             forbidding(`{"direction":"egress","protocol":"all"}`),
	"numbers":                forbidding(`{"direction":"ingress","protocol":6,"ports":22,"widest":{}}`),
	"the widest there is":    forbidding(`{"direction":"ingress","protocol":"udp","ports":"all","widest":{"ipv4":0,"ipv6":0}}`),
	"the narrowest there is": forbidding(`{"direction":"ingress","protocol":"icmp","ports":"8","widest":{"ipv4":32,"ipv6":128}}`),
	"nothing":                `{"schema":1,"mode":"enforce","forbid":[]}`,
}

var wrongGuardrails = map[string]string{
	"a later schema":         `{"schema":2,"forbid":[]}`,
	"an unknown field":       `{"schema":1,"forbid":[],"groupId":"sg-0a"}`,
	"no list":                `{"schema":1}`,
	"a list of null":         `{"schema":1,"forbid":null}`,
	"a mode that is none":    `{"schema":1,"mode":"off","forbid":[]}`,
	"an entry that is none":  forbidding(`"tcp"`),
	"an entry with a source": forbidding(`{"direction":"ingress","protocol":"all","sources":["0.0.0.0/0"]}`),
	"no direction":           forbidding(`{"protocol":"all"}`),
	"no protocol":            forbidding(`{"direction":"ingress","ports":"22"}`),
	"no ports":               forbidding(`{"direction":"ingress","protocol":"tcp"}`),
	"ports of all protocols": forbidding(`{"direction":"ingress","protocol":"all","ports":"22"}`),
	"a number for both":      forbidding(`{"direction":"ingress","protocol":"all","widest":24}`),
	"an unknown family":      forbidding(`{"direction":"ingress","protocol":"all","widest":{"ipv5":24}}`),
	"wider than the widest":  forbidding(`{"direction":"ingress","protocol":"all","widest":{"ipv4":-1}}`),
	"narrower than one":      forbidding(`{"direction":"ingress","protocol":"all","widest":{"ipv4":33}}`),
	"an IPv6 of 129 bits":    forbidding(`{"direction":"ingress","protocol":"all","widest":{"ipv6":129}}`),
	"half a bit":             forbidding(`{"direction":"ingress","protocol":"all","widest":{"ipv4":0.5}}`),
	"a prefix as text":       forbidding(`{"direction":"ingress","protocol":"all","widest":{"ipv4":"24"}}`),
}

// TestOnlyTheDecoderKnows has what JSON Schema can't check: the decoder refuses
// more than the schema does.
func TestOnlyTheDecoderKnows(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		kind, document string
		decode         func([]byte) error
	}{
		"host bits":                 {"approval", approving(`"ingress tcp 22 10.0.0.5/8"`), decodeApproval},
		"two spellings of one rule": {"approval", approving(`"ingress tcp 22 sg-0b","ingress 6 22 sg-0b"`), decodeApproval},
		"an expiry after 91 days":   {"approval", `{"schema":1,"rules":["ingress tcp 22 sg-0b"],"expires":"2027-02-24T12:00:00Z","reason":"x"}`, decodeApproval},
		"host bits of an entry":     {"prefix-list", listing(`{"cidr":"10.0.0.5/8"}`), decodePrefixList},
		"an entry that is twice":    {"prefix-list", listing(`{"cidr":"10.0.0.0/8"},{"cidr":"10.0.0.0/8","description":"x"}`), decodePrefixList},
		"entries of IPv4 and IPv6":  {"prefix-list", listing(`{"cidr":"10.0.0.0/8"},{"cidr":"::/0"}`), decodePrefixList},
		"a pause of 25 hours":       {"pause", `{"schema":1,"until":"2026-11-26T13:00:00Z","reason":"x"}`, decodePause},
		"a principal that is twice": {"trust", `{"schema":1,"principals":[{"arn":"` + roles + `ci","pendingHours":1},{"arn":"` + roles + `ci","pendingHours":2}]}`, decodeTrust},
		"a path too long":           {"trust", trusting("arn:aws:iam::111122223333:role/"+strings.Repeat("p", 511)+"/n", "1"), decodeTrust},
	}
	for name, c := range cases {
		if err := validate(t, compileSchema(t, c.kind), c.document); err != nil {
			t.Errorf("%s: the schema says %v", name, err)
		}
		if c.decode([]byte(c.document)) == nil {
			t.Errorf("%s: the decoder accepts it", name)
		}
	}
}
