package patch_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/deploy/baseline/patch"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// TestAPatchedFileSaysWhatItShouldProve: for any two documents, and a file that says the
// first one in any layout, the patched file says the second one, comments of entries
// that stay the same are still there, and a second patch changes nothing.
func TestAPatchedFileSaysWhatItShouldProve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from, to := drawDocument(t), drawDocument(t)
		if rapid.Bool().Draw(t, "a small change") {
			to = lessOf(t, from, to)
		}
		text, comments := layOut(t, from)
		want := decode(t, encode(t, to))
		got, err := patch.File([]byte(text), want)
		if err != nil {
			t.Fatalf("%v of\n%s\nto\n%s", err, text, encode(t, to))
		}
		if !merge.ContentOf(decode(t, string(got))).Same(merge.ContentOf(want)) {
			t.Fatalf("%s\nbecame\n%s\ninstead of\n%s", text, got, encode(t, to))
		}
		for entry, comment := range comments {
			if slices.Contains(entryTexts(to), entry) && !strings.Contains(string(got), comment) {
				t.Fatalf("%s\nbecame\n%s\nwithout %s", text, got, comment)
			}
		}
		if again, err := patch.File(got, want); err != nil || string(again) != string(got) {
			t.Fatalf("a second time: %v\n%s\nbecame\n%s", err, got, again)
		}
	})
}

func decode(t *rapid.T, text string) *baseline.Document {
	doc, err := yamlfile.Decode([]byte(text), "sg-01")
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return doc
}

func encode(t *rapid.T, doc baseline.Document) string {
	data, err := baseline.Encode(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var (
	peersDrawn        = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"self", "sg-02", "sg-03", "pl-0a", "10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"}), 1, 4, rapid.ID)
	descriptionsDrawn = rapid.SampledFrom([]string{"", "", "web", "a b", "it's: \"so\" #1", "yes", "12", "ü 🌍", "a\tb"})
)

// drawDocument draws one with each protocol and port once in a list, so that entries
// are distinguished by these.
func drawDocument(t *rapid.T) baseline.Document {
	doc := baseline.Document{Schema: 1, GroupID: "sg-01", GroupName: descriptionsDrawn.Draw(t, "name")}
	doc.Mode = rapid.SampledFrom([]baseline.Mode{"", "alert", "enforce"}).Draw(t, "mode")
	doc.Match = rapid.SampledFrom([]string{"", "exact"}).Draw(t, "match")
	doc.Restore = rapid.Bool().Draw(t, "restore")
	if rapid.Bool().Draw(t, "grace") {
		minutes := rapid.IntRange(0, 20).Draw(t, "minutes")
		doc.GraceMinutes = &minutes
	}
	guards := rapid.SampledFrom([]string{"ingress", "egress", "both"}).Draw(t, "guards")
	if guards != "egress" {
		doc.Ingress = drawEntries(t, "ingress")
	}
	if guards != "ingress" {
		doc.Egress = drawEntries(t, "egress")
	}
	for _, direction := range []string{"ingress", "egress"} {
		if guards != direction && guards != "both" {
			continue
		}
		for _, e := range drawEntries(t, direction) {
			x := baseline.Exception{Direction: direction, Entry: e, Reason: "INC " + descriptionsDrawn.Draw(t, "reason")}
			x.Expires = x.Expires.AddDate(2026, rapid.IntRange(0, 3).Draw(t, "month"), 0)
			doc.Exceptions = append(doc.Exceptions, x)
		}
	}
	return doc
}

func drawEntries(t *rapid.T, direction string) []baseline.Entry {
	entries := []baseline.Entry{}
	for _, port := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"22", "80", "443", "8000-8080", ""}), 0, 4, rapid.ID).Draw(t, "ports") {
		e := baseline.Entry{Protocol: "tcp", Ports: port, Description: descriptionsDrawn.Draw(t, "description")}
		if port == "" {
			e.Protocol = "50"
		}
		if peers := peersDrawn.Draw(t, "peers"); direction == "egress" {
			e.Destinations = peers
		} else {
			e.Sources = peers
		}
		entries = append(entries, e)
	}
	return entries
}

// lessOf returns the first document with some entries of the other one instead of own.
func lessOf(t *rapid.T, from, other baseline.Document) baseline.Document {
	to := from
	if from.Ingress != nil && other.Ingress != nil {
		to.Ingress = slices.Clone(from.Ingress[rapid.IntRange(0, len(from.Ingress)).Draw(t, "without"):])
	}
	return to
}

