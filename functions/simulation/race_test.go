//go:build race

package simulation

// The race detector makes a history several times as long.
const (
	defaultHistories = 60
	todaysHistories  = 20
)

const raceDetector = true
