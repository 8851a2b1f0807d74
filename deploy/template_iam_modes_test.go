package deploy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/iam"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

// groupChanges are calls that change a group.
func groupChanges(group string, tag map[string]string) (calls []iam.Call) {
	for _, c := range ofRoles["RepairGroupsPolicy RevokeAndRestoreRules"].may {
		calls = append(calls, iam.Call{Action: c.Action, Resource: arnOf("ec2", "security-group/"+group), Context: tag})
	}
	return calls
}

// changers returns who may change a group, as "ROLE ACTION", sorted.
func changers(t *testing.T, s stack, group string, tag map[string]string) (all []string) {
	t.Helper()
	found := policies(t, s)
	for role := range s.resources("AWS::IAM::Role") {
		for _, c := range groupChanges(group, tag) {
			if may(t, statementsOf(found, role), c) {
				all = append(all, role+" "+strings.TrimPrefix(c.Action, "ec2:"))
			}
		}
	}
	slices.Sort(all)
	return all
}

func TestWhoMayChangeAGroup(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	both := changes("RemediatorRole", "SweeperRole")
	canary := []string{"CanaryRole AuthorizeSecurityGroupIngress", "CanaryRole RevokeSecurityGroupIngress"}
	all := slices.Concat(canary, both)
	tagged := func(value string) map[string]string { return map[string]string{tagKey: value} }
	for name, c := range map[string]struct {
		given map[string]string
		group string
		tag   map[string]string
		want  []string
	}{
		"enforce, any group":                       {nil, "sg-1", nil, both},
		"enforce, with a tag that means nothing":   {nil, "sg-1", tagged("prod"), both},
		"enforce, the canary's group":              {but(map[string]string{"OnlyGroupsTagged": ""}), canaryGroup, nil, all},
		"only tagged, with the tag":                {everything, "sg-1", tagged("prod"), both},
		"only tagged, without the tag":             {everything, "sg-1", nil, nil},
		"only tagged, with another value":          {everything, "sg-1", tagged("test"), nil},
		"only tagged, the canary's group":          {everything, canaryGroup, tagged("prod"), all},
		"only tagged, the canary's, without a tag": {everything, canaryGroup, nil, canary},
		"alert, any group":                         {map[string]string{"Mode": "alert"}, "sg-1", nil, nil},
		"alert, a group with the tag":              {but(map[string]string{"Mode": "alert"}), "sg-1", tagged("prod"), nil},
		"alert, the canary's group":                {but(map[string]string{"Mode": "alert"}), canaryGroup, tagged("prod"), canary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, changers(t, resolvedStack(t, parsed, c.given), c.group, c.tag)); diff != "" {
				t.Errorf("who may change it (-want +got):\n%s", diff)
			}
		})
	}
}

// changes are all calls that change a group, by roles.
func changes(roles ...string) (all []string) {
	for _, role := range roles {
		for _, c := range groupChanges("sg-1", nil) {
			all = append(all, role+" "+strings.TrimPrefix(c.Action, "ec2:"))
		}
	}
	return all
}

// In mode alert the roles may do less than in mode enforce, and nothing else: no write to EC2 but the canary's to its own
// group, and no approval.
func TestInModeAlertTheRolesHaveNoStatementForReverting(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	statements := func(mode string) (all []string) {
		for name, p := range policies(t, resolvedStack(t, parsed, but(map[string]string{"Mode": mode}))) {
			for _, s := range p.statements {
				all = append(all, name+" "+s.Sid)
			}
		}
		slices.Sort(all)
		return all
	}
	inAlert := statements("alert")
	absent := slices.DeleteFunc(statements("enforce"), func(s string) bool { return slices.Contains(inAlert, s) })
	if diff := cmp.Diff([]string{"RepairGroupsPolicy LetTrustedChangesWaitForApproval", "RepairGroupsPolicy RevokeAndRestoreRules", "RepairPrefixListsPolicy RepairPrefixLists"}, absent); diff != "" {
		t.Errorf("statements that only mode enforce has (-want +got):\n%s", diff)
	}
	for name, p := range policies(t, resolvedStack(t, parsed, but(map[string]string{"Mode": "alert"}))) {
		for _, s := range p.statements {
			for _, action := range s.Actions {
				reads := !strings.HasPrefix(action, "ec2:") || strings.HasPrefix(action, "ec2:Describe") || strings.HasPrefix(action, "ec2:Get")
				if !reads && name != "CanaryPolicy" {
					t.Errorf("%s %s permits %s in mode alert", name, s.Sid, action)
				}
			}
		}
	}
}

