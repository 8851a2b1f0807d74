package baseline

// For tests of what is just within the limits.
const (
	MaxBytes  = maxBytes
	MaxRules  = maxRules
	MaxValues = maxValues
	MaxMarks  = maxMarks
)

var CountMarks = countMarks
