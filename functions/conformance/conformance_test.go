package conformance_test

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/functions/conformance"
	"github.com/sgwarden/sgwarden/functions/conformance/memory"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func TestMain(m *testing.M) { os.Exit(localtest.Run(m)) }

func TestTheAWSInMemoryKeepsEveryPromise(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Subject{New: func(t *testing.T) conformance.AWS {
		inMemory := memory.New()
		t.Cleanup(inMemory.Close)
		return conformance.Of(inMemory.Config(), inMemory.Quota)
	}})
}

// motoBreaks is why moto_server 5.2.1 breaks promises. Tests of what rests on these use
// the AWS in memory, or a stub.
var motoBreaks = map[string]string{
	"a rule names the account of its group":                                       "moto answers no GroupOwnerId",
	"one duplicate rejects a whole authorise call":                                "moto adds the rules before the duplicate",
	"rules come in pages of the size that is asked for":                           "moto has no pages of rules",
	"the answer to a revoke names the ids that it took":                           "moto answers no RevokedSecurityGroupRules",
	"a revoke of an id that is gone has the code of a rule id":                    "moto answers the code of a permission, which the product takes too",
	"a standard parameter holds 4,096 bytes and no more":                          "moto takes any length",
	"a change of a version that is not the newest is refused and changes nothing": "moto takes any CurrentVersion, and begins from the entries of that version",
	"entries beyond a prefix list's room are refused and change nothing":          "moto takes no notice of MaxEntries",
}

func TestMotoKeepsThePromisesButForThoseDeclared(t *testing.T) {
	t.Parallel()
	conformance.Run(t, conformance.Subject{
		New: func(t *testing.T) conformance.AWS {
			return conformance.Of(localtest.SharedConfig(t), 60)
		},
		Breaks: motoBreaks,
	})
}

// TestNoPromiseIsKeptByAnAWSThatRefusesEverything shows that each promise can be broken.
func TestNoPromiseIsKeptByAnAWSThatRefusesEverything(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, nil)
	t.Cleanup(stub.Close)
	broken := conformance.Broken(t.Context(), func() conformance.AWS { return conformance.Of(stub.Config(), 60) })
	for _, name := range conformance.Promises() {
		if broken[name] == nil {
			t.Errorf("%q can't be broken", name)
		}
	}
}

func TestNoTwoPromisesHaveOneName(t *testing.T) {
	t.Parallel()
	names := conformance.Promises()
	slices.Sort(names)
	if diff := cmp.Diff(slices.Compact(slices.Clone(names)), names); diff != "" {
		t.Error(diff)
	}
}