func TestWhoMayChangeAPrefixList(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	for name, c := range map[string]struct {
		given map[string]string
		tag   map[string]string
		want  bool
	}{
		"enforce":                      {nil, nil, true},
		"only tagged, with the tag":    {everything, map[string]string{tagKey: "prod"}, true},
		"only tagged, without the tag": {everything, nil, false},
		"alert":                        {map[string]string{"Mode": "alert"}, nil, false},
		"alert, with the tag":          {but(map[string]string{"Mode": "alert"}), map[string]string{tagKey: "prod"}, false},
	} {
		found := policies(t, resolvedStack(t, parsed, c.given))
		change := iam.Call{Action: "ec2:ModifyManagedPrefixList", Resource: arnOf("ec2", "prefix-list/pl-1"), Context: c.tag}
		if got := may(t, statementsOf(found, "RemediatorRole"), change); got != c.want {
			t.Errorf("%s: the remediator may: %t, want %t", name, got, c.want)
		}
		for _, role := range []string{"NotifierRole", "CanaryRole"} {
			if may(t, statementsOf(found, role), change) {
				t.Errorf("%s: %s may", name, role)
			}
		}
	}
}

// The canary's group has the tag wherever the tag is asked for, or the canary would prove nothing.
func TestTheCanarysGroupHasTheTagThatIsAskedFor(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	for value, want := range map[string]any{"": nil, "prod": []any{map[string]any{"Key": "sgwarden", "Value": "prod"}}} {
		group := resolvedStack(t, parsed, but(map[string]string{"OnlyGroupsTagged": value})).resources("AWS::EC2::SecurityGroup")["CanaryGroup"]
		if diff := cmp.Diff(want, get(group, "Tags")); diff != "" {
			t.Errorf("OnlyGroupsTagged %q: tags (-want +got):\n%s", value, diff)
		}
	}
}

func TestEachRoleHasThePermissionsBoundaryThatIsGiven(t *testing.T) {
	t.Parallel()
	const boundary = "arn:aws:iam::111122223333:policy/teams/boundary"
	parsed := parse(t, read(t, "template.yaml"))
	for given, want := range map[string]any{"": nil, boundary: boundary} {
		roles := resolvedStack(t, parsed, but(map[string]string{"PermissionsBoundaryArn": given})).resources("AWS::IAM::Role")
		if len(roles) != 4 {
			t.Errorf("the template has the roles %v", slices.Sorted(maps.Keys(roles)))
		}
		for name, role := range roles {
			if got := get(role, "PermissionsBoundary"); got != want {
				t.Errorf("given %q, the boundary of %s is %v", given, name, got)
			}
		}
	}
}

func TestWhatATagAndABoundaryMayBe(t *testing.T) {
	t.Parallel()
	for parameter, texts := range map[string]map[string]bool{
		"OnlyGroupsTagged": {"": true, "prod": true, "team-1/a_b.c:d=e+f@g": true, "a b": false, "*": false, "pro?": false, "${aws:username}": false, "größe": false},
		"PermissionsBoundaryArn": {
			"": true, "arn:aws:iam::111122223333:policy/boundary": true, "arn:aws-cn:iam::111122223333:policy/a/b/c": true, "arn:aws:iam::aws:policy/PowerUserAccess": true,
			"boundary": false, "arn:aws:iam::111122223333:role/boundary": false, "arn:aws:iam::1111:policy/boundary": false, "arn:aws:iam::111122223333:policy/": false,
			"arn:aws:iam::111122223333:policy/a*": false,
		},
	} {
		for text, want := range texts {
			if got := pattern(t, parameter).MatchString(text); got != want {
				t.Errorf("%s %q is allowed %t, want %t", parameter, text, got, want)
			}
		}
	}
}

// The functions take each tag that the template takes, and know its key.
func TestTheFunctionsReadTheTagThatThePoliciesAskFor(t *testing.T) {
	t.Parallel()
	if want := "aws:ResourceTag/" + secgroup.TagKey; tagKey != want {
		t.Errorf("the policies ask for %s, and the functions look for %s", tagKey, want)
	}
	for _, function := range []string{"RemediatorFunction", "SweeperFunction"} {
		for value, want := range map[string]any{"": nil, "prod": "prod"} {
			s := resolvedStack(t, parse(t, read(t, "template.yaml")), map[string]string{"OnlyGroupsTagged": value})
			got := get(s.resources("AWS::Lambda::Function")[function], "Environment", "Variables", "ONLY_GROUPS_TAGGED")
			if got != want {
				t.Errorf("%s: ONLY_GROUPS_TAGGED is %v, want %v", function, got, want)
			}
			if _, err := settings.Read(func(name string) string {
				return map[string]string{"ALERT_TOPIC_ARN": arnOf("sns", "AlertTopic"), "ONLY_GROUPS_TAGGED": value}[name]
			}); err != nil {
				t.Error(err)
			}
		}
	}
}
