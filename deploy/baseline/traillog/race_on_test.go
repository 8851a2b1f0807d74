//go:build race

package traillog

// raceDetected says that the tests run with the race detector.
const raceDetected = true
