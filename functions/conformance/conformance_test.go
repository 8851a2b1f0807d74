package conformance_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
	"github.com/sgwarden/sgwarden/functions/conformance"
	"github.com/sgwarden/sgwarden/functions/conformance/memory"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// theMoto is the server that the tests share, nil until one needs it.
var theMoto *moto.Server

var startMoto = sync.OnceValue(func() (err error) {
	theMoto, err = moto.Start(context.Background(), moto.Config{})
	return err
})

func TestMain(m *testing.M) {
	status := m.Run()
	if theMoto != nil {
		if err := theMoto.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}

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
			if err := startMoto(); err != nil {
				t.Fatal(err)
			}
			return conformance.Of(awsconfig.New(theMoto.URL, awsconfig.Keys), 60)
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
