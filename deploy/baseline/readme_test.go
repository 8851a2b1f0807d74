package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"
)

// documented is a command of a document, without the program's name.
type documented struct {
	file string
	args []string
}

func (d documented) String() string { return d.file + ": baseline " + strings.Join(d.args, " ") }

// documents are the files whose commands people type.
var documents = []string{
	"../../README.md", "../RUNBOOK.md", "../docs/*.md", "../examples/*/README.md", "../local/verdict.go",
}

var (
	program   = regexp.MustCompile(`deploy/baseline\.sh\b|\bbaseline\.sh\b|go run \./deploy/baseline\b`)
	spanOf    = regexp.MustCompile("`([^`\n]+)`")
	fence     = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")
	shellEnds = []string{"#", "|", "||", "&&", ";", ">", "2>", "<", ">>", ")"}
)

// endsCommand reports whether a word is not the command's any more. What $( begins is another command.
func endsCommand(word string) bool {
	return slices.Contains(shellEnds, word) || strings.HasPrefix(word, "$(")
}

// wordsOf splits a line as a shell does, up to where its first command ends. The error
// says that a quote doesn't end.
func wordsOf(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	begun := false
	flush := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, begun = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			flush()
			if n := len(words); n > 0 && endsCommand(words[n-1]) {
				return words[:n-1], nil
			}
		case quote == 0 && (c == ';' || c == ')'):
			flush()
			return words, nil
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	flush()
	if n := len(words); n > 0 && endsCommand(words[n-1]) {
		words = words[:n-1]
	}
	if quote != 0 {
		return words, fmt.Errorf("the quote %c doesn't end: %s", quote, line)
	}
	return words, nil
}

// commandsIn finds the commands of a document. A command in the running text ends with
// its back quote, any other with its line.
func commandsIn(file, text string) (found []documented, err error) {
	text = strings.ReplaceAll(text, "\\\n", " ")
	for _, at := range program.FindAllStringIndex(text, -1) {
		end := "\n"
		if at[0] > 0 && text[at[0]-1] == '`' {
			end = "`"
		}
		command, _, _ := strings.Cut(text[at[1]:], end)
		args, splitErr := wordsOf(strings.ReplaceAll(command, "\n", " "))
		err = errors.Join(err, splitErr)
		found = append(found, documented{file, args})
	}
	return found, err
}

// check returns what is wrong with a command: a verb, a flag or a number of arguments
// that there isn't. It runs nothing.
func (d documented) check() error {
	if len(d.args) == 0 || d.args[0] == "VERB" {
		return nil // the program is named, and not called
	}
	root := (&app{Account: accountOfNobody()}).command()
	c, rest, err := root.Find(d.args)
	switch {
	case err != nil:
		return err
	case c == root && !strings.HasPrefix(d.args[0], "-"):
		return unknownVerb(c, d.args[0])
	}
	if err := c.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return flagError(c, err)
	}
	if help, _ := c.Flags().GetBool("help"); help || len(c.Flags().Args()) == 0 {
		return nil // a verb alone is named, and not called
	}
	if c.HasAvailableSubCommands() && c != root {
		return unknownVerb(c, c.Flags().Arg(0))
	}
	return c.ValidateArgs(c.Flags().Args())
}

func TestEveryCommandOfTheDocumentsIsOneThatThereIs(t *testing.T) {
	t.Parallel()
	count := 0
	for _, pattern := range documents {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found, err := commandsIn(name, string(text))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			count += len(found)
			for _, command := range found {
				if err := command.check(); err != nil {
					t.Errorf("%s: %v", command, err)
				}
			}
		}
	}
	if count < 12 {
		t.Errorf("only %d commands were found: is the way to find them still right?", count)
	}
}

// TestTheTableOfVerbsHasEachVerbAndNoOther looks at what stands in the first column.
func TestTheTableOfVerbsHasEachVerbAndNoOther(t *testing.T) {
	t.Parallel()
	_, table, found := strings.Cut(pageText(t, pageOfBaselines), "\n| `deploy/baseline.sh` |")
	if !found {
		t.Fatalf("%s has no table of the command's verbs", pageOfBaselines)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var inTable []string
	for _, row := range strings.Split(table, "\n")[2:] {
		for _, span := range spanOf.FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			args, err := wordsOf(span[1])
			if err == nil {
				err = documented{pageOfBaselines, args}.check()
			}
			if err != nil {
				t.Errorf("%s: %v", span[1], err)
			}
			inTable = append(inTable, args[0])
		}
	}
	for _, verb := range (&app{Account: accountOfNobody()}).command().Commands() {
		if name := verb.Name(); name != "help" && name != "completion" && !slices.Contains(inTable, name) {
			t.Errorf("the table of verbs in %s has no row for the verb %s", pageOfBaselines, name)
		}
	}
}

const (
	pageOfReadme    = "../../README.md"
	pageOfBaselines = "../docs/baselines.md"
)

