package baseline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

func TestADocumentThatIsEncodedDecodesToTheSameRules(t *testing.T) {
	t.Parallel()
	doc, err := baseline.DecodeYAML([]byte(full), "")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"ingress icmp 3/4 10.0.0.0/8", "egress all all pl-0c", "ingress 50 all sg-0d"} {
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		doc.Allow(r, "for good")
		doc.AllowUntil(r, "for a time", at.Add(time.Hour), "INC-1", "ana")
	}
	data, err := baseline.Encode(doc)
	if err != nil {
		t.Fatal(err)
	}
	back, err := baseline.Decode(data, doc.GroupID)
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if diff := cmp.Diff(texts(doc.Permitted(at)), texts(back.Permitted(at))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(*doc, *back, cmp.AllowUnexported(baseline.Entry{}), cmpopts.IgnoreFields(baseline.Entry{}, "at"), cmp.Comparer(func(a, b rule.Rule) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}
