package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheReadmeShowsWhatTheCommandsPrint runs the commands whose output README shows. What README shows may end earlier.
func TestTheReadmeShowsWhatTheCommandsPrint(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const prompt = "$ deploy/baseline.sh "
	shown := map[string]string{} // by command
	for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
		language, body := block[1], block[2]
		switch command, output, _ := strings.Cut(body, "\n"); {
		case strings.HasPrefix(body, prompt):
			shown[strings.TrimPrefix(command, prompt)] = output
		case language == "mermaid" && strings.Contains(body, "alb-public"):
			shown["graph deploy/examples/fargate"] = body
		}
	}
	if len(shown) != 2 {
		t.Errorf("README shows the output of %d commands, want a picture and a backtest", len(shown))
	}
	for command, want := range shown {
		args := strings.Fields(strings.ReplaceAll(command, "deploy/", "../")) // tests run in this folder
		got := runCommand(t, nil, "", args...).out
		if diff := cmp.Diff(want, got[:min(len(want), len(got))]); diff != "" {
			t.Errorf("%s prints something else (-README +printed):\n%s", command, diff)
		}
	}
}
