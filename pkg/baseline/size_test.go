package baseline_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// Garbage counts in these bounds, so that they hold whenever the collector runs.
// The functions have 128 MB. The race detector adds a fifth.
const (
	mostOfLarge = 16 << 20  // for a document of MaxBytes; the worst takes 13 MB, as 1 MB that is no UTF-8 becomes 3 MB of U+FFFD
	mostOfAny   = 32 << 20  // for any document; the worst takes 23 MB, as encoding/json makes garbage while it finds what is no JSON
	mostOfYAML  = 192 << 20 // for any file; the worst takes 157 MB, all but a little in the parser
)

// repeated is a document of one part over and over.
type repeated struct{ head, part, tail string }

func (r repeated) times(n int) []byte { return []byte(r.head + strings.Repeat(r.part, n) + r.tail) }

// large fills MaxBytes.
func (r repeated) large() []byte {
	return r.times((baseline.MaxBytes - len(r.head) - len(r.tail)) / len(r.part))
}

// within fills MaxBytes, unless more than most of something is counted then.
func (r repeated) within(most int, count func([]byte) int) []byte {
	n := (baseline.MaxBytes - len(r.head) - len(r.tail)) / len(r.part)
	if counts := count([]byte(r.part)); counts > 0 {
		n = min(n, (most-count([]byte(r.head+r.tail)))/counts)
	}
	return r.times(n)
}

const documentHead = `{"schema":1,"groupId":"sg-0a",`

// poison hurts a decoder that builds before it counts.
var poison = map[string]repeated{
	"numbers":                     {"[0", ",0", "]"},
	"numbers, incomplete":         {"[0", ",0", ""},
	"lists in lists":              {"", "[", ""},
	"objects in objects":          {"", `{"a":`, ""},
	"empty objects":               {"[{}", ",{}", "]"},
	"one string":                  {`"`, "x", `"`},
	"one string of escapes":       {`"`, `\u0000`, `"`},
	"one string that is no UTF-8": {`"`, "\xff", `"`},
	"strings":                     {`[""`, `,""`, "]"},
	"strings of escapes":          {`["\n"`, `,"\n"`, "]"},
	"unknown fields":              {`{"a":0`, `,"a":0`, "}"},
	"unknown fields, incomplete":  {`{"a":0`, `,"a":0`, ""},
	"known fields":                {`{"schema":0`, `,"schema":0`, "}"},
	"keys that are values":        {`{"a"`, `:"a"`, "}"},
	"colons behind numbers":       {"[" + strings.Repeat("0,", 90_000), ":", ""},
	"spaces":                      {"", " ", ""},
	"lines":                       {"[", "\n", "]"},
	"empty entries":               {documentHead + `"ingress":[{}`, ",{}", "]}"},
	"entries that are none":       {documentHead + `"ingress":[0`, ",0", "]}"},
	"entries of unknown fields":   {documentHead + `"ingress":[{}`, `,{"a":0}`, "]}"},
	"empty exceptions":            {documentHead + `"ingress":[],"exceptions":[{}`, ",{}", "]}"},
	"20,000 empty exceptions":     {documentHead + `"ingress":[],"exceptions":[{}` + strings.Repeat(",{}", 19_999) + "]", " ", "}"},
	"sources":                     {documentHead + `"ingress":[{"protocol":"all","sources":[""`, `,""`, "]}]}"},
	"sources that are none":       {documentHead + `"ingress":[{"protocol":"all","sources":[0`, `,0`, "]}]}"},
	"a long protocol":             {documentHead + `"ingress":[{"protocol":"`, `\u0001`, `","sources":["self"]}]}`},
	"a long source":               {documentHead + `"ingress":[{"protocol":"all","sources":["`, "1", `"]}]}`},
	"a long unknown field":        {`{"`, "k", `":1}`},
	"a long group":                {`{"groupId":"`, "s", `"}`},
	"a guardrail's empty entries": {`{"schema":1,"forbid":[{}`, ",{}", "]}"},
	"20,000 of these":             {`{"schema":1,"forbid":[{}` + strings.Repeat(",{}", 19_999) + "]", " ", "}"},
}

