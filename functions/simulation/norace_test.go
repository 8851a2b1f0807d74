//go:build !race

package simulation

const defaultHistories = 2000

// loadGroups are the groups of the load test.
const loadGroups = 200
