package backtestpage

// chart is a timeline as the template draws it: above a column for each bar, below a lane for each of the busiest
// actors. All lengths are in units of the SVG.
type chart struct {
	ID            string // makes ids within the page unique
	Title, Text   string // what is drawn, for who does not see it
	Width, Height float64
	Left, Right   float64 // where the columns begin and end
	Base, Top     float64 // of the columns
	Columns       []column
	Levels        []level
	Dates         []date
	Lanes         []chartLane
	Most          string // the words over the lanes' totals
	LabelWidth    float64
}

// column is what one bar of the timeline looks like, from its foot upwards.
type column struct {
	X, Width, Y, Height float64 // of the area that shows the text when pointed at
	Text                string
	Parts               []segment
}

type segment struct {
	Kind      string // reverted, reported, pending: the class
	Y, Height float64
}

type level struct {
	Y    float64
	Text string
}

type date struct {
	X    float64
	Text string
	Side string // start, middle, end
}

type chartLane struct {
	Y, NameY float64
	Name     string
	FullName string
	Total    string
	Dots     []dot
}

type dot struct {
	X, R float64
	Text string
}
