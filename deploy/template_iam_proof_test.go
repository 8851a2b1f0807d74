package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/iam"
)

// table has the rows of all statements, by policy and Sid.
func table() map[string]asked {
	all := maps.Clone(ofRoles)
	maps.Copy(all, ofResources)
	maps.Copy(all, ofCentral)
	return all
}

// stackFor are the parameters with which the stack has the statement of a row.
func stackFor(key string) map[string]string {
	if _, onlyThere := ofCentral[key]; onlyThere {
		return centralStack
	}
	return everything
}

// withCopies adds the calls that nobody may make anywhere: those of may in another region, another account, and under
// another prefix.
func (a asked) withCopies() asked {
	for _, c := range a.may {
		if c.Resource == "*" {
			continue
		}
		for _, other := range []*strings.Replacer{
			strings.NewReplacer(":"+stackRegion+":", ":us-east-1:", ":us-east-2:", ":us-east-1:"),
			strings.NewReplacer(":"+stackAccount+":", ":222222222222:", ":"+centralAccount+":", ":222222222222:"),
			strings.NewReplacer("parameter/sg-baseline/", "parameter/sg-baseline-other/", "parameter/sg-baseline", "parameter/sg-baseline-other"),
		} {
			copied := c
			copied.Resource = other.Replace(c.Resource)
			mayToo := slices.ContainsFunc(a.may, func(c iam.Call) bool { return differences(c, copied) == 0 }) // it itself, or one for any account
			if !mayToo {
				a.mayNot = append(slices.Clone(a.mayNot), copied)
			}
		}
	}
	return a
}

// wrong says which calls of a row some policies answer otherwise than they should.
func (a asked) wrong(t *testing.T, all map[string]policy, name string) (problems []string) {
	t.Helper()
	judges := map[string][]iam.Statement{name: all[name].statements}
	if roles := all[name].roles; roles != nil {
		judges = map[string][]iam.Statement{}
		for _, role := range roles {
			judges[role] = statementsOf(all, role)
		}
	}
	for who, statements := range judges {
		for _, c := range a.may {
			if !may(t, statements, c) {
				problems = append(problems, fmt.Sprintf("%s may not: %s", who, c))
			}
		}
		for _, c := range a.mayNot {
			if may(t, statements, c) {
				problems = append(problems, fmt.Sprintf("%s may: %s", who, c))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// TestEachStatementAllowsWhatItIsForAndNothingBesides also fails where a statement has no row: add the row to ofRoles or
// to ofResources.
func TestEachStatementAllowsWhatItIsForAndNothingBesides(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	stacks := map[bool]map[string]policy{
		false: policies(t, resolvedStack(t, parsed, everything)), true: policies(t, resolvedStack(t, parsed, centralStack)),
	}
	there := statementKeys(slices.Collect(maps.Values(stacks))...)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(table())), there); diff != "" {
		t.Errorf("statements (-that have a row +that the template has):\n%s", diff)
	}
	for key, row := range table() {
		name, _, _ := strings.Cut(key, " ")
		_, onlyThere := ofCentral[key]
		for _, problem := range row.withCopies().wrong(t, stacks[onlyThere], name) {
			t.Errorf("%s: %s", key, problem)
		}
	}
}

// statementKeys names the statements of stacks as the rows do, sorted.
func statementKeys(stacks ...map[string]policy) (keys []string) {
	for _, all := range stacks {
		for name, p := range all {
			for _, s := range p.statements {
				keys = append(keys, name+" "+s.Sid)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// TestEachDeniedCallIsTheNeighbourOfAnAllowedOne keeps calls out that are denied for many reasons at once.
func TestEachDeniedCallIsTheNeighbourOfAnAllowedOne(t *testing.T) {
	t.Parallel()
	for key, row := range table() {
		if len(row.may) == 0 || len(row.mayNot) == 0 {
			t.Errorf("%s: %d allowed and %d denied calls, want one of each at least", key, len(row.may), len(row.mayNot))
		}
		for _, denied := range row.mayNot {
			if !slices.ContainsFunc(row.may, func(allowed iam.Call) bool { return differences(denied, allowed) == 1 }) {
				t.Errorf("%s: %s differs from each allowed call in more than one thing, or in none", key, denied)
			}
		}
	}
}

func differences(a, b iam.Call) (n int) {
	for _, same := range []bool{a.Principal == b.Principal, a.Action == b.Action, a.Resource == b.Resource, maps.Equal(a.Context, b.Context)} {
		if !same {
			n++
		}
	}
	return n
}

// TestEachPartOfEachStatementMatters breaks each part of each statement in turn. The statement's row has to notice.
func TestEachPartOfEachStatementMatters(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	for key, row := range table() {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			all := policies(t, resolvedStack(t, parsed, stackFor(key)))
			name, sid, _ := strings.Cut(key, " ")
			at := slices.IndexFunc(all[name].statements, func(s iam.Statement) bool { return s.Sid == sid })
			if at < 0 {
				t.Fatal("the template has no such statement")
			}
			for what, broken := range breakages(all[name].statements[at]) {
				other := all[name]
				other.statements = slices.Clone(other.statements)
				other.statements[at] = broken
				changed := maps.Clone(all)
				changed[name] = other
				if len(row.withCopies().wrong(t, changed, name)) == 0 {
					t.Errorf("the row does not notice: %s", what)
				}
			}
		})
	}
}

// breakages returns a statement with one part taken away, or wider, by what was done.
func breakages(s iam.Statement) map[string]iam.Statement {
	broken := map[string]iam.Statement{}
	for i, action := range s.Actions {
		less, wide := s, s
		less.Actions = slices.Delete(slices.Clone(s.Actions), i, i+1)
		broken["without "+action] = less
		service, _, _ := strings.Cut(action, ":")
		if wide.Actions = append(slices.Clone(s.Actions), service+":*"); !slices.Contains(s.Actions, service+":*") {
			broken["every action of "+service] = wide
		}
	}
	for i, resource := range s.Resources {
		less := s
		less.Resources = slices.Delete(slices.Clone(s.Resources), i, i+1)
		broken["without "+resource] = less
		for _, wider := range widened(resource) {
			wide := s
			wide.Resources = append(slices.Clone(s.Resources), wider)
			broken["on "+wider] = wide
		}
	}
	for i, condition := range s.Conditions {
		wide := s
		wide.Conditions = slices.Delete(slices.Clone(s.Conditions), i, i+1)
		broken["without the condition on "+condition.Key] = wide
	}
	if s.Principals != nil {
		less, wide := s, s
		less.Principals = []iam.Principal{}
		broken["for nobody"] = less
		if wide.Principals = []iam.Principal{{Kind: "AWS", ID: "*"}}; !slices.Equal(s.Principals, wide.Principals) {
			broken["for everybody"] = wide
		}
	}
	return broken
}

// widened returns an ARN with each of its last three parts as a wildcard, and, of a parameter that ends in /*, the ARN
// without that slash. A key's own * is as wide as can be.
func widened(resource string) (all []string) {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) != 6 {
		return nil
	}
	for i := 3; i < 6; i++ {
		wide := slices.Clone(parts)
		if wide[i] != "*" {
			wide[i] = "*"
			all = append(all, strings.Join(wide, ":"))
		}
	}
	if parts[2] == "ssm" && strings.HasSuffix(resource, "/*") {
		all = append(all, strings.TrimSuffix(resource, "/*")+"*")
	}
	return all
}
