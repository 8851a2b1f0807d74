// Package told is the notifier's memory: what people have been told already, so that
// a drift that stays is not told again with every sweep.
package told

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Open is something that people were told of and that was not over by then.
type Open struct {
	GroupID   string
	GroupName string
	Kind      alert.Kind
	// Parameter is the document's in force. Where Rule is empty, the document is what
	// was told, since it can't be used.
	Parameter string
	Rule      string // rule text
	Verdict   alert.Verdict
	Since     time.Time // when it was told first
}
