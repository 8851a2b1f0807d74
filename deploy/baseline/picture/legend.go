package picture

import (
	"fmt"
	"slices"
	"strings"
)

// The measures of the legend, in points.
const (
	legendLeft   = 16.0
	legendLine   = 18.0
	legendSample = 40.0
	legendLetter = 5.6 // a character of 10 points, on average
)

// legend draws below a picture of some height what its lines mean: those that it has.
func (p Picture) legend(top float64) (svg string, height, width float64) {
	var b strings.Builder
	y := top + legendLine
	row := func(sample, text string) {
		fmt.Fprintf(&b, "<g>%s<text x=\"%.1f\" y=\"%.1f\" font-size=\"10\" fill=\"%s\">%s</text></g>\n", sample, legendLeft+legendSample+8, y+3.5, ink, escaped(text))
		width = max(width, legendLeft*2+legendSample+8+legendLetter*float64(len(text)))
		y += legendLine
	}
	for _, s := range order {
		if p.has(func(e Edge) bool { return !e.aside && e.State == s && e.OneSide == "" }) {
			row(sampleLine(y, edgeLooks[s], false), edgeLooks[s].about)
		}
	}
	if p.has(func(e Edge) bool { return e.OneSide != "" }) {
		row(sampleLine(y, edgeLooks[Permitted], true), "only one side permits this, so nothing passes")
	}
	if b.Len() == 0 {
		return "", 0, 0
	}
	return fmt.Sprintf("<g class=\"legend\" role=\"presentation\">\n%s</g>\n", b.String()), y - top, width
}

func (p Picture) has(is func(Edge) bool) bool { return slices.ContainsFunc(p.Edges, is) }

func sampleLine(y float64, l edgeLook, hollow bool) string {
	dash, fill := "", l.colour
	if l.dash != "" {
		dash = fmt.Sprintf(" stroke-dasharray=%q", l.dash)
	}
	if hollow {
		fill = "#fff"
	}
	end := legendLeft + legendSample
	return fmt.Sprintf(`<path d="M%.1f,%.1fH%.1f" stroke="%s" stroke-width="%g"%s fill="none"/><path d="M%.1f,%.1fl8,3.5l-8,3.5z" fill="%s" stroke="%s"/>`,
		legendLeft, y, end-8, l.colour, l.width, dash, end-8, y-3.5, fill, l.colour)
}
