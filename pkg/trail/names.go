package trail

import (
	"maps"
	"slices"
)

// Names returns the names of all EC2 calls that Parse knows, calls that only change descriptions among them, in the order
// of the alphabet.
func Names() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, names := range []func(func(string) bool){maps.Keys(parsers), maps.Keys(ignored)} {
			for name := range names {
				if !yield(name) {
					return
				}
			}
		}
	})
}