func pageText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhatIsWrongWithADocumentedCommandIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"a right one":                     {"deploy/baseline.sh diff baselines --live   # a comment", ""},
		"the program's name":              {"`deploy/baseline.sh`, or a file", ""},
		"help":                            {"`deploy/baseline.sh pause --help`", ""},
		"one with a quoted rule":          {"`deploy/baseline.sh explain sg-0a1b 'ingress tcp 22 10.0.0.0/8'`", ""},
		"one before another":              {"deploy/baseline.sh resolve designs --out baselines && deploy/baseline.sh push baselines", ""},
		"a verb that there isn't":         {"deploy/baseline.sh approve x", `there is no verb "approve"`},
		"a sub-verb that there isn't":     {"deploy/baseline.sh guardrail write x", `there is no verb "write" of guardrail`},
		"a flag that there isn't":         {"deploy/baseline.sh diff --all", "unknown flag: --all"},
		"arguments too many":              {"deploy/baseline.sh show sg-0a sg-0b", `show: the argument "sg-0b" is one too many`},
		"a quote without an end":          {"deploy/baseline.sh explain sg-0a 'ingress tcp", "the quote ' doesn't end"},
		"one that a line breaks":          {"`deploy/baseline.sh\ndif x`", `there is no verb "dif"`},
		"one with a line after the next":  {"deploy/baseline.sh diff \\\n  --all", "unknown flag: --all"},
		"one with another one's answer":   {"deploy/baseline.sh diff --live $(test -s x && echo --none)", ""},
		"the second of two on a line":     {"deploy/baseline.sh diff; deploy/baseline.sh dif", `there is no verb "dif"`},
		"one that is run from its source": {"go run ./deploy/baseline shwo", `there is no verb "shwo"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := commandsIn("a.md", c.text)
			if len(found) == 0 {
				t.Fatal("no command was found")
			}
			for _, command := range found {
				err = errors.Join(err, command.check())
			}
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// section is a section of a document.
type section struct{ file, heading string }

// adopting are the sections whose commands run, in the order in which they stand.
var adopting = []section{{pageOfReadme, "## Adopting it"}, {pageOfBaselines, "## With git"}}

// substitutes replace what stands for something of the reader's own.
// Group ids of the pages become the ids of the session's groups.
var substitutes = strings.NewReplacer(
	"sg-0a1b2c3d4e5f60718", "$web",
	"sg-0b1b2c3d4e5f60718", "$db",
)

// notRun are lines of the section that don't run here: the functions are deployed by
// other scripts, which have tests of their own.
var notRun = []string{"deploy/deploy.sh", "deploy/destroy.sh", "aws ", "sed ", "git "}

// TestTheReadmesWayToAdoptAnAccountWorks runs the blocks of the sections line by line, as
// a reader would: who is asked answers yes. Findings are fine, an error isn't. After the
// last line nothing differs.
func TestTheReadmesWayToAdoptAnAccountWorks(t *testing.T) {
	t.Parallel()
	script := sessionBegins
	for _, s := range adopting {
		lines, err := linesOfSection(pageText(t, s.file), s.heading)
		if err != nil {
			t.Fatalf("%s: %v", s.file, err)
		}
		script += lines
	}
	script += sessionEnds
	path := filepath.Join(t.TempDir(), "readme.txtar")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	runSessions(t, testscript.Params{Files: []string{path}})
}

// The session has two groups of its own, and one that the VPC came with.
const (
	sessionBegins = "group web 'ingress tcp 443 0.0.0.0/0'\ngroup db 'ingress tcp 5432 10.0.0.0/8'\n"
	sessionEnds   = "# Nothing differs afterwards.\nbaseline diff\nstdout '3 groups the same, 0 different'\n"
)

// linesOfSection makes a script of the command's lines in the blocks of a section.
func linesOfSection(text, heading string) (string, error) {
	_, section, found := strings.Cut(text, "\n"+heading+"\n")
	if !found {
		return "", fmt.Errorf("there is no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var script strings.Builder
	lines := 0
	for _, block := range fence.FindAllStringSubmatch(section, -1) {
		if block[1] == "yaml" { // a file, not commands
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(block[2], "\\\n", " ")) {
			line = strings.TrimSpace(line)
			command, isOurs := strings.CutPrefix(line, "deploy/baseline.sh ")
			if !isOurs {
				if line != "" && !strings.HasPrefix(line, "'") && !slices.ContainsFunc(notRun, func(start string) bool { return strings.HasPrefix(line, start) }) {
					return "", fmt.Errorf("it is not known how to run this line: %s", line)
				}
				continue
			}
			lines++
			fmt.Fprintf(&script, "ttyin -stdin yes\nfine baseline %s\n", substitutes.Replace(command))
		}
	}
	if lines == 0 {
		return "", fmt.Errorf("the section %q has no command", heading)
	}
	return script.String(), nil
}

func TestTheLinesOfASection(t *testing.T) {
	t.Parallel()
	const before = "# x\n## Adopting\nSix lines:\n\n```\n"
	for name, c := range map[string]struct{ text, want, err string }{
		"commands of the section only": {
			before + "deploy/baseline.sh capture --all --out b  # all\ndeploy/deploy.sh --mode alert\n```\n```\ndeploy/baseline.sh plan b\n```\n## Else\n```\ndeploy/baseline.sh push b\n```\n",
			"ttyin -stdin yes\nfine baseline capture --all --out b  # all\nttyin -stdin yes\nfine baseline plan b\n", "",
		},
		"an id of the pages":         {before + "deploy/baseline.sh show sg-0a1b2c3d4e5f60718\n```\n", "ttyin -stdin yes\nfine baseline show $web\n", ""},
		"a line that nobody can run": {before + "rm -rf baselines\n```\n", "", "it is not known how to run this line"},
		"a section without commands": {"# x\n## Adopting\nWords.\n", "", "has no command"},
		"no such section":            {"# x\n## Other\n", "", "there is no section"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := linesOfSection(c.text, "## Adopting")
			if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v: %s", err, diff)
			}
		})
	}
}