// poisonYAML is beside that for the parser of YAML.
var poisonYAML = map[string]repeated{
	"numbers":              {"[0", ",0", "]"},
	"keys without a value": {"{a", ",a", "}"},
	"items":                {"", "-\n", ""},
	"fields":               {"", "a: b\n", ""},
	"fields with comments": {"", "a: b #\n", ""},
	"comments":             {"", "#\n", ""},
	"lists in lists":       {"", "[", ""},
	"items of items":       {"", "- ", ""},
	"a long anchor":        {"a: *", "x", ""},
	"one string":           {"a: ", "x", ""},
}

// allocated returns how many bytes were allocated in all while f ran. No other test
// may run meanwhile: a test that asks is not parallel.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// refused fails unless decode refuses data within bounds of memory and of text.
func refused(t *testing.T, most uint64, data []byte, decode func([]byte) error) {
	t.Helper()
	var err error
	took := allocated(func() { err = decode(data) })
	var wrong *baseline.Error
	if !errors.As(err, &wrong) || len(wrong.Problems) > 100 {
		t.Fatalf("got %.200v", err)
	}
	if len(err.Error()) > 20_000 {
		t.Errorf("the error has %d bytes: %.200v", len(err.Error()), err)
	}
	if took > most {
		t.Errorf("%d bytes take %d KB, more than %d: %.200v", len(data), took>>10, most>>10, err)
	}
}

func decodeBaseline(data []byte) error  { _, err := baseline.Decode(data, ""); return err }
func decodeGuardrail(data []byte) error { _, err := baseline.DecodeGuardrail(data); return err }
func decodeFile(data []byte) error      { _, err := yamlfile.DecodeWithNames(data, nil); return err }

func TestAPoisonedDocumentTakesLittleMemory(t *testing.T) {
	for name, r := range poison {
		for what, decode := range map[string]func([]byte) error{"baseline": decodeBaseline, "guardrail": decodeGuardrail} {
			t.Run(name+" for a "+what, func(t *testing.T) { takesLittle(t, r, decode) })
		}
	}
}

func takesLittle(t *testing.T, r repeated, decode func([]byte) error) {
	t.Helper()
	refused(t, mostOfLarge, r.large(), decode)
	within := r.within(baseline.MaxValues-1, baseline.CountValues)
	if err := baseline.CheckSize(within, baseline.MaxValues); err != nil {
		t.Fatalf("the document is refused before it can take anything: %v", err)
	}
	refused(t, mostOfAny, within, decode)
}

func TestAPoisonedFileTakesBoundedMemory(t *testing.T) {
	for name, r := range poisonYAML {
		t.Run(name, func(t *testing.T) {
			refused(t, mostOfYAML, r.large(), decodeFile)
			refused(t, mostOfYAML, r.within(yamlfile.MaxMarks, yamlfile.CountMarks), decodeFile)
		})
	}
}

// TestTheLargestBaselineIsRead is the twin: what is legitimate is not too large,
// and does not take much either.
func TestTheLargestBaselineIsRead(t *testing.T) {
	const exceptions = 1_000
	entry := func(style string, i int) string {
		return fmt.Sprintf(style, fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), "a, b: c - d")
	}
	document := func(head, entryStyle, between, exceptionStyle, tail string) []byte {
		var entries, excepted []string
		for i := range baseline.MaxRules - exceptions {
			entries = append(entries, entry(entryStyle, i))
		}
		for i := range exceptions {
			excepted = append(excepted, entry(exceptionStyle, i))
		}
		return []byte(fmt.Sprintf(head, strings.Join(entries, between), strings.Join(excepted, between)) + tail)
	}
	cases := map[string]struct {
		document []byte
		decode   func([]byte) error
		most     uint64
	}{
		"JSON": {document(
			`{"schema":1,"groupId":"sg-0a","ingress":[%s],"egress":[],"exceptions":[%s]`,
			`{"protocol":"tcp","ports":"443","sources":["%s"],"description":"%s"}`, ",",
			`{"direction":"ingress","protocol":"tcp","ports":"22","sources":["%s"],"description":"%s","expires":"2026-12-01T09:00:00Z","reason":"INC-1","approvedBy":"ana"}`, "}",
		), decodeBaseline, mostOfLarge},
		"YAML like JSON": {document(
			`{"schema":1,"groupId":"sg-0a","ingress":[%s],"egress":[],"exceptions":[%s]`,
			`{"protocol":"tcp","ports":"443","sources":["%s"],"description":"%s"}`, ",\n",
			`{"direction":"ingress","protocol":"tcp","ports":"22","sources":["%s"],"description":"%s","expires":"2026-12-01T09:00:00Z","reason":"INC-1","approvedBy":"ana"}`, "}",
		), decodeFile, mostOfYAML},
		"YAML as it is captured": {document(
			"schema: 1\ngroupId: sg-0a\nexceptions: []\negress: []\ningress:\n%s\n%s", "  - protocol: tcp\n    ports: \"443\"\n    sources: [%s]\n    description: '%s'", "\n",
			"  - protocol: tcp\n    ports: \"443\"\n    sources: [%s]\n    description: '%s' # a comment", "\n",
		), decodeFile, mostOfYAML},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var err error
			took := allocated(func() { err = c.decode(c.document) })
			if err != nil {
				t.Fatalf("%d bytes: %.300v", len(c.document), err)
			}
			if took > c.most {
				t.Errorf("%d bytes take %d KB, more than %d", len(c.document), took>>10, c.most>>10)
			}
		})
	}
}

