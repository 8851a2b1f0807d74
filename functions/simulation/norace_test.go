//go:build !race

package simulation

// How many histories there are, fixed ones and of the day: in make prove, and with -short in make test.
var (
	all   = numbers{2000, 300}
	short = numbers{250, 50}
)

const raceDetector = false
