package metrics

import "sync"

// Calls counts the requests of one invocation.
type Calls struct {
	mu                        sync.Mutex
	requests, trips, inFlight int
}

// Began counts a request that is about to be sent. The caller calls the function that
// Began returns once the answer is there, or none will come.
func (c *Calls) Began() (ended func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if c.inFlight == 0 {
		c.trips++
	}
	c.inFlight++
	return c.ended
}

func (c *Calls) ended() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inFlight--
}

// Counts returns how many requests began, and how often one began while no other
// was in flight.
func (c *Calls) Counts() (requests, roundTrips int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests, c.trips
}
