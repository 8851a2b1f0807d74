package deploy_test

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	runbookSection = regexp.MustCompile(`(?m)^## (\w+Alarm)$`)
	runbookLink    = regexp.MustCompile(`\]\(#([a-z]+)\)`)
	runbookOutput  = regexp.MustCompile(`(?:out|errors) ([A-Z]\w+)`)
	runbookScript  = regexp.MustCompile(`deploy/(\w+\.sh)`)
)

func TestEachAlarmHasItsSectionInTheRunbookAndEachSectionItsAlarm(t *testing.T) {
	t.Parallel()
	var sections []string
	for _, match := range runbookSection.FindAllStringSubmatch(read(t, "RUNBOOK.md"), -1) {
		sections = append(sections, match[1])
	}
	slices.Sort(sections)
	alarms := slices.Sorted(maps.Keys(parse(t, read(t, "template.yaml")).resources("AWS::CloudWatch::Alarm")))
	if diff := cmp.Diff(alarms, sections); diff != "" {
		t.Errorf("alarms of the template and sections of the runbook (-alarms +sections):\n%s", diff)
	}
}

func TestEachSectionOfTheRunbookSaysWhatItMeansAndWhatToDo(t *testing.T) {
	t.Parallel()
	for _, section := range strings.Split(read(t, "RUNBOOK.md"), "\n## ")[2:] {
		name, text, _ := strings.Cut(section, "\n")
		for _, part := range []string{"**What it means.** ", "**Look", "**Over when** "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q", name, part)
			}
		}
		if !strings.Contains(text, "**Do.** ") && !strings.Contains(text, "**Look and do.** ") {
			t.Errorf("%s does not say what to do", name)
		}
	}
}

// A command of the runbook is typed at night: what it refers to has to be there.
func TestTheRunbookNamesOnlyOutputsScriptsAndSectionsThatThereAre(t *testing.T) {
	t.Parallel()
	text := read(t, "RUNBOOK.md")
	outputs := parse(t, read(t, "template.yaml")).section("Outputs")
	for _, match := range runbookOutput.FindAllStringSubmatch(text, -1) {
		if outputs[match[1]] == nil {
			t.Errorf("the template has no output %s", match[1])
		}
	}
	for _, match := range runbookScript.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(match[1]); err != nil {
			t.Error(err)
		}
	}
	headings := strings.ToLower(text)
	for _, match := range runbookLink.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(headings, "\n## "+match[1]+"\n") {
			t.Errorf("there is no section #%s", match[1])
		}
	}
}

// The shell reads each command, and the first block as it stands.
func TestTheRunbooksCommandsAreShell(t *testing.T) {
	t.Parallel()
	text := read(t, "RUNBOOK.md")
	_, block, _ := strings.Cut(text, "```bash\n")
	block, rest, _ := strings.Cut(block, "```")
	commands := []string{block}
	for _, match := range regexp.MustCompile("(?s)`((?:aws|deploy/|errors )[^`]*)`").FindAllStringSubmatch(rest, -1) {
		commands = append(commands, match[1])
	}
	if len(commands) < 30 {
		t.Errorf("the runbook has only %d commands", len(commands))
	}
	for _, command := range commands {
		if out, err := exec.Command("bash", "-n", "-c", command).CombinedOutput(); err != nil {
			t.Errorf("%s\n%s", command, out)
		}
	}
}
