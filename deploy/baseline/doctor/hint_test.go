package doctor

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ofASet = "StackSet-sgw-01234567-89ab-cdef-0123-456789abcdef"

func TestCommandsAreForTheStack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ stack, text, want string }{
		"the scripts' default":             {"sgwarden", "deploy/deploy.sh --mode enforce", "deploy/deploy.sh --mode enforce"},
		"another name":                     {"warden", "deploy/deploy.sh --mode enforce", "deploy/deploy.sh --mode enforce --stack-name warden"},
		"only the set changes its stacks":  {ofASet, "deploy/deploy.sh --mode enforce", "in the account of the stack set: deploy/organization.sh --mode enforce"},
		"dead letters are in the stack":    {ofASet, "deploy/redrive.sh", "deploy/redrive.sh --stack-name " + ofASet},
		"an update without options at all": {ofASet, "deploy/deploy.sh", "in the account of the stack set: deploy/organization.sh"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := aStack()
			stack.Name = c.stack
			if got := command(stack, c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestRebuildingKeepsTheValuesOfTheStack: a stack in mode alert must not come back in mode enforce.
func TestRebuildingKeepsTheValuesOfTheStack(t *testing.T) {
	t.Parallel()
	stack := aStack()
	stack.Parameters["Mode"], stack.Parameters["AlertEmail"], stack.Parameters["OnlyGroupsTagged"] = "alert", "ana@example.com", ""
	want := "an update does not make again what was deleted by hand. This does, but subscriptions that people added are lost: deploy/destroy.sh && " +
		"deploy/deploy.sh --mode alert --prefix /sg-baseline --sweep 'rate(15 minutes)' --email ana@example.com"
	if diff := cmp.Diff(want, rebuild(stack)); diff != "" {
		t.Error(diff)
	}
	stack.Name = ofASet
	want = "an update does not make again what was deleted by hand: take the account out of the stack set, then in again: deploy/organization.sh --exclude ACCOUNT,... in the account of the stack set"
	if diff := cmp.Diff(want, rebuild(stack)); diff != "" {
		t.Error(diff)
	}
}

// TestRebuildingKnowsEachOptionOfDeploy holds the options to deploy.sh.
func TestRebuildingKnowsEachOptionOfDeploy(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../deploy-options.sh")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, match := range regexp.MustCompile(`(?m)^    (--[a-z-]+)\)\s[^;]*?parameter ([A-Z][A-Za-z]+) `).FindAllStringSubmatch(string(text), -1) {
		want = append(want, match[1]+" "+match[2])
	}
	for _, o := range options {
		got = append(got, o.name+" "+o.parameter)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options of deploy.sh (-), and of the hint (+):\n%s", diff)
	}
}

func TestHintsNameARegionThatIsNotTheEnvironments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ hint, want string }{
		"a script":                 {"deploy/deploy.sh --mode enforce", "AWS_REGION=eu-west-1 deploy/deploy.sh --mode enforce"},
		"two scripts":              {"deploy/destroy.sh && deploy/deploy.sh", "AWS_REGION=eu-west-1 deploy/destroy.sh && AWS_REGION=eu-west-1 deploy/deploy.sh"},
		"the AWS CLI":              {"aws ssm delete-parameter --name x", "aws ssm delete-parameter --region eu-west-1 --name x"},
		"a command with its own":   {"aws events enable-rule --name r --region eu-west-1", "aws events enable-rule --name r --region eu-west-1"},
		"regions that were looked": {"deploy/deploy.sh --regions a,b; or look at fewer with --regions", "deploy/deploy.sh --regions a,b; or look at fewer with --regions"},
		"a page":                   {"deploy/RUNBOOK.md#shortsweepsalarm", "deploy/RUNBOOK.md#shortsweepsalarm"},
		"nothing to do":            {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, InRegion([]Check{{"x", Warn, "y", c.hint}}, "eu-west-1"), Check{"x", Warn, "y", c.want})
		})
	}
}
