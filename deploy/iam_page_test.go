package deploy_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	pageSection = regexp.MustCompile(`(?m)^## (.+)$`)
	pageRow     = regexp.MustCompile("(?m)^\\| `([A-Za-z0-9:]+)` \\| (.+) \\|$")
)

// explanations are those of deploy/iam.md, by section and by what is explained.
func explanations(t *testing.T) map[string]map[string]string {
	t.Helper()
	page := read(t, "iam.md")
	found := map[string]map[string]string{}
	sections := pageSection.FindAllStringSubmatchIndex(page, -1)
	for i, at := range sections {
		end := len(page)
		if i+1 < len(sections) {
			end = sections[i+1][0]
		}
		rows := map[string]string{}
		for _, row := range pageRow.FindAllStringSubmatch(page[at[1]:end], -1) {
			rows[row[1]] = row[2]
		}
		found[page[at[2]:at[3]]] = rows
	}
	return found
}

// TestThePageExplainsEachStatement also fails where the page explains a statement that is not there.
func TestThePageExplainsEachStatement(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	want := statementKeys(policies(t, resolvedStack(t, parsed, everything)), policies(t, resolvedStack(t, parsed, centralStack)))
	var got []string
	for section, rows := range explanations(t) {
		for sid, sentence := range rows {
			if strings.Contains(section, " ") {
				continue // no policy
			}
			got = append(got, section+" "+sid)
			if !strings.HasSuffix(sentence, ".") || strings.Contains(sentence, ". ") {
				t.Errorf("%s %s is explained in no sentence, or in several: %q", section, sid, sentence)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-of the template +that deploy/iam.md explains):\n%s", diff)
	}
}

func TestThePageNamesThePoliciesOfEachRole(t *testing.T) {
	t.Parallel()
	s := resolvedStack(t, parse(t, read(t, "template.yaml")), everything)
	want := map[string][]string{}
	all := policies(t, s)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, role := range all[name].roles {
			want[role] = append(want[role], name)
		}
	}
	got := map[string][]string{}
	for role, text := range explanations(t)["The four roles"] {
		_, names, _ := strings.Cut(text, " | ")
		got[role] = strings.Split(names, ", ")
		slices.Sort(got[role])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies of the roles (-of the template +of deploy/iam.md):\n%s", diff)
	}
}

func TestThePageNamesTheLimits(t *testing.T) {
	t.Parallel()
	rows := explanations(t)["Limits that you can set"]
	parameters := parse(t, read(t, "template.yaml")).section("Parameters")
	for _, name := range []string{"Mode", "OnlyGroupsTagged", "PermissionsBoundaryArn"} {
		if rows[name] == "" || parameters[name] == nil {
			t.Errorf("%s: the page says %q, and the template has %v", name, rows[name], parameters[name])
		}
	}
}
