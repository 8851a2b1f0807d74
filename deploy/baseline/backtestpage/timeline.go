package backtestpage

import (
	"math"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

// shape is how wide a chart is and how it uses the width.
type shape struct {
	id               string
	width, left      float64
	right            float64 // for the totals of the lanes
	columns, dates   int     // at most
	lane, lift       float64 // the height of a lane; how far its name stands above the dots
	label, barHeight float64
}

// A browser shows the wide chart where there is room for it, and else the narrow one, whose names stand above the lanes.
var (
	wide   = shape{id: "wide", width: 960, left: 210, right: 44, columns: 93, dates: 5, lane: 28, label: 200, barHeight: 150}
	narrow = shape{id: "narrow", width: 368, left: 30, right: 34, columns: 31, dates: 2, lane: 44, lift: 19, label: 330, barHeight: 130}
)

const (
	mostLanes = 8
	letter    = 7.8 // the width of a wide letter of a name
	topSpace  = 12.0
	dateSpace = 42.0
	dateWidth = 90.0
)

func (v view) chart(s shape) chart {
	of := bars(v.Result.ByDay, s.columns)
	c := chart{
		ID: s.id, Title: v.T("chart-title"), Width: s.width, Left: s.left, Right: s.width - s.right,
		Top: topSpace, Base: topSpace + s.barHeight, LabelWidth: s.label, Most: v.T("chart-total"),
	}
	c.Text = v.chartText(of)
	v.drawColumns(&c, of)
	v.drawDates(&c, of, s.dates)
	v.drawLanes(&c, of, s)
	return c
}

func (c *chart) step(bars int) float64 { return (c.Right - c.Left) / float64(max(bars, 1)) }

func (v view) drawColumns(c *chart, of []bar) {
	most := int64(1)
	for _, b := range of {
		most = max(most, b.Sum())
	}
	top := niceTop(most)
	unit := (c.Base - c.Top) / float64(top)
	step := c.step(len(of))
	width := min(max(step-2, step*0.7), 26)
	for _, at := range []int64{0, top / 2, top} {
		if at*2 == top || at == 0 || at == top {
			c.Levels = append(c.Levels, level{c.Base - float64(at)*unit, v.Number(int(at))})
		}
	}
	for i, b := range of {
		if b.Sum() == 0 {
			continue
		}
		col := column{X: round(c.Left + step*float64(i) + (step-width)/2), Width: round(width), Text: v.barText(b)}
		foot := c.Base
		for _, part := range []struct {
			kind string
			n    int64
		}{{"reverted", b.Reverted}, {"reported", b.Reported}, {"pending", b.Pending}} {
			if part.n > 0 {
				height := float64(part.n) * unit
				foot -= height
				col.Parts = append(col.Parts, segment{part.kind, round(foot), round(height)})
			}
		}
		col.Y, col.Height = c.Top, c.Base-c.Top
		c.Columns = append(c.Columns, col)
	}
}

// niceTop returns the even number at or above n where the scale of the columns ends.
func niceTop(n int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, first := range []int64{2, 4, 6, 8, 10} {
			if top := first * power; top >= n {
				return top
			}
		}
	}
}

func (v view) drawDates(c *chart, of []bar, most int) {
	step := c.step(len(of))
	every := max(1, int(math.Ceil(float64(len(of))/float64(most))))
	for i := 0; i < len(of); i += every {
		d := date{X: round(c.Left + step*(float64(i)+0.5)), Text: v.Day(of[i].First), Side: "middle"}
		switch {
		case i == 0:
			d.X, d.Side = c.Left, "start"
		case d.X > c.Right-dateWidth/2:
			d.X, d.Side = c.Right, "end"
		}
		c.Dates = append(c.Dates, d)
	}
}

func (v view) drawLanes(c *chart, of []bar, s shape) {
	lanes := v.Reverts.lanes(of, mostLanes)
	most := int64(1)
	for _, l := range lanes {
		for _, n := range l.Bars {
			most = max(most, n)
		}
	}
	step := c.step(len(of))
	largest := min(7, max(2.5, step*0.5)) // or dots of neighbours would hide each other
	y := c.Base + dateSpace
	for _, l := range lanes {
		y += s.lane
		drawn := chartLane{Y: y - s.lane/2 + s.lift/2, FullName: v.laneName(l.Actor), Total: v.Number(int(l.Total))}
		drawn.Name = clipped(drawn.FullName, int(s.label/letter))
		drawn.NameY = drawn.Y - 10 - s.lift // the box of the name is 20 high
		for i, n := range l.Bars {
			if n > 0 {
				r := 2.5 + largest*math.Sqrt(float64(n)/float64(most))
				drawn.Dots = append(drawn.Dots, dot{round(c.Left + step*(float64(i)+0.5)), round(r), v.dotText(of[i], n)})
			}
		}
		c.Lanes = append(c.Lanes, drawn)
	}
	c.Height = y + 10
}

func (v view) laneName(actor string) string {
	switch actor {
	case "":
		return v.T("nobody")
	case others:
		return v.T("others")
	}
	return page.Visible(shortActor(actor))
}

func round(x float64) float64 { return math.Round(x*10) / 10 }

// days writes the days of a bar.
func (v view) days(b bar) string {
	if b.First.Equal(b.Last) {
		return v.Day(b.First)
	}
	return v.T("range", v.Day(b.First), v.Day(b.Last))
}

func (v view) dotText(b bar, n int64) string { return v.T("label", v.days(b), v.Number(int(n))) }

func (v view) barText(b bar) string { return v.T("label", v.days(b), v.tallyText(b.Tally)) }

// tallyText writes what is not zero of a tally, such as "3 reverted, 1 only reported".
func (v view) tallyText(t replay.Tally) string {
	text := ""
	for _, part := range []struct {
		key string
		n   int64
	}{{"n-reverted", t.Reverted}, {"n-reported", t.Reported}, {"n-pending", t.Pending}} {
		if part.n > 0 {
			if text != "" {
				text += v.T("and")
			}
			text += v.N(part.key, int(part.n))
		}
	}
	if text == "" {
		return v.T("nothing")
	}
	return text
}

// chartText says in a sentence what the chart shows.
func (v view) chartText(of []bar) string {
	busiest := bar{}
	for _, b := range of {
		if b.Sum() > busiest.Sum() {
			busiest = b
		}
	}
	if busiest.Sum() == 0 {
		return v.T("nothing")
	}
	return v.T("chart-text", v.days(busiest), v.tallyText(busiest.Tally))
}
