package mail

import (
	"regexp"
	"sync"
)

// lazily is a regular expression that is compiled when it is first used, and not each
// time that a function starts.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
