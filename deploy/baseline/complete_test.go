package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func TestCompletionsOfGroups(t *testing.T) {
	t.Parallel()
	groups := []secgroup.Group{{ID: "sg-0c", Name: "twin"}, {ID: "sg-0d", Name: "twin"}, {ID: "sg-0a", Name: "web"}, {ID: "sg-0e"}}
	cases := map[string]struct {
		there []string
		word  string
		want  []string
	}{
		"nothing is typed yet":                    {nil, "", []string{"name:web\tsg-0a", "sg-0c\ttwin", "sg-0d\ttwin", "sg-0a\tweb", "sg-0e"}},
		"a name is begun":                         {nil, "name:w", []string{"name:web\tsg-0a"}},
		"a name that two groups have is no name":  {nil, "name:t", nil},
		"an id is begun":                          {nil, "sg-0a", []string{"sg-0a\tweb"}},
		"what is there already isn't there again": {[]string{"sg-0a"}, "sg-0a", nil},
		"another word":                            {nil, "x", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, completions(groups, c.there, c.word)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatAnArgumentOfAUsageLineIs(t *testing.T) {
	t.Parallel()
	for use, want := range map[string]struct{ groupsOnly, one bool }{
		"show GROUP":                           {true, true},
		"rollback GROUP --to VERSION":          {true, true},
		"delete GROUP... [--keep FILE]":        {true, false},
		"allow GROUP... RULE":                  {true, false},
		"capture (GROUP... | --all) --out DIR": {true, false},
		"diff [GROUP...] [PATH...]":            {false, false},
		"explain (GROUP RULE... | EVENT.json)": {false, true},
	} {
		if only, one := !takesFile(use), oneGroup(use); only != want.groupsOnly || one != want.one {
			t.Errorf("%s: groups only %v, one group %v", use, only, one)
		}
	}
}

// TestTheShellWaitsForGroupsOnlyAMoment, and gets no answer then. The twin without the
// delay gets the group.
func TestTheShellWaitsForGroupsOnlyAMoment(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]string{0: "name:web\t" + group, time.Minute: ""} {
		released := make(chan struct{})
		stub := awsstub.New(0, map[string]awsstub.Handler{"DescribeSecurityGroups": func(awsstub.Request) (any, error) {
			if delay > 0 {
				<-released
			}
			return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{{GroupId: aws.String(group), GroupName: aws.String("web")}}}, nil
		}})
		cfg := stub.Config()
		begun := time.Now()
		got := runCommand(t, &cfg, "", "__complete", "show", "name:")
		took := time.Since(begun)
		close(released)
		stub.Close()
		if !strings.HasPrefix(got.out, want) || want == "" && strings.Contains(got.out, "name:") || got.status != 0 || took > 20*time.Second {
			t.Errorf("after %s: %+v", took, got)
		}
		if asked := len(stub.Requests("DescribeSecurityGroups")); want != "" && asked != 1 {
			t.Errorf("EC2 was asked %d times", asked)
		}
	}
}

// TestEachVerbCompletesWhatItsUsageLineSays holds every verb to one of three ways.
func TestEachVerbCompletesWhatItsUsageLineSays(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"DescribeSecurityGroups": oneGroupThere})
	t.Cleanup(stub.Close)
	cfg := stub.Config()
	root := (&app{Account: accountOfNobody()}).command()
	for _, c := range root.Commands() {
		if slices.Contains([]string{"help", "completion", "guardrail", "import", "redrive", "trust"}, c.Name()) {
			continue // these complete verbs of their own
		}
		got := runCommand(t, &cfg, "", "__complete", c.Name(), "name:")
		if takes := strings.Contains(c.Use, "GROUP"); takes != strings.Contains(got.out, "name:web") || got.status != 0 {
			t.Errorf("%s: %+v", c.Use, got)
		}
		files := strings.HasSuffix(strings.TrimSpace(strings.SplitAfter(got.out, "Completion ended")[0]), ":"+directive(cobra.ShellCompDirectiveDefault))
		if takesFile(c.Use) != files {
			t.Errorf("%s: %+v", c.Use, got)
		}
	}
}

func directive(d cobra.ShellCompDirective) string { return string(rune('0' + int(d))) }

// TestAnInterruptInTheMiddleIsReportedInWords rather than as a cancelled context.
func TestAnInterruptInTheMiddleIsReportedInWords(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"DescribeSecurityGroups": oneGroupThere})
	t.Cleanup(stub.Close)
	cfg := stub.Config()
	var errs strings.Builder
	a := &app{Account: accountOfNobody(), in: strings.NewReader(""), out: &strings.Builder{}}
	a.Config, a.Errs = &cfg, &errs
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status := a.run(ctx, []string{"show", "name:web"}); status != 1 || !strings.HasPrefix(errs.String(), "baseline: interrupted\n  ") {
		t.Errorf("status %d: %s", status, errs.String())
	}
}
