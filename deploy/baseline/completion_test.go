package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestCompletionKnowsVerbsAndFlags(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		words []string
		want  []string
		never string
	}{
		"verbs":                {[]string{""}, []string{"allow", "clone", "explain", "guardrail", "history", "lint", "pause", "resolve", "rollback", "show", "completion"}, "--to"},
		"a verb that is begun": {[]string{"ro"}, []string{"rollback"}, "show"},
		"flags of a rewriting": {[]string{"clone", "--"}, []string{"--from", "--map", "--out", "--force", "--exceptions"}, "--vpc-id"},
		"what guardrail does":  {[]string{"guardrail", ""}, []string{"show", "lint", "plan", "push"}, "capture"},
		"flags of a pause":     {[]string{"pause", "2h", "--"}, []string{"--reason", "--end", "--show"}, "--yes"},
		"flags of a verb":      {[]string{"rollback", group, "--to", "1", "--"}, []string{"--yes", "--output", "--prefix"}, "--expires"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, "", append([]string{"__complete"}, c.words...)...)
			var words []string
			for line := range strings.Lines(got.out) {
				word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
				words = append(words, word)
			}
			for _, want := range c.want {
				if !slices.Contains(words, want) {
					t.Errorf("%s is not among %v", want, words)
				}
			}
			if slices.Contains(words, c.never) {
				t.Errorf("%s is among %v", c.never, words)
			}
		})
	}
}

// TestCompletionScriptsAreShell has the shell itself read them, where it is
// installed.
func TestCompletionScriptsAreShell(t *testing.T) {
	t.Parallel()
	for shell, want := range map[string]string{"bash": "complete -o default -F __start_baseline baseline", "zsh": "#compdef baseline"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, "", "completion", shell)
			if got.status != 0 || !strings.Contains(got.out, want) {
				t.Fatalf("no %q in %+v", want, got)
			}
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("no %s here to read it", shell)
			}
			read := exec.CommandContext(t.Context(), path, "-n")
			read.Stdin = strings.NewReader(got.out)
			if says, err := read.CombinedOutput(); err != nil || len(says) > 0 {
				t.Errorf("%v: %s", err, says)
			}
		})
	}
}

// completeInBash does what pressing the Tab key does, with what the package
// bash-completion would bring replaced.
const completeInBash = `
_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
__ltrim_colon_completions() { :; }
compopt() { :; }
baseline() { printf 'rollback\tPut back\n:4\n'; [[ "$*" == '__complete ro' ]] || printf 'asked: %s\n' "$*" >&2; }
source /dev/stdin
COMP_WORDS=(baseline ro) COMP_CWORD=1 COMP_LINE='baseline ro' COMP_POINT=11 COMP_TYPE=9
__start_baseline
printf '%s\n' "${COMPREPLY[@]}"
`

func TestCompletionWorksInBash(t *testing.T) {
	t.Parallel()
	bash := exec.CommandContext(t.Context(), "bash", "-c", completeInBash)
	bash.Stdin = strings.NewReader(runCommand(t, nil, "", "completion", "bash").out)
	got, err := bash.CombinedOutput()
	if err != nil || strings.TrimSpace(string(got)) != "rollback" {
		t.Errorf("%v: %q", err, got)
	}
}
