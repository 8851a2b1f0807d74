//go:build !race

package simulation

const (
	defaultHistories = 2000
	todaysHistories  = 300
)

const raceDetector = false
