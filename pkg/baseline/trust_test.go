package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

const (
	terraform = "arn:aws:iam::111122223333:role/terraform-ci"
	ana       = "arn:aws:iam::111122223333:user/people/ana"
	trustText = `{"schema": 1, "principals": [{"arn": "` + terraform + `", "pendingHours": 24}, {"arn": "` + ana + `", "pendingHours": 168}]}`
)

func trusted() *baseline.Trust {
	return &baseline.Trust{Principals: []baseline.Principal{{ARN: terraform, Pending: 24 * time.Hour}, {ARN: ana, Pending: 168 * time.Hour}}}
}

func TestTrustNamesPrincipals(t *testing.T) {
	t.Parallel()
	for format, decode := range map[string]func([]byte) (*baseline.Trust, error){"JSON": baseline.DecodeTrust, "YAML": yamlfile.DecodeTrust} {
		got, err := decode([]byte(trustText))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if diff := cmp.Diff(trusted(), got); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
		if none, err := decode([]byte(`{"schema":1,"principals":[]}`)); err != nil || len(none.Principals) > 0 {
			t.Errorf("%s: nobody is %v, %v", format, none, err)
		}
	}
}

func TestOnlyTheVerySameARNIsTrusted(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]time.Duration{
		terraform:       24 * time.Hour,
		ana:             168 * time.Hour,
		"":              0,
		terraform + "/": 0,
		terraform + "2": 0,
		"arn:aws:iam::111122223333:role/terraform":                  0,
		"arn:aws:iam::111122223333:role/Terraform-CI":               0,
		"arn:aws:iam::111122223333:role/x/terraform-ci":             0,
		"arn:aws:iam::444455556666:role/terraform-ci":               0,
		"arn:aws:iam::111122223333:user/terraform-ci":               0,
		"arn:aws:iam::111122223333:user/ana":                        0,
		"arn:aws:sts::111122223333:assumed-role/terraform-ci/run-1": 0,
		"arn:aws:sts::111122223333:assumed-role/other/terraform-ci": 0,
	} {
		got, ok := trusted().Find(arn)
		if ok != (want > 0) || got.Pending != want || ok && got.ARN != arn {
			t.Errorf("%q: got %v, %v", arn, got, ok)
		}
	}
}

func TestTrustThatIsEncodedDecodesToTheSame(t *testing.T) {
	t.Parallel()
	for want, trust := range map[string]*baseline.Trust{
		strings.ReplaceAll(trustText, " ", ""): trusted(),
		`{"schema":1,"principals":[]}`:         {Principals: []baseline.Principal{}},
	} {
		data, err := baseline.EncodeTrust(trust)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(data)); diff != "" {
			t.Error(diff)
		}
		got, err := baseline.DecodeTrust(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(trust, got); diff != "" {
			t.Error(diff)
		}
	}
	if data, err := baseline.EncodeTrust(&baseline.Trust{}); string(data) != `{"schema":1,"principals":[]}` {
		t.Errorf("trust in nobody became %s, %v", data, err)
	}
}

func TestTrustThatWouldBeRefusedIsNotEncoded(t *testing.T) {
	t.Parallel()
	for says, p := range map[string]baseline.Principal{
		"principals[0] waits for 1h30m0s":  {ARN: terraform, Pending: 90 * time.Minute},
		"principals[0].pendingHours: must": {ARN: terraform},
		"principals[0].arn: \"*\" has":     {ARN: "*", Pending: time.Hour},
	} {
		if data, err := baseline.EncodeTrust(&baseline.Trust{Principals: []baseline.Principal{p}}); err == nil || !strings.HasPrefix(err.Error(), "encode the trusted principals: "+says) {
			t.Errorf("got %s, %v", data, err)
		}
	}
}
