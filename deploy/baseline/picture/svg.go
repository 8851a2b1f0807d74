package picture

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Layout places what a DOT graph describes, and returns Graphviz's SVG.
type Layout func(ctx context.Context, dot []byte) (svg []byte, err error)

// SVG returns the picture as an SVG document that needs nothing else. Of what the layout
// returns only shapes, positions and text are taken.
func (p Picture) SVG(ctx context.Context, layout Layout) ([]byte, error) {
	laidOut, err := layout(ctx, []byte(p.DOT()))
	if err != nil {
		return nil, fmt.Errorf("lay out the picture: %w", err)
	}
	d := drawing{picture: p, in: xml.NewDecoder(bytes.NewReader(laidOut))}
	if err := d.copyAll(); err != nil {
		return nil, fmt.Errorf("read the picture's layout: %w", err)
	}
	return d.document(), nil
}

// drawing copies the layout's SVG.
type drawing struct {
	picture       Picture
	in            *xml.Decoder
	body          bytes.Buffer
	width, height float64
	id            string // of the latest element that has one
	title         bool   // within a title, whose text is replaced
}

// shapes are the elements that are copied, and attributes those of their attributes.
var (
	shapes     = []string{"g", "path", "polygon", "polyline", "ellipse", "text"}
	attributes = []string{
		"class", "transform", "fill", "stroke", "stroke-width", "stroke-dasharray", "d", "points", "cx", "cy", "rx", "ry", "x", "y", "text-anchor", "font-size",
	}
)

func (d *drawing) copyAll() error {
	for {
		token, err := d.in.Token()
		switch {
		case errors.Is(err, io.EOF) && d.width > 0:
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = d.start(t)
		case xml.EndElement:
			d.end(t)
		case xml.CharData:
			d.text(t)
		}
		if err != nil {
			return err
		}
	}
}

func (d *drawing) start(e xml.StartElement) error {
	switch name := e.Name.Local; {
	case name == "svg":
		return d.readSize(e)
	case name == "title":
		d.title = true
	case slices.Contains(shapes, name):
		d.body.WriteString("<" + name)
		for _, a := range e.Attr {
			if a.Name.Local == "id" && !strings.HasPrefix(a.Value, linkID) {
				d.id = a.Value
			}
			if name == "text" && a.Name.Local == "y" {
				a.Value = d.raised(a.Value)
			}
			if slices.Contains(attributes, a.Name.Local) && a.Name.Space == "" {
				d.body.WriteString(" " + a.Name.Local + `="` + escaped(a.Value) + `"`)
			}
		}
		d.body.WriteString(">")
	}
	return nil
}

// linkID begins the id of what Graphviz puts within a node or an edge that has a tooltip.
const linkID = "a_"

// raised moves the text of an edge away from the line below it.
func (d *drawing) raised(y string) string {
	at, err := strconv.ParseFloat(y, 64)
	if err != nil || !strings.HasPrefix(d.id, "e") {
		return y
	}
	return strconv.FormatFloat(at-3, 'f', 2, 64)
}

func (d *drawing) readSize(e xml.StartElement) error {
	for _, a := range e.Attr {
		if a.Name.Local != "viewBox" {
			continue
		}
		numbers := strings.Fields(a.Value)
		if len(numbers) != 4 {
			return fmt.Errorf("the viewBox %q has not four numbers", a.Value)
		}
		var errs [2]error
		d.width, errs[0] = strconv.ParseFloat(numbers[2], 64)
		d.height, errs[1] = strconv.ParseFloat(numbers[3], 64)
		return errors.Join(errs[:]...)
	}
	return errors.New("it has no viewBox")
}

func (d *drawing) end(e xml.EndElement) {
	switch name := e.Name.Local; {
	case name == "title":
		d.title = false
	case slices.Contains(shapes, name):
		d.body.WriteString("</" + name + ">")
		if name == "g" || name == "text" {
			d.body.WriteString("\n")
		}
	}
}

func (d *drawing) text(data xml.CharData) {
	switch text := strings.TrimSpace(string(data)); {
	case text == "":
	case d.title:
		if says := d.says(d.id); says != "" {
			d.body.WriteString("<title>" + escaped(says) + "</title>")
		}
	default:
		d.body.WriteString(escaped(string(data)))
	}
}

// says returns what the node or edge of an id is: n1 or e1, as DOT writes them.
func (d *drawing) says(id string) string {
	p := d.picture
	if id == "" {
		return ""
	}
	i, err := strconv.Atoi(id[1:])
	switch {
	case err != nil || i < 0:
		return ""
	case id[0] == 'n' && i < len(p.Nodes):
		return p.Nodes[i].String()
	case id[0] == 'e' && i < len(p.Edges):
		return p.sentence(p.Edges[i])
	}
	return ""
}

// document puts the drawing into its frame: a title and a description for those who can't
// see it, and a legend.
func (d *drawing) document() []byte {
	legend, legendHeight, legendWidth := d.picture.legend(d.height)
	width, height := max(d.width, legendWidth), d.height+legendHeight
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="picture-title picture-text" width="%.0f" height="%.0f" viewBox="0 0 %.2f %.2f" font-family="Arial, Helvetica, sans-serif" style="max-width:100%%;height:auto">`+"\n",
		width*pixels, height*pixels, width, height)
	fmt.Fprintf(&b, "<title id=\"picture-title\">%s</title>\n<desc id=\"picture-text\">%s</desc>\n", escaped(d.picture.title()), escaped(d.picture.Text()))
	b.WriteString("<style>.edge text{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}.node text:first-of-type,.legend-title{font-weight:bold}</style>\n")
	fmt.Fprintf(&b, "<rect width=\"%.2f\" height=\"%.2f\" fill=\"#fff\"/>\n", width, height)
	b.Write(d.body.Bytes())
	b.WriteString(legend)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// pixels is how many CSS pixels a point has (CSS Values and Units, "Absolute lengths").
const pixels = 4.0 / 3

// escaped is text for XML, in elements and in attributes.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder has no errors
	return b.String()
}
