package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

func TestMain(m *testing.M) { os.Exit(localtest.RunWithQuickCLI(m)) }

func TestTheDemoPassesWithTheRealFunction(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := demo(t.Context(), &screen{out: &out}, settings{}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{
		"| Subject: [sgwarden] reverted: tcp 22 open to 0.0.0.0/0 on ecs-front (123456789012 us-east-1)", "| Handled:        Yes. sgwarden revoked the rule",
		"revoked after ", "cut back after ", "restored after ", "it stays",
		"the baseline was updated; it permits more: ingress tcp 22 203.0.113.7/32",
		"| Subject: [sgwarden] expired and reverted: tcp 22 from 203.0.113.7/32 on ecs-front (123456789012 us-east-1)",
		"no event comes", "the scheduled sweep runs: swept ",
		"ana pastes the mail's command", "a mail arrives:", "What to do now: ", "mallory opens the ports 9001 to 9010", "people got ",
		"the rule is back and judged; it stays",
		"baseline changed: 2 live rules will be revoked on ecs-api", "nothing was cut: the group has all its 3 rules still",
		"the trust was created; it permits more: trust arn:aws:iam::123456789012:role/terraform-ci for 24 hours",
		"/pending-",
		"subscribers got 7 alerts of what was reverted, 11 that a baseline or the trust was written, 1 of approvals, and 1 of what is pending",
		"as approved, and nothing else was touched",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("there are control sequences in a plain output")
	}
}

func TestTheDemoFailsWhereTheFunctionRevokesTooMuchOrTooLittleOrTellsNobody(t *testing.T) {
	t.Parallel()
	bootstraps := t.TempDir()
	binary := filepath.Join(bootstraps, "binary")
	if out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./testdata/overzealous").CombinedOutput(); err != nil {
		t.Fatalf("build the test's function: %v\n%s", err, out)
	}
	for _, function := range []string{"remediator", "sweeper", "notifier"} {
		folder := filepath.Join(bootstraps, function)
		if err := errors.Join(os.Mkdir(folder, 0o755), os.Link(binary, filepath.Join(folder, "bootstrap"))); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := demo(t.Context(), &screen{out: &out}, settings{
		cloud: cloud.Options{Bootstraps: bootstraps, Deploy: cloud.Stack(map[string]string{"GraceMinutes": "0"})}, patience: 3 * time.Second,
	})
	if !errors.Is(err, errUnexpected) {
		t.Errorf("error %v, want %v", err, errUnexpected)
	}
	for _, problem := range []string{
		"ingress tcp 22 0.0.0.0/0 of ecs-front: no alert says that it was revoked",
		"egress all all 0.0.0.0/0 of rds: still there after 3s",
		"ingress tcp 443 10.0.0.0/16 of alb-internal: was revoked",
		"ingress tcp 443 0.0.0.0/0 of alb-internal: there is no ingress tcp 443 10.0.0.0/16 to widen",
		"egress tcp 3306 rds of ecs-api: not put back after 3s",
		"ingress tcp 22 203.0.113.7/32 of ecs-front: was revoked",
		"ingress tcp 3306 198.51.100.0/24 of rds: still there after 3s",
		"ingress tcp 8443 198.51.100.7/32 of alb-public: no alert says that it was revoked",
		"egress tcp 3306 rds of ecs-api: no alert says that the baseline was changed",
		"ingress tcp 8443 10.20.0.0/16 of alb-internal: no alert says that the trust was changed",
		"ecs-front has",
		"rds has",
		"subscribers got 0 alerts of what was reverted, and should have got 7",
		"subscribers got 0 alerts of changed baselines and trust, and should have got 10",
		"subscribers got 0 alerts of what is pending, and should have got 1",
	} {
		if !strings.Contains(out.String(), problem) {
			t.Errorf("the output lacks %q:\n%s", problem, out.String())
		}
	}
}

func TestServeGuardsAnEndpointForAnyClientUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	reader, writer := io.Pipe()
	ended := make(chan error)
	go func() {
		err := serve(ctx, &screen{out: writer}, settings{cloud: cloud.Options{Deploy: cloud.Stack(map[string]string{"GraceMinutes": "0"})}})
		_ = writer.Close()
		ended <- err
	}()
	seen := &transcript{t: t, from: reader}
	endpoint := seen.find(`AWS_ENDPOINT_URL=(\S+)`)
	commands := seen.find(`(?s)In another terminal\n(.*?)\n *[0-9.]+ s running`)
	printed := make(chan string, 1)
	go func() { // in another terminal
		shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", commands)
		shell.Dir = filepath.Join("..", "..")
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Errorf("the commands: %v\n%s", err, out)
			interrupt()
		}
		printed <- string(out)
	}()
	for _, revoked := range []string{"ingress tcp 22 0.0.0.0/0", "egress all all 0.0.0.0/0", "ingress tcp 443 0.0.0.0/0"} {
		seen.find(`(revoked) +` + revoked)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	if out := <-printed; !strings.Contains(out, `"reason":"swept `) {
		t.Errorf("the commands printed\n%s", out)
	}
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "http://")); err == nil {
		_ = conn.Close()
		t.Error("the endpoint still answers")
	}
}

// transcript is what a command has printed so far.
type transcript struct {
	t    *testing.T
	from io.Reader
	text string
}

// find reads on until the pattern matches what there is, and returns its group.
func (s *transcript) find(pattern string) string {
	s.t.Helper()
	expression := regexp.MustCompile(pattern)
	for {
		if match := expression.FindStringSubmatch(s.text); match != nil {
			return match[1]
		}
		b := make([]byte, 4096)
		n, err := s.from.Read(b)
		s.text += string(b[:n])
		if err != nil {
			s.t.Fatalf("%v before %s was printed:\n%s", err, pattern, s.text)
		}
	}
}

func TestTheCommandLineSaysWhatItIsAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		arguments      []string
		status         int
		stdout, stderr string
	}{
		{"help", []string{"--help"}, 0, "Usage:", ""},
		{"help of a command", []string{"demo", "--help"}, 0, "Usage:", ""},
		{"no command", nil, 2, "", "Usage:"},
		{"an unknown command", []string{"dance"}, 1, "", `unknown command "dance"`},
		{"an unknown option", []string{"demo", "--fast"}, 2, "", "-fast"},
		{"a superfluous argument", []string{"demo", "now"}, 1, "", `unknown argument "now"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if status := run(t.Context(), test.arguments, &stdout, &stderr, false); status != test.status {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			if !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("printed %q and %q", stdout.String(), stderr.String())
			}
		})
	}
}

func TestTablesAndColours(t *testing.T) {
	t.Parallel()
	rows := [][]cell{{{text: "a"}, {text: "b"}}, {{text: "long"}, {"x", green}}, {{text: "ü"}, {text: "y"}}}
	var plain, colour bytes.Buffer
	(&screen{out: &plain}).table(rows)
	(&screen{out: &colour, colour: true}).table(rows)
	if want := "  a     b\n  long  x\n  ü     y\n"; plain.String() != want {
		t.Errorf("plain table %q, want %q", plain.String(), want)
	}
	if want := "  \x1b[1ma\x1b[0m     \x1b[1mb\x1b[0m\n  long  \x1b[32;1mx\x1b[0m\n  ü     y\n"; colour.String() != want {
		t.Errorf("coloured table %q, want %q", colour.String(), want)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if coloured(file) {
		t.Error("a file is no terminal")
	}
}
