//go:build race

package simulation

// The race detector makes a history several times as long.
var (
	all   = numbers{60, 20}
	short = numbers{30, 10}
)

const raceDetector = true
