package docs_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mostWords is how many words a newcomer is asked to read, blocks of commands included, counted as wc -w does.
const mostWords = 1_200

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheReadmeIsShort(t *testing.T) {
	t.Parallel()
	if n := len(strings.Fields(read(t, "README.md"))); n > mostWords {
		t.Errorf("README.md has %d words, and a newcomer is to read %d at most: put the rest on the page of its subject", n, mostWords)
	}
}

// A page that the README does not lead to is found by nobody.
func TestTheReadmeLeadsToEveryPage(t *testing.T) {
	t.Parallel()
	linked := page{"README.md", read(t, "README.md")}.links()
	for _, p := range pages(t, os.DirFS("../..")) {
		name := p.name
		if name != "README.md" && !strings.HasPrefix(name, "deploy/examples/") && !slices.Contains(linked, name) {
			t.Errorf("README.md has no link to %s", name)
		}
	}
}

var (
	alarmSection = regexp.MustCompile(`(?m)^## (\w+Alarm)$`)
	alarmLink    = regexp.MustCompile(`\[(\w+)\]\(\.\./RUNBOOK\.md#(\w+alarm)\)`)
)

func TestThePageOnOperationsNamesEachAlarmOnce(t *testing.T) {
	t.Parallel()
	var sections, linked []string
	for _, match := range alarmSection.FindAllStringSubmatch(read(t, "deploy/RUNBOOK.md"), -1) {
		sections = append(sections, match[1])
	}
	for _, match := range alarmLink.FindAllStringSubmatch(read(t, "deploy/docs/operations.md"), -1) {
		linked = append(linked, match[1]+"Alarm")
		if strings.ToLower(match[1])+"alarm" != match[2] {
			t.Errorf("the link %s leads to %s", match[1], match[2])
		}
	}
	slices.Sort(sections)
	slices.Sort(linked)
	if diff := cmp.Diff(sections, linked); diff != "" {
		t.Errorf("alarms (-of the runbook +in operations.md):\n%s", diff)
	}
}
