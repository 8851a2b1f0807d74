package picture_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/layout/graphviz"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
)

func TestAnSVGIsForEverybody(t *testing.T) {
	t.Parallel()
	p := picture.New(drifting(t), now, picture.Options{})
	svg, err := p.SVG(t.Context(), graphviz.SVG)
	if err != nil {
		t.Fatal(err)
	}
	var desc struct {
		Role       string `xml:"role,attr"`
		LabelledBy string `xml:"aria-labelledby,attr"`
		Title      struct {
			ID   string `xml:"id,attr"`
			Text string `xml:",chardata"`
		} `xml:"title"`
		Desc struct {
			ID   string `xml:"id,attr"`
			Text string `xml:",chardata"`
		} `xml:"desc"`
	}
	if err := xml.Unmarshal(svg, &desc); err != nil {
		t.Fatal(err)
	}
	if desc.Role != "img" || desc.LabelledBy != desc.Title.ID+" "+desc.Desc.ID || desc.Title.Text != "Who may reach whom: 4 security groups" || desc.Desc.Text != p.Text() {
		t.Errorf("got %+v", desc)
	}
	for _, want := range []string{
		"<title>web (sg-0a)</title>", "<title>Internet to web (sg-0a): tcp 22, violating</title>", `sans-serif"`,
		">permitted for good</text>", ">live and not permitted</text>", ">approved and not live</text>", ">permitted until a time</text>", ">only one side permits this, so nothing passes</text>",
		">until 20:00 UTC</text>", ">missing</text>", ">violating</text>",
	} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	if bytes.Contains(svg, []byte("live, and no baseline guards it")) {
		t.Error("the legend has lines that the picture has not")
	}
}

// TestTheTextOfALineStandsAboveIt and the text of a node stays where it is.
func TestTheTextOfALineStandsAboveIt(t *testing.T) {
	t.Parallel()
	p := picture.New(drifting(t), now, picture.Options{})
	svg, err := p.SVG(t.Context(), func(context.Context, []byte) ([]byte, error) {
		return []byte(`<svg viewBox="0 0 9 9"><g id="n0"><g id="a_n0"><text y="-5">node</text></g></g><g id="e0"><g id="a_e0"><text y="-5">line</text></g></g></svg>`), nil
	})
	for _, want := range []string{`<text y="-5">node`, `<text y="-8.00">line`} {
		if err != nil || !bytes.Contains(svg, []byte(want)) {
			t.Errorf("%v: no %s in %s", err, want, svg)
		}
	}
}

func TestALayoutThatFails(t *testing.T) {
	t.Parallel()
	p := picture.New(drifting(t), now, picture.Options{})
	torn := func(text string) picture.Layout {
		return func(context.Context, []byte) ([]byte, error) { return []byte(text), nil }
	}
	for name, c := range map[string]struct {
		layout picture.Layout
		says   string
	}{
		"an error":              {func(context.Context, []byte) ([]byte, error) { return nil, errors.New("no memory") }, "lay out the picture: no memory"},
		"nothing":               {torn(""), "read the picture's layout: EOF"},
		"half an SVG":           {torn(`<svg viewBox="0 0 10 10"><g>`), "read the picture's layout: "},
		"an SVG without a size": {torn(`<svg></svg>`), "it has no viewBox"},
		"a size of words":       {torn(`<svg viewBox="0 0 a b"></svg>`), "invalid syntax"},
		"a size of one number":  {torn(`<svg viewBox="10"></svg>`), "has not four numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := p.SVG(t.Context(), c.layout); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := p.SVG(t.Context(), torn(`<svg viewBox="0 0 10 10"></svg>`)); err != nil {
		t.Errorf("a layout of nothing: %v", err)
	}
}

func TestAnEmptyPictureIsDrawn(t *testing.T) {
	t.Parallel()
	p := picture.New(nil, now, picture.Options{})
	if _, err := p.SVG(t.Context(), graphviz.SVG); err != nil || p.Drifts() {
		t.Error(err)
	}
}
