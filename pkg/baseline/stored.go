package baseline

import "errors"

// ErrNone says that there is no baseline, which is not an empty one: the group
// is left alone.
var ErrNone = errors.New("there is no baseline")

// Stored is a baseline as the store holds it, before it is decoded.
type Stored struct {
	Parameter string // the parameter's full name
	Version   int64
	Value     []byte
}
