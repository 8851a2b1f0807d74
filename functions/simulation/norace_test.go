//go:build !race

package simulation

const defaultHistories = 2000

const raceDetector = false
