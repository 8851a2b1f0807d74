package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/events"
)

// letterBox is a stack in the local AWS with dead-letter queues, by the names of their
// outputs.
type letterBox struct {
	stack  string
	config aws.Config
	urls   map[string]string
}

// newLetterBox makes a stack with the queues of the remediator's failures, of the
// notifier's failures and of alerts.
func newLetterBox(t *testing.T, stack string) letterBox {
	t.Helper()
	b := letterBox{stack, motoConfig(t), map[string]string{}}
	template := map[string]map[string]any{"Resources": {}, "Outputs": {"RemediatorFunctionName": map[string]string{"Value": "f"}}}
	for _, queue := range []string{"RemediatorFailures", "NotifierFailures", "AlertQueue"} {
		template["Resources"][queue] = map[string]any{"Type": "AWS::SQS::Queue", "Properties": map[string]string{"QueueName": stack + "-" + queue}}
		template["Outputs"][queue+"Url"] = map[string]any{"Value": map[string]string{"Ref": queue}}
	}
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	client := cfn.NewFromConfig(b.config)
	if _, err := client.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: &stack, TemplateBody: aws.String(string(text))}); err != nil {
		t.Fatal(err)
	}
	made, err := client.DescribeStacks(t.Context(), &cfn.DescribeStacksInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range made.Stacks[0].Outputs {
		b.urls[strings.TrimSuffix(*o.OutputKey, "Url")] = *o.OutputValue
	}
	return b
}

func (b letterBox) put(t *testing.T, queue, body string) {
	t.Helper()
	if _, err := sqs.NewFromConfig(b.config).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(b.urls[queue]), MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

func (b letterBox) run(t *testing.T, in string, args ...string) ran {
	t.Helper()
	return runCommand(t, &b.config, in, append([]string{"redrive", "--stack-name", b.stack}, args...)...)
}

func TestRedriveRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ args, want string }{
		"an unknown word":                     {"purge", `redrive "purge": want show, replay or discard`},
		"two words":                           {"show replay", "redrive: the argument \"replay\" is one too many"},
		"no name of a stack":                  {"--stack-name=", `--stack-name "" is not the name of a stack`},
		"the name of a file":                  {"--stack-name ../x", `--stack-name "../x" is not the name of a stack`},
		"lines of a replay":                   {"replay --json --yes", "--json goes with show only"},
		"yes to nothing":                      {"--yes", "--yes and --event go with replay and discard only"},
		"an event to show":                    {"show --event x", "--yes and --event go with replay and discard only"},
		"an event without an id":              {"replay --yes --event=", "--event is empty"},
		"a reason to replay":                  {"replay --yes --reason x", "--reason goes with discard only"},
		"a reason to show":                    {"show --reason x", "--reason goes with discard only"},
		"to discard everything":               {"discard --yes --reason x", "say which message to discard: --event ID"},
		"to discard for no reason":            {"discard --yes --event x", "say why: --reason TEXT"},
		"to discard for an empty reason":      {"discard --yes --event x --reason=", "say why: --reason TEXT"},
		"to discard for a reason of a book":   {"discard --yes --event x --reason " + strings.Repeat("é", 1001), "--reason is longer than 1000 characters"},
		"a replay that nobody can agree to":   {"replay", "nothing was done: this is not a terminal to ask on: add --yes"},
		"a discard that nobody can agree to":  {"discard --event x --reason x", "nothing was done: this is not a terminal to ask on: add --yes"},
		"a replay for machines without a yes": {"replay --output json", "nothing was done: --output json doesn't ask, so add --yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, &aws.Config{}, "", append([]string{"redrive"}, strings.Fields(c.args)...)...)
			if got.status != 1 || got.out != "" || !strings.Contains(got.errs, c.want) {
				t.Errorf("got %+v, want %q", got, c.want)
			}
		})
	}
}

// shownLetters is what show prints with --output json.
type shownLetters struct {
	Stack, Account, Region string
	InFlight               int
	Messages               []struct{ Queue, EventID, Group, Body string }
}

