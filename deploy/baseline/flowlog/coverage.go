package flowlog

import (
	"slices"
	"time"
)

// slack is how long an interface may be without a record before this counts as a gap. A window lasts 10 minutes at
// most, and a window without traffic has a record too (VPC User Guide, Flow log records, Aggregation interval and field
// log-status).
const slack = int64(time.Hour / time.Second)

// coverage says in which hours there are records of an interface. An hour takes a bit, whatever the order of records.
type coverage struct {
	first, last int64 // seconds since 1970; last is 0 where there is no record
	base        int64 // the hour of the first bit, a multiple of 64
	hours       []uint64
}

// add notes a record's window, which is at most longestWindow.
func (c *coverage) add(start, end int64) {
	if c.last == 0 {
		c.first, c.base = start, start/slack/64*64
	}
	c.first, c.last = min(c.first, start), max(c.last, end)
	for hour := start / slack; hour <= end/slack; hour++ {
		if hour < c.base {
			more := (c.base - hour + 63) / 64
			c.hours = slices.Insert(c.hours, 0, make([]uint64, more)...)
			c.base -= more * 64
		}
		word := (hour - c.base) / 64
		if more := word + 1 - int64(len(c.hours)); more > 0 {
			c.hours = append(c.hours, make([]uint64, more)...)
		}
		c.hours[word] |= 1 << ((hour - c.base) % 64)
	}
}

func (c *coverage) has(hour int64) bool {
	return c.hours[(hour-c.base)/64]&(1<<((hour-c.base)%64)) != 0
}

// period is from the first record to the last.
func (c *coverage) period() Period {
	if c.last == 0 {
		return Period{}
	}
	return Period{time.Unix(c.first, 0).UTC(), time.Unix(c.last, 0).UTC()}
}

// gaps counts the times of at least one whole hour without a record, between the first record and the last.
func (c *coverage) gaps() int {
	gaps := 0
	for hour := c.first/slack + 1; hour < c.last/slack; hour++ {
		if !c.has(hour) && c.has(hour-1) {
			gaps++
		}
	}
	return gaps
}

// isPart reports whether the records leave out a part of a period.
func (c *coverage) isPart(whole Period) bool {
	return c.gaps() > 0 || c.first > whole.From.Unix()+slack || c.last < whole.To.Unix()-slack
}
