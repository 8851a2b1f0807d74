package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/layout/graphviz"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
)

// hostile are names that mean something in one of the forms of a picture.
var hostile = []string{
	`<script>alert(1)</script>`, `"]; n0 -> n0; ["`, `\`, `a\`, `\N\G\E`, `\l\r`, "two\nlines", "\r\n\t", `]`, `)`, `}`, `|`, `#`, `#quot;`, `#35;`, `&lt;script&gt;`, `&#60;`, `&amp;amp;`,
	`end`, `subgraph`, `graph`, "`", "`**bold**`", `<b>`, `<!--`, `-->`, `]]>`, `%%{init: {}}%%`, `click n0 "javascript:alert(1)"`, `:::x`, "\x00", "\xff\xfe", "\u202etxt.exe", "\u2028", "\ufeff", "\ufffd",
	`' onload='x`, `" onload="x`, `https://example.com`, `$(id)`, `{{x}}`, "日本語", "🌍", "  ", strings.Repeat("w", 300),
}

// pictureWithNames is a picture in which everything that people may name has the name.
func pictureWithNames(t testing.TB, name string) picture.Picture {
	web := living(t, "sg-0a", name, "ingress tcp 443 0.0.0.0/0", "egress tcp 443 pl-0a", "egress tcp 80 sg-0b")
	web.Remarks = []string{name}
	api := living(t, "sg-0b", name+"2", "ingress tcp 80 sg-0a")
	return picture.New([]picture.Group{web, api, {ID: "pl-0a", Name: name}}, now, picture.Options{})
}

// shown is how a picture shows a name.
func shown(name string) string {
	printable := []rune(basefile.Printable(name))
	if len(printable) > 36 {
		return string(printable[:35]) + "…"
	}
	return string(printable)
}

// failer is a test, or one draw of rapid's.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

func checkHostile(t failer, tb testing.TB, name string) {
	t.Helper()
	if name == "" { // which is drawn as the id
		return
	}
	p := pictureWithNames(tb, name)
	checkMermaid(t, p.Mermaid(), name)
	svg, err := p.SVG(tb.Context(), graphviz.SVG)
	if err != nil {
		t.Errorf("%q: %v", name, err)
		return
	}
	checkSVG(t, svg, name)
	checkText(t, p.Text(), name)
}

func TestHostileNamesAreOnlyNames(t *testing.T) {
	t.Parallel()
	for _, name := range hostile {
		checkHostile(t, t, name)
	}
}

func TestAnyNameIsOnlyAName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		pieces := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(hostile), rapid.String()), 1, 4).Draw(r, "pieces")
		checkHostile(r, t, strings.Join(pieces, ""))
	})
}

func FuzzNames(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) { checkHostile(t, t, name) })
}

// The lines of a flowchart, as Mermaid's grammar has them, with labels of harmless
// characters alone.
var (
	mermaidLabel = `"(?:[A-Za-z0-9 .,:/()-]|#[0-9]+;|<br>)*"`
	mermaidLine  = regexp.MustCompile(`^(?:flowchart LR` +
		`|  n\d+(?:\(\[` + mermaidLabel + `\]\)|\[` + mermaidLabel + `\]|\[\[` + mermaidLabel + `\]\]|\(` + mermaidLabel + `\))` +
		`|  n\d+ (?:-->|--x|==>|-\.->)\|` + mermaidLabel + `\| n\d+` +
		`|  classDef [a-zA-Z]+ [a-z:#0-9, -]+|  class n\d+(?:,n\d+)* [a-zA-Z]+|  linkStyle \d+ [a-z:#0-9,. -]+)$`)
	mermaidEntity = regexp.MustCompile(`#([0-9]+);`)
)

func checkMermaid(t failer, text, name string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !mermaidLine.MatchString(line) {
			t.Errorf("%q: no line of Mermaid: %q", name, line)
		}
	}
	decoded := mermaidEntity.ReplaceAllStringFunc(text, func(entity string) string {
		code, err := strconv.Atoi(strings.Trim(entity, "#;"))
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
		return string(rune(code))
	})
	if !strings.Contains(decoded, `("`+shown(name)+`<br>`) {
		t.Errorf("%q is not in %s", name, decoded)
	}
}

// elements are those that a picture has, and references the attributes by which other
// documents could be called.
var (
	elements   = []string{"svg", "title", "desc", "style", "rect", "g", "path", "polygon", "polyline", "ellipse", "text"}
	references = regexp.MustCompile(`(?i)^(on.*|href|src|xlink)$`)
)

func checkSVG(t failer, svg []byte, name string) {
	t.Helper()
	in := xml.NewDecoder(bytes.NewReader(svg))
	var texts []string
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%q: %v\n%s", name, err, svg)
			return
		}
		switch e := token.(type) {
		case xml.StartElement:
			if !slices.Contains(elements, e.Name.Local) {
				t.Errorf("%q: an element %s", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				if references.MatchString(a.Name.Local) || strings.Contains(a.Value, "url(") {
					t.Errorf("%q: an attribute %s=%q", name, a.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			texts = append(texts, string(e))
		case xml.Directive, xml.ProcInst, xml.Comment:
			t.Errorf("%q: %v", name, e)
		}
	}
	want := strings.ReplaceAll(shown(name), "\u00a0", " ")
	if strings.TrimSpace(want) != "" && !slices.ContainsFunc(texts, func(s string) bool {
		return strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " ")) == strings.TrimSpace(want)
	}) {
		t.Errorf("%q is not among %q", want, texts)
	}
}

func checkText(t failer, text, name string) {
	t.Helper()
	if !strings.Contains(text, basefile.Printable(name)) || basefile.Printable(strings.ReplaceAll(text, "\n", "")) != strings.ReplaceAll(text, "\n", "") {
		t.Errorf("%q: %q", name, text)
	}
	if blocks := strings.Count(text, "\n\n"); blocks != 4 { // the internet, two groups and a list
		t.Errorf("%q: %d parts in %q", name, blocks, text)
	}
}