func TestProblemsBeyondAHundredAreCounted(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]struct {
		kept, more int
		want       string
	}{
		20:  {20, 0, "[19]: must be an object, not a number"},
		21:  {21, 0, "; and 1 more"},
		100: {100, 0, "; and 80 more"},
		101: {100, 1, "; and 81 more"},
		900: {100, 800, "; and 880 more"},
	} {
		err := decodeBaseline(repeated{documentHead + `"egress":[0`, ",0", "]}"}.times(n - 1))
		var wrong *baseline.Error
		if !errors.As(err, &wrong) || len(wrong.Problems) != want.kept || wrong.More != want.more || !strings.HasSuffix(err.Error(), want.want) {
			t.Errorf("%d: got %v", n, err)
		}
	}
}

func TestValuesAreCounted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                                 0,
		" \n":                              0,
		"7":                                1,
		`"a"`:                              1,
		`"a\"b\\"`:                         1,
		"[]":                               1,
		`{"a":1}`:                          2,
		`{"a" : {"b": [null, true,"c" ]}}`: 6,
		`[1,-2.5e+3,"[,{:",{}]`:            5,
		`["a":"b"]`:                        2, // a decoder stops at the colon
	} {
		if err := baseline.CheckSize([]byte(text), want); err != nil {
			t.Errorf("%s has more than %d values: %v", text, want, err)
		}
		if want > 0 && baseline.CheckSize([]byte(text), want-1) == nil {
			t.Errorf("%s has less than %d values", text, want)
		}
	}
}

func TestTheValueThatIsTooMuchIsReportedWithItsPosition(t *testing.T) {
	t.Parallel()
	err := baseline.CheckSize([]byte("{\"a\":\n [1, 2,\n  3]}"), 4)
	var wrong *baseline.Error
	if !errors.As(err, &wrong) || wrong.Problems[0] != (baseline.Problem{Line: 3, Column: 3, Message: "too large: more than 4 values"}) {
		t.Errorf("got %+v", err)
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	data := poison["empty entries"].large()
	if n := testing.AllocsPerRun(10, func() { _ = baseline.CheckSize(data, len(data)) }); n > 0 {
		t.Errorf("it allocates %v times", n)
	}
}

// TestEveryNodeOfYAMLTakesAMark: a file within maxMarks is within three times as
// many nodes, whatever the file is.
func TestEveryNodeOfYAMLTakesAMark(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "b", "0", " ", "  ", "\n", "\n  ", ",", ":", ": ", ":\n", "-", "- ", "-\n", "?", "? ", "[", "]", "{", "}", "#", " #", `"`, "'", `""`, "&a ", "*a", "!!x ", "|\n", "/", "\t",
		}), 0, 24).Draw(t, "parts")
		data := []byte(strings.Join(parts, ""))
		if nodes, marks := nodesOf(data), yamlfile.CountMarks(data); nodes > 3*marks+3 {
			t.Fatalf("%q has %d nodes and %d marks", data, nodes, marks)
		}
	})
}

// nodesOf counts the nodes of YAML, the document's own not; it is 0 for what is no
// YAML.
func nodesOf(data []byte) int {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return 0
	}
	var count func(*yaml.Node) int
	count = func(n *yaml.Node) int {
		total := 0
		for _, child := range n.Content {
			total += 1 + count(child)
		}
		return total
	}
	return count(&root)
}