func TestRedriveShowsEachFormatTheSameMessages(t *testing.T) {
	t.Parallel()
	b := newLetterBox(t, "redrive-show")
	read := func(got ran) (s shownLetters) {
		if err := json.Unmarshal([]byte(got.out), &s); err != nil {
			t.Fatalf("%v: %+v", err, got)
		}
		return s
	}
	empty := b.run(t, "", "--output", "json")
	if s := read(empty); empty.status != 0 || s.Stack != b.stack || s.Account != "123456789012" || s.Region != "us-east-1" || s.Messages == nil || len(s.Messages) != 0 {
		t.Errorf("got %+v", empty)
	}
	expect(t, b.run(t, ""), 0, "==> stack redrive-show, account 123456789012, region us-east-1\n", "NotifierFailures: no messages\nRemediatorFailures: no messages\n")

	b.put(t, "RemediatorFailures", string(events.MustRead("authorize-ingress-ipv4")))
	b.put(t, "RemediatorFailures", "\u009b2J é no event")
	document := b.run(t, "", "show", "--output", "json")
	if s := read(document); document.status != 2 || len(s.Messages) != 2 || s.Messages[0].Body+s.Messages[1].Body == "" {
		t.Errorf("got %+v", document)
	}
	lines := b.run(t, "", "show", "--json")
	expect(t, lines, 2, "==> 2 messages, 0 more in flight\n", `\u009b2J \u00e9 no event`)
	if strings.Count(lines.out, "\n") != 2 || strings.ContainsRune(lines.out+document.out, '\u009b') {
		t.Errorf("got %q", lines.out)
	}
	var groups []string
	for line := range strings.Lines(lines.out) {
		var m struct{ Group string }
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Errorf("%v: %q", err, line)
		}
		groups = append(groups, m.Group)
	}
	if strings.Join(groups, "") != "sg-0a1b2c3d4e5f60718" {
		t.Errorf("groups are %q", groups)
	}
	expect(t, b.run(t, "", "show"), 2, "RemediatorFailures: 2 messages\n", "sg-0a1b2c3d4e5f60718 ingress tcp 22 0.0.0.0/0", "\uFFFD2J é no event")
}

func TestRedriveWithOutputJSON(t *testing.T) {
	t.Parallel()
	b := newLetterBox(t, "redrive-do")
	const alert = `{"Message":"{\"schema\":1,\"id\":\"alert-1\",\"kind\":\"drift\",\"outcome\":\"none\"}"}`
	b.put(t, "NotifierFailures", alert)
	b.put(t, "NotifierFailures", "no alert")
	got := b.run(t, "", "replay", "--yes", "--output", "json")
	var did redriven
	if err := json.Unmarshal([]byte(got.out), &did); err != nil || got.status != 2 || did != (redriven{b.stack, 1, 1, 1}) {
		t.Errorf("%v: %+v", err, got)
	}
	expect(t, b.run(t, "", "replay", "--yes"), 2, "==> replayed 0 of 0 messages; 1 remain\n")
	expect(t, b.run(t, "", "replay", "--yes", "--event", "alert-1"), 1, "nothing was done: nothing that can be replayed has the id alert-1\n")
}

func TestRedriveDiscardsNothingUnlessSomebodySaysYes(t *testing.T) {
	t.Parallel()
	b := newLetterBox(t, "redrive-discard")
	b.put(t, "RemediatorFailures", string(events.MustRead("authorize-ingress-ipv4")))
	const id = "53c3a5f2-7905-4bdd-ad8a-7ecb7c9ed281"
	declined := b.run(t, "n\n", "discard", "--event", id, "--reason", "x")
	expect(t, declined, 1, "A discarded event is never judged", "Discard 1 message for good? [y/N]", "nothing discarded")
	// The stack does not name its log group.
	expect(t, b.run(t, "y\n", "discard", "--event", id, "--reason", "x"), 1, "discarded 0 of 1 messages; 1 remain\n", "stays, because it can't be logged that it is discarded")
	expect(t, b.run(t, "", "show"), 2, "RemediatorFailures: 1 message\n")
}

func TestRedriveLooksInTheRegionOfItsFlag(t *testing.T) {
	t.Parallel()
	b := newLetterBox(t, "redrive-region")
	expect(t, b.run(t, "", "--region", "eu-west-1"), 1, "there is no stack redrive-region in region eu-west-1: see --stack-name and --region")
	expect(t, b.run(t, "", "--region", "us-east-1"), 0, "region us-east-1")
}
