package baseline_test

import (
	"testing"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

func TestTheFieldsOfAFileSayWhatKindOfDocumentItHolds(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		file string
		want baseline.Kind
	}{
		"a baseline":                         {full, baseline.KindBaseline},
		"a guardrail":                        {"schema: 1\nforbid: []\n", baseline.KindGuardrail},
		"an approval":                        {approvalText, baseline.KindApproval},
		"a pause":                            {pauseText, baseline.KindPause},
		"trust":                              {trustText, baseline.KindTrust},
		"a prefix list's entries":            {prefixListText, baseline.KindPrefixList},
		"entries without an id":              {"schema: 1\nentries: []\n", baseline.KindPrefixList},
		"an approval of a later schema":      {"schema: 2\nrules:\n", baseline.KindApproval},
		"a baseline with an approval's list": {"groupId: sg-0a\nrules: []\n", baseline.KindBaseline},
		"ingress alone, and a pause's end":   {"ingress: []\nuntil: x\n", baseline.KindBaseline},
		"egress alone, and principals":       {"egress: []\nprincipals: []\n", baseline.KindBaseline},
		"a field below another":              {"x: {rules: []}\n", baseline.KindBaseline},
		"a field in capitals":                {"Rules: []\n", baseline.KindBaseline},
		"a list":                             {"[rules]", baseline.KindBaseline},
		"nothing":                            {"", baseline.KindBaseline},
		"no YAML":                            {"rules: [", baseline.KindBaseline},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := yamlfile.KindOf([]byte(c.file)); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
