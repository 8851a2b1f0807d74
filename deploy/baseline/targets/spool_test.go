package targets

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestASpoolKeepsAllThatIsWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		writes, each int
		inFile       bool
	}{
		"nothing":                      {0, 0, false},
		"a word":                       {1, 5, false},
		"as much as memory may hold":   {64, 1 << 10, false},
		"a byte more":                  {1, inMemory + 1, true},
		"far more than memory can":     {300, 10 << 10, true},
		"much of it in a single write": {1, 3 << 20, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s spool
			var want bytes.Buffer
			for i := range c.writes {
				text := bytes.Repeat([]byte{byte('a' + i%26)}, c.each)
				want.Write(text)
				if n, err := s.Write(text); n != len(text) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			for range 2 { // the JSON document reads twice
				var got bytes.Buffer
				if err := s.copyTo(&got); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
					t.Fatalf("%d bytes instead of %d, %v", got.Len(), want.Len(), err)
				}
			}
			if (s.file != nil) != c.inFile || s.memory.Len() > inMemory || s.isEmpty() != (c.writes == 0) {
				t.Errorf("in a file: %v; %d bytes in memory", s.file != nil, s.memory.Len())
			}
			if c.inFile {
				if _, err := os.Stat(s.file.Name()); !os.IsNotExist(err) {
					t.Errorf("the temporary file has a name: %v", err)
				}
			}
			if err := s.close(); err != nil || !s.isEmpty() {
				t.Error(err)
			}
		})
	}
}

func TestATemporaryFileThatCannotBeMadeFailsTheTargetAlone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/none")
	got := run(t.Context(), t, Options{}, each(does{out: "fine"}, does{out: strings.Repeat("x", inMemory+1)}, does{out: "fine"}))
	if got.Summary != "3 targets: 2 fine, 1 failed: production eu-west-1" || !strings.Contains(got.Errs, "production eu-west-1: make a temporary file: ") {
		t.Errorf("got %+v", got)
	}
}

func TestAResultOfManyMegabytesIsPartOfTheDocument(t *testing.T) {
	t.Parallel()
	const items = 200_000
	got := run(t.Context(), t, Options{JSON: true}, func(_ context.Context, _ Target, out, _ io.Writer) (int, error) {
		fmt.Fprint(out, "[\n")
		for i := range items {
			fmt.Fprintf(out, "  \"item %d\",\n", i)
		}
		_, err := fmt.Fprint(out, "  \"last\"\n]\n")
		return 0, err
	})
	var document struct {
		Targets []struct{ Result []string }
	}
	if err := json.Unmarshal([]byte(got.Out), &document); err != nil {
		t.Fatal(err)
	}
	for _, target := range document.Targets {
		if len(target.Result) != items+1 || target.Result[items] != "last" {
			t.Errorf("%d items", len(target.Result))
		}
	}
}

func TestLinesGetAPrefixHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "",
		"\n\n":           "",
		"a":              "p a",
		"a\n":            "p a",
		"a\nb":           "p a\np b",
		"\na\n\nb c\n\n": "p a\np \np b c",
	} {
		for way, reader := range map[string]io.Reader{"at once": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text))} {
			var got strings.Builder
			_, err := io.Copy(&lines{w: &got, first: "p ", prefix: "p "}, reader)
			if diff := cmp.Diff(want, got.String()); diff != "" || err != nil {
				t.Errorf("%q %s: %v %s", text, way, err, diff)
			}
		}
	}
}

func TestOnlyOneWholeDocumentIsJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{}`: true, `[]`: true, ` {"a": [1, {"b": null}], "c": "}"} ` + "\n": true, `"x"`: true, `7`: true, `null`: true,
		``: false, ` `: false, `{} {}`: false, `1 2`: false, `{`: false, `}`: false, `[1 2]`: false, `[1,]`: false, `{"a"}`: false, `{"a" 1}`: false,
		`{"a": 1,}`: false, `{1: 2}`: false, `[}`: false, `fine`: false, `{"cut`: false, `{} x`: false,
	} {
		if got := isJSON(strings.NewReader(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
		if json.Valid([]byte(text)) != want {
			t.Errorf("%s: encoding/json says otherwise", text)
		}
	}
}
