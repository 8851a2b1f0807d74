package main

import (
	"testing"

	"github.com/sgwarden/sgwarden/functions/conformance"
)

// TestTheStubOfParameterStoreKeepsThePromisesButForThoseDeclared tests the stub of the
// command's tests with the suite that moto and the simulator pass too.
func TestTheStubOfParameterStoreKeepsThePromisesButForThoseDeclared(t *testing.T) {
	t.Parallel()
	breaks := map[string]string{}
	for _, name := range conformance.Promises(conformance.Groups, conformance.Revokes, conformance.Lists) {
		breaks[name] = "the stub's groups are only read, and the test says which rules they have"
	}
	delete(breaks, "a group that nobody knows has no rules, which is no error")
	delete(breaks, "a group that nobody knows is gone")
	conformance.Run(t, conformance.Subject{
		New:    func(t *testing.T) conformance.AWS { return conformance.Of(newParameterStore(t).configOf(), 60) },
		Breaks: breaks,
	})
}
