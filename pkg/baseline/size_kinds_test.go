package baseline_test

import (
	"strings"
	"testing"
)

// poisonOfKinds hurts a decoder of one kind of document behind the reader that all
// kinds share.
var poisonOfKinds = map[string]struct {
	decode func([]byte) error
	repeated
}{
	"unknown fields of an approval": {ofApproval.json, poison["unknown fields"]},
	"unknown fields of a pause":     {ofPause.json, poison["unknown fields"]},
	"unknown fields of trust":       {ofTrust.json, poison["unknown fields"]},
	"rules":                         {ofApproval.json, repeated{`{"schema":1,"rules":[""`, `,""`, "]}"}},
	"rules that are none":           {ofApproval.json, repeated{`{"schema":1,"rules":[0`, `,0`, "]}"}},
	"a long rule":                   {ofApproval.json, repeated{`{"schema":1,"rules":["`, "ingress ", `"]}`}},
	"fifty long rules":              {ofApproval.json, repeated{`{"schema":1,"rules":[` + strings.Repeat(`"`+strings.Repeat("é", 10_000)+`",`, 49) + `"`, "x", `"]}`}},
	"a long reason":                 {ofApproval.json, repeated{`{"schema":1,"rules":["ingress tcp 22 10.0.0.0/8"],"reason":"`, `\n`, `"}`}},
	"a long expiry":                 {ofApproval.json, repeated{`{"schema":1,"rules":[],"expires":"`, "2", `"}`}},
	"a long end":                    {ofPause.json, repeated{`{"schema":1,"until":"`, "2", `"}`}},
	"empty principals":              {ofTrust.json, repeated{`{"schema":1,"principals":[{}`, ",{}", "]}"}},
	"20,000 empty principals":       {ofTrust.json, repeated{`{"schema":1,"principals":[{}` + strings.Repeat(",{}", 19_999) + "]", " ", "}"}},
	"the same principal":            {ofTrust.json, repeated{`{"schema":1,"principals":[`, `{"arn":"` + terraform + `","pendingHours":1},`, `0]}`}},
	"a long principal":              {ofTrust.json, repeated{`{"schema":1,"principals":[{"arn":"`, "arn:", `"}]}`}},
	"unknown fields of a list":      {ofPrefixList.json, poison["unknown fields"]},
	"empty entries":                 {ofPrefixList.json, repeated{`{"schema":1,"entries":[{}`, ",{}", "]}"}},
	"the same entry":                {ofPrefixList.json, repeated{`{"schema":1,"entries":[`, `{"cidr":"10.0.0.0/8"},`, `0]}`}},
	"a long entry":                  {ofPrefixList.json, repeated{`{"schema":1,"entries":[{"cidr":"`, "1", `"}]}`}},
	"a long number of hours":        {ofTrust.json, repeated{`{"schema":1,"principals":[{"pendingHours":1`, "0", `}]}`}},
}

func TestAPoisonedDocumentOfAnyKindTakesLittleMemory(t *testing.T) {
	for name, p := range poisonOfKinds {
		t.Run(name, func(t *testing.T) { takesLittle(t, p.repeated, p.decode) })
	}
}