func entryTexts(doc baseline.Document) []string {
	var texts []string
	for _, e := range slices.Concat(doc.Ingress, doc.Egress) {
		texts = append(texts, textOf(e))
	}
	return texts
}

func textOf(e baseline.Entry) string { return fmt.Sprintf("%+v", e) }

// layOut writes a document in one of the ways that people do, with a comment for each
// entry, which the result lists by entry.
func layOut(t *rapid.T, doc baseline.Document) (text string, comments map[string]string) {
	comments = map[string]string{}
	switch rapid.SampledFrom([]string{"JSON", "indented JSON", "YAML", "YAML", "YAML"}).Draw(t, "layout") {
	case "JSON":
		return encode(t, doc), comments
	case "indented JSON":
		data, err := json.MarshalIndent(&doc, "", "   ")
		if err != nil {
			t.Fatal(err)
		}
		return string(data) + "\n", comments
	}
	var b strings.Builder
	b.WriteString("# head\nschema: 1\ngroupId: sg-01 # it\n")
	for _, setting := range settingLines(doc) {
		b.WriteString(setting)
	}
	for key, list := range map[string][]baseline.Entry{"ingress": doc.Ingress, "egress": doc.Egress} {
		if list == nil {
			continue
		}
		b.WriteString("\n" + key + ": # list\n")
		if len(list) == 0 {
			b.WriteString("  []\n")
		}
		for _, e := range list {
			comment := fmt.Sprintf("# about %d.", len(comments))
			comments[textOf(e)] = comment
			layOutEntry(t, &b, e, comment)
		}
	}
	if len(doc.Exceptions) > 0 {
		b.WriteString("exceptions:\n")
		for _, x := range doc.Exceptions {
			data, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "- %s\n", data)
		}
	}
	text = b.String()
	if rapid.Bool().Draw(t, "CRLF") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if rapid.Bool().Draw(t, "no line end") {
		text = strings.TrimSuffix(text, "\r\n")
		text = strings.TrimSuffix(text, "\n")
	}
	return text, comments
}

func settingLines(doc baseline.Document) []string {
	lines := []string{fmt.Sprintf("restore: %v # or not\n", doc.Restore)}
	for key, value := range map[string]string{"groupName": doc.GroupName, "mode": string(doc.Mode), "match": doc.Match} {
		if value != "" {
			lines = append(lines, fmt.Sprintf("%s: %q\n", key, value))
		}
	}
	if doc.GraceMinutes != nil {
		lines = append(lines, fmt.Sprintf("# grace\ngraceMinutes: %d\n", *doc.GraceMinutes))
	}
	return lines
}

// layOutEntry writes an entry in block or flow style, its peers likewise.
func layOutEntry(t *rapid.T, b *strings.Builder, e baseline.Entry, comment string) {
	key, peers := "sources", e.Sources
	if len(peers) == 0 {
		key, peers = "destinations", e.Destinations
	}
	quoted := make([]string, len(peers))
	for i, peer := range peers {
		quoted[i] = fmt.Sprintf("%q", peer)
	}
	flow := "[" + strings.Join(quoted, ", ") + "]"
	description, _ := json.Marshal(e.Description)
	ports := ""
	if e.Ports != "" {
		ports = fmt.Sprintf("ports: %q", e.Ports)
	}
	if rapid.Bool().Draw(t, "flow") {
		fields := []string{"protocol: " + e.Protocol, key + ": " + flow, "description: " + string(description)}
		if ports != "" {
			fields = append(fields, ports)
		}
		fmt.Fprintf(b, "  - {%s} %s\n", strings.Join(fields, rapid.SampledFrom([]string{", ", ",\n     "}).Draw(t, "comma")), comment)
		return
	}
	fmt.Fprintf(b, "\n  # about it\n  - protocol: %s %s\n", e.Protocol, comment)
	if ports != "" {
		b.WriteString("    " + ports + "\n")
	}
	switch rapid.SampledFrom([]string{"flow", "block", "lines"}).Draw(t, "peers") {
	case "flow":
		fmt.Fprintf(b, "    %s: %s\n", key, flow)
	case "block":
		fmt.Fprintf(b, "    %s:\n      - %s\n", key, strings.Join(quoted, " # peer\n      - "))
	case "lines":
		fmt.Fprintf(b, "    %s: [\n      %s\n    ]\n", key, strings.Join(quoted, ", # peer\n      "))
	}
	if e.Description != "" {
		fmt.Fprintf(b, "    description: %s\n", description)
	}
}
