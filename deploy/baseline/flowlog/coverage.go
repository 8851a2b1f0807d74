package flowlog

import (
	"slices"
	"time"
)

// slack is how long an interface may be without a record before this counts as a gap. A window lasts 10 minutes at
// most, and a window without traffic has a record too (VPC User Guide, Flow log records, Aggregation interval and field
// log-status).
const slack = int64(time.Hour / time.Second)

// mostSpans bounds the memory of one interface's coverage.
const mostSpans = 128

type span struct{ start, end int64 }

// coverage says when there are records of an interface.
type coverage struct {
	spans []span // sorted, at least slack apart
	last  int    // the span that was widened last
	// narrowGaps are gaps that were given up to bound the memory.
	narrowGaps int
}

func (c *coverage) add(start, end int64) {
	if c.last < len(c.spans) {
		if s := c.spans[c.last]; start >= s.start && end <= s.end {
			return
		}
	}
	at, _ := slices.BinarySearchFunc(c.spans, start-slack, func(s span, t int64) int {
		if s.end < t {
			return -1
		}
		return 1
	})
	till := at
	for ; till < len(c.spans) && c.spans[till].start <= end+slack; till++ {
		start, end = min(start, c.spans[till].start), max(end, c.spans[till].end)
	}
	c.spans = slices.Replace(c.spans, at, till, span{start, end})
	c.last = at
	if len(c.spans) > mostSpans {
		c.closeNarrowest()
	}
}

func (c *coverage) closeNarrowest() {
	at := 0
	for i := range len(c.spans) - 1 {
		if c.spans[i+1].start-c.spans[i].end < c.spans[at+1].start-c.spans[at].end {
			at = i
		}
	}
	c.spans[at].end = c.spans[at+1].end
	c.spans = slices.Delete(c.spans, at+1, at+2)
	c.last = 0
	c.narrowGaps++
}

// period is from the first record to the last.
func (c *coverage) period() Period {
	if len(c.spans) == 0 {
		return Period{}
	}
	return Period{time.Unix(c.spans[0].start, 0).UTC(), time.Unix(c.spans[len(c.spans)-1].end, 0).UTC()}
}

// gaps counts the times without a record, between the first and the last.
func (c *coverage) gaps() int { return max(len(c.spans)-1, 0) + c.narrowGaps }

// isPart reports whether the records leave out a part of a period.
func (c *coverage) isPart(whole Period) bool {
	own := c.period()
	return c.gaps() > 0 || own.From.Unix() > whole.From.Unix()+slack || own.To.Unix() < whole.To.Unix()-slack
}
