package lineage_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// statements are what a small baseline says: descriptions by rule, and settings. No
// rule permits what another permits, so that each of them can be undone alone.
type statements map[string]string

var settings = map[string][]string{"mode": {"enforce", "alert"}, "match": {"covered", "exact"}, "graceMinutes": {"0", "10"}, "groupName": {"web", "www"}}

// draw returns statements that differ from others in some places.
func draw(t *rapid.T, from statements, label string) statements {
	s := maps.Clone(from)
	for i := range 8 {
		rule := fmt.Sprintf("10.%d.0.0/16", i)
		switch rapid.IntRange(0, 4).Draw(t, label+" "+rule) {
		case 0:
			delete(s, rule)
		case 1:
			s[rule] = rapid.SampledFrom([]string{"", "ours", "theirs"}).Draw(t, label+" description")
		}
	}
	for name, values := range settings {
		if s[name] == "" || rapid.IntRange(0, 3).Draw(t, label+" "+name) == 0 {
			s[name] = rapid.SampledFrom(values).Draw(t, label+" value")
		}
	}
	return s
}

func (s statements) document(t *rapid.T) *baseline.Document {
	var b strings.Builder
	fmt.Fprintf(&b, "schema: 1\ngroupId: %s\negress: []\ningress:\n  - {protocol: udp, ports: '53', sources: [10.0.0.0/8]}\n", group)
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if _, isSetting := settings[key]; isSetting {
			fmt.Fprintf(&b, "%s: %s\n", key, s[key])
		}
	}
	text := b.String()
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if _, isSetting := settings[key]; !isSetting {
			text = strings.Replace(text, "ingress:\n", fmt.Sprintf("ingress:\n  - {protocol: tcp, ports: '22', sources: [%s], description: %q}\n", key, s[key]), 1)
		}
	}
	doc, err := yamlfile.Decode([]byte(text), group)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// merge takes theirs where they changed something, and ours elsewhere.
func merge(base, theirs, ours statements) statements {
	merged := maps.Clone(ours)
	for _, key := range changed(base, theirs) {
		set(merged, key, theirs)
	}
	return merged
}

func changed(from, to statements) []string {
	var keys []string
	for key, value := range to {
		if was, there := from[key]; !there || was != value {
			keys = append(keys, key)
		}
	}
	for key := range from {
		if _, there := to[key]; !there {
			keys = append(keys, key)
		}
	}
	return slices.Sorted(slices.Values(keys))
}

func set(s statements, key string, from statements) {
	if value, there := from[key]; there {
		s[key] = value
	} else {
		delete(s, key)
	}
}

func TestAMergeIsAcceptedAndWhatUndoesOneChangeOfOthersIsRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base := draw(t, statements{}, "base")
		theirs, ours := draw(t, base, "theirs"), draw(t, base, "ours")
		pushed, inForce := base.document(t), theirs.document(t)
		history := historyIn(t, pushed, inForce)
		file := merge(base, theirs, ours)
		if got := lineage.StatusOf(file.document(t), 0, history); got.Verdict == lineage.Foreign {
			t.Fatalf("the merge is refused: it would undo %v", got.Undone)
		}
		differing := changed(base, theirs)
		if len(differing) == 0 {
			return
		}
		key := rapid.SampledFrom(differing).Draw(t, "undone")
		_, wasThere := base[key]
		if _, isSetting := settings[key]; !isSetting && !wasThere {
			delete(file, key)
		} else {
			set(file, key, base)
		}
		got := lineage.StatusOf(file.document(t), 0, history)
		if got.Verdict != lineage.Foreign || len(got.Undone) != 1 {
			t.Fatalf("without %s it is %s, and would undo %v", key, got.Verdict, got.Undone)
		}
	})
}

func historyIn(t *rapid.T, pushed, inForce *baseline.Document) lineage.History {
	var versions []baseline.Version
	for i, doc := range []*baseline.Document{pushed, inForce} {
		data, err := baseline.Encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		// The second version keeps the description of the first one.
		versions = append(versions, baseline.Version{Description: lineage.NewRecord(nil, pushed).String(), Stored: baseline.Stored{Version: int64(i + 1), Value: data}})
	}
	return lineage.Decode(group, versions)
}
