package flowlog

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
)

const (
	plainLine  = "2 111122223333 eni-0a 10.1.2.3 10.0.0.5 51000 22 6 20 4249 1790812800 1790812860 ACCEPT OK\n"
	silentLine = "2 111122223333 eni-0a - - - - - - - 1790812800 1790812860 - NODATA\n"
)

func zipped(text string) string {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err) // memory does not fail
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return packed.String()
}

// noise does not shrink when it is packed.
func noise(lines int) string {
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "2 111122223333 eni-0a 10.%d.%d.%d 10.0.0.5 %d 22 6 20 4249 1790812800 1790812860 ACCEPT OK\n", i*7%256, i*31%256, i*101%256, 1024+i*37%60000)
	}
	return text.String()
}

func TestRead(t *testing.T) {
	t.Parallel()
	const header = "version interface-id srcaddr dstaddr srcport dstport protocol action start end log-status\n"
	const custom = "5 eni-0a 10.1.2.3 10.0.0.5 51000 22 6 ACCEPT 1790812800 1790812860 OK\n"
	const athena = `"interface_id","srcaddr","dstaddr","pkt_srcaddr","pkt_dstaddr","srcport","dstport","protocol","flow_direction","action","log_status","start","end"` + "\n" +
		`"eni-0a","10.1.2.3","10.0.0.5","","","-1","22","6","","ACCEPT","OK","1790812800","1790812860"` + "\n" +
		`"eni-0a","","","","","","","","","","NODATA","1790812800","1790812860"` + "\n"
	const notDefault = `the file has no line that names the fields, and is not in the default format (line 1: the line has another number of fields than the format): if this is a flow log, say its format with --flow-log-format`
	cases := map[string]struct {
		text   string
		format string
		want   Tally
		reason string
	}{
		"the default format needs no header":             {plainLine + silentLine, "", Tally{Files: 1, Records: 2, NoData: 1}, ""},
		"a last line needs no end":                       {strings.TrimSuffix(plainLine, "\n"), "", Tally{Files: 1, Records: 1}, ""},
		"lines may end as on Windows":                    {strings.ReplaceAll(plainLine, "\n", "\r\n"), "", Tally{Files: 1, Records: 1}, ""},
		"a header names the fields":                      {header + custom, "", Tally{Files: 1, Records: 1}, ""},
		"a header alone is a log without records":        {header, "", Tally{Files: 1}, ""},
		"an empty file is a log without records":         {"", "", Tally{Files: 1}, ""},
		"a file may be packed":                           {zipped(header + custom + custom), "", Tally{Files: 1, Records: 2}, ""},
		"packed files may follow one another":            {zipped(plainLine) + zipped(plainLine), "", Tally{Files: 1, Records: 2}, ""},
		"an export of CloudWatch has times before lines": {"2026-10-01T00:00:00.000Z " + plainLine, "", Tally{Files: 1, Records: 1}, ""},
		"files that were put together name fields again": {plainLine + header + custom + strings.ReplaceAll(header, "srcaddr dstaddr", "dstaddr srcaddr") + custom, "", Tally{Files: 1, Records: 3}, ""},
		"a format may be said":                           {custom, strings.TrimSpace(header), Tally{Files: 1, Records: 1}, ""},
		"a header wins over the format that was said":    {header + custom, "interface-id srcaddr dstaddr srcport dstport protocol action start end", Tally{Files: 1, Records: 1}, ""},
		"the result of Athena is a log":                  {athena, "", Tally{Files: 1, Records: 2, NoData: 1}, ""},
		"a torn line is left out and reported":           {plainLine + "2 1111\n" + plainLine, "", Tally{Files: 1, Records: 2, Torn: 1}, "1 of 3 lines are left out; the first is line 2: the line has another number of fields than the format"},
		"a torn first line is left out and reported":     {"2 eni\n" + plainLine, "", Tally{Files: 1, Records: 1, Torn: 1}, "1 of 2 lines are left out; the first is line 1: the line has another number of fields than the format"},
		"a torn last line is reported to be the last":    {plainLine + "2 1111", "", Tally{Files: 1, Records: 1, Torn: 1}, "1 of 2 lines are left out; the first is line 2: the line has another number of fields than the format: the last line has no end"},
		"a line without an end takes no memory":          {plainLine + strings.Repeat("x", 1<<20) + "\n" + plainLine, "", Tally{Files: 1, Records: 2, Torn: 1}, "1 of 3 lines are left out; the first is line 2: the line is longer than 65536 bytes"},
		"a foreign file is no flow log":                  {strings.Repeat("{\n", 50), "", Tally{Files: 1, Torn: 10}, notDefault},
		"a short foreign file is no flow log":            {"{\n}\n", "", Tally{Files: 1, Torn: 2}, notDefault},
		"a custom format without a header is asked for":  {custom, "", Tally{Files: 1, Torn: 1}, notDefault},
		"a format that was said may not fit":             {custom, "interface-id srcaddr dstaddr srcport dstport protocol action start end", Tally{Files: 1, Torn: 1}, "the file does not fit its format: line 1: the line has another number of fields than the format"},
		"a header may lack fields":                       {"version srcaddr dstaddr\n" + custom, "", Tally{Files: 1}, "the log lacks fields that the advice needs: interface-id, srcport, dstport, protocol, action, start, end"},
		"Parquet is for Athena":                          {"PAR1....", "", Tally{Files: 1}, "the file is Apache Parquet, which is not read here: have Athena extract the records (baseline lint --flow-logs-sql)"},
		"a broken head of a packed file is reported":     {"\x1f\x8b", "", Tally{Files: 1}, "unpack the gzip file: unexpected EOF"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "a.log")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var begin *Format
			if c.format != "" {
				f, err := ParseFormat(c.format)
				if err != nil {
					t.Fatal(err)
				}
				begin = &f
			}
			var records int64
			got, err := Read(t.Context(), traillog.Files([]string{path}), begin, func(*Record) { records++ })
			if err != nil || records != c.want.Records {
				t.Fatalf("%v, and %d records", err, records)
			}
			c.want.Skipped = []traillog.Skipped{}
			if c.reason != "" {
				c.want.Skipped = []traillog.Skipped{{File: path, Reason: c.reason}}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHalfOfAPackedFileIsReadAndReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := zipped(noise(5000))
	for name, text := range map[string]string{"a/half.log.gz": whole[:len(whole)/2], "b/whole.log.gz": whole} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), traillog.Files([]string{dir, filepath.Join(dir, "empty"), filepath.Join(dir, "none")}), nil, func(*Record) {})
	if err != nil || got.Records <= 5000 || got.Records >= 10000 || len(got.Skipped) != 3 {
		t.Fatalf("%v, and %+v", err, got)
	}
	if !strings.Contains(got.Skipped[0].Reason, "the file breaks off after line") || !strings.Contains(got.Skipped[1].Reason, "has no files") {
		t.Errorf("got %+v", got.Skipped)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte(noise(3*checkEvery)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got, err := Read(ctx, traillog.Files([]string{path, path}), nil, func(*Record) { cancel() })
	if err == nil || got.Records > checkEvery || len(got.Skipped) != 0 {
		t.Errorf("%v, and %+v", err, got)
	}
}

func BenchmarkRead(b *testing.B) {
	text := noise(100_000)
	path := filepath.Join(b.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(b.Context(), traillog.Files([]string{path}), nil, func(*Record) {}); err != nil {
			b.Fatal(err)
		}
	}
}
