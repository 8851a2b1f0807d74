package terraform

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plan is a document in the making.
type plan struct {
	resources, changes, deferred, configured []any
	calls                                    map[string]any
	without                                  []string // keys of the document to leave out
}

type object = map[string]any

// known adds a group that exists, in a module where the address has one.
func (p plan) known(address, id string, extra ...object) plan {
	values := merge(append([]object{{"id": id, "name": "n", "ingress": []any{}, "egress": []any{}}}, extra...)...)
	p = p.resource("aws_security_group", address, values, object{})
	p.changes[len(p.changes)-1].(object)["change"].(object)["before"] = values
	return p
}

// planned adds a group that the plan makes.
func (p plan) planned(address string) plan {
	return p.resource("aws_security_group", address, object{"name": "new"}, object{"id": true, "ingress": true, "egress": true})
}

// rule adds a rule of type aws_security_group_rule from a CIDR.
func (p plan) rule(address string, values, unknown object) plan {
	base := object{"type": "ingress", "protocol": "tcp", "from_port": 443, "to_port": 443, "self": false}
	return p.resource("aws_security_group_rule", address, merge(base, values), merge(object{"id": true}, unknown))
}

func (p plan) resource(kind, address string, values, unknown object) plan {
	words := strings.Split(address, ".")
	name, _, _ := strings.Cut(words[len(words)-1], "[")
	r := object{"address": address, "mode": "managed", "type": kind, "name": name}
	module := strings.Join(words[:len(words)-2], ".")
	p.resources = append(slices.Clip(p.resources), object{"address": module, "resources": []any{merge(r, object{"values": values})}})
	p.changes = append(slices.Clip(p.changes), merge(r, object{"module_address": module, "change": object{
		"actions": []string{"create"}, "before": nil, "after": values, "after_unknown": unknown,
	}}))
	return p
}

func (p plan) changed(kind, address string, deposed string, actions []string, before object) plan {
	p.changes = append(slices.Clip(p.changes), object{"address": address, "mode": "managed", "type": kind, "name": "x", "deposed": deposed, "change": object{
		"actions": actions, "before": before, "after": nil, "after_unknown": false,
	}})
	return p
}

// refers says in the configuration of the root module what the rule r's group is.
func (p plan) refers(references ...string) plan {
	p.configured = append(slices.Clip(p.configured), configured("aws_security_group_rule", "r", object{"security_group_id": object{"references": references}}))
	return p
}

func configured(kind, name string, expressions object) object {
	return object{"address": kind + "." + name, "mode": "managed", "type": kind, "name": name, "expressions": expressions}
}

func (p plan) json(t *testing.T) []byte {
	t.Helper()
	doc := object{
		"format_version":   "1.2",
		"planned_values":   object{"root_module": object{"child_modules": p.resources}},
		"resource_changes": p.changes,
		"deferred_changes": p.deferred,
		"configuration":    object{"root_module": object{"resources": p.configured, "module_calls": p.calls}},
	}
	for _, key := range p.without {
		delete(doc, key)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func merge(all ...object) object {
	merged := object{}
	for _, o := range all {
		for key, value := range o {
			merged[key] = value
		}
	}
	return merged
}

func TestPlans(t *testing.T) {
	t.Parallel()
	const sgA, sgB = "sg-0a", "sg-0b"
	none := []string{}
	noGroup := object{"security_group_id": true}
	cidr := object{"cidr_blocks": []string{"10.0.0.0/8"}}
	of := func(id string, extra ...object) object {
		return merge(append(extra, object{"security_group_id": id})...)
	}
	block := func(port int, cidrs ...string) object {
		return object{"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": cidrs}
	}
	two := plan{}.known("aws_security_group.a", sgA).known("aws_security_group.b", sgB).planned("aws_security_group.new")
	cases := map[string]struct {
		plan    plan
		written []string // groups
		want    []string // parts of the result's text; nil: nothing is withheld; none: nor listed
	}{
		"a rule of a group that the plan makes holds nobody back": {
			two.rule("aws_security_group_rule.r", cidr, noGroup).refers("aws_security_group.new.id", "aws_security_group.new"),
			[]string{sgA, sgB},
			[]string{"aws_security_group_rule.r: its group is known only after apply"},
		},
		"one of either of two groups holds back the one that there is": {
			two.rule("aws_security_group_rule.r", cidr, noGroup).refers("aws_security_group.new.id", "aws_security_group.a.id"),
			[]string{sgB},
			[]string{"this may be a rule of aws_security_group.a"},
		},
		"one of something that is looked up holds back all": {
			two.rule("aws_security_group_rule.r", cidr, noGroup).refers("data.aws_security_group.x.id"),
			nil,
			[]string{"may be a rule of aws_security_group.a", "may be a rule of aws_security_group.b"},
		},
		"one of a resource that makes its group holds nobody back": {
			two.rule("aws_security_group_rule.r", cidr, noGroup).refers("aws_vpc.new.default_security_group_id", "aws_vpc.new"),
			[]string{sgA, sgB},
			nil,
		},
		"one of a local value, beside a new group, holds back the other groups of the module": {
			two.known("module.m.aws_security_group.c", "sg-0c").rule("aws_security_group_rule.r", cidr, noGroup).refers("local.id"),
			[]string{"sg-0c"},
			[]string{"may be a rule of aws_security_group.a"},
		},
		"one of a local value, with no new group beside it, holds back all": {
			plan{}.known("aws_security_group.a", sgA).planned("module.m.aws_security_group.new").
				rule("aws_security_group_rule.r", cidr, noGroup).refers("local.id"),
			nil,
			[]string{"may be a rule of aws_security_group.a"},
		},
		"without the configuration it may be of any group": {
			plan{without: []string{"configuration"}, resources: two.resources, changes: two.changes}.
				rule("aws_security_group_rule.r", cidr, noGroup),
			nil,
			[]string{"may be a rule of aws_security_group.b"},
		},
		"one through a variable and an output": {
			plan{calls: object{
				"rules": object{
					"expressions": object{"group": object{"references": []string{`module.group["x"].id`, `module.group["x"]`}}},
					"module": object{"resources": []any{
						configured("aws_security_group_rule", "r", object{"security_group_id": object{"references": []string{"var.group"}}}),
					}},
				},
				"group": object{"module": object{"outputs": object{"id": object{"expression": object{
					"references": []string{"aws_security_group.this[0].id", "aws_security_group.this[0]", "aws_security_group.this"},
				}}}}},
			}}.known("aws_security_group.a", sgA).planned(`module.group["x"].aws_security_group.this[0]`).
				rule("module.rules[0].aws_security_group_rule.r", cidr, noGroup),
			[]string{sgA},
			[]string{"module.rules[0].aws_security_group_rule.r: its group is known only after apply"},
		},
		"the same, where the output is of a group that there is": {
			plan{calls: object{
				"rules": object{
					"expressions": object{"group": object{"references": []string{"module.group.id", "module.group"}}},
					"module": object{"resources": []any{
						configured("aws_security_group_rule", "r", object{"security_group_id": object{"references": []string{"var.group"}}}),
					}},
				},
				"group": object{"module": object{"outputs": object{"id": object{"expression": object{"references": []string{"aws_security_group.this.id"}}}}}},
			}}.known("aws_security_group.a", sgA).known("module.group.aws_security_group.this", sgB).
				rule("module.rules.aws_security_group_rule.r", cidr, noGroup),
			[]string{sgA},
			[]string{"may be a rule of module.group.aws_security_group.this"},
		},
		"one of each.value, over a map of groups": {
			plan{configured: []any{merge(configured("aws_security_group_rule", "r", object{"security_group_id": object{"references": []string{"each.value"}}}),
				object{"for_each_expression": object{"references": []string{"aws_security_group.new.id", "aws_security_group.a.id"}}})}}.
				known("aws_security_group.a", sgA).known("aws_security_group.b", sgB).planned("aws_security_group.new").
				rule(`aws_security_group_rule.r["x"]`, cidr, noGroup),
			[]string{sgB},
			[]string{"may be a rule of aws_security_group.a"},
		},
		"a rule from a group that the plan makes withholds its own": {
			two.rule("aws_security_group_rule.r", of(sgA), object{"source_security_group_id": true}),
			[]string{sgB},
			[]string{"aws_security_group_rule.r: source_security_group_id is known only after apply"},
		},
		"a source that the provider computes beside a CIDR is none": {
			two.rule("aws_security_group_rule.r", of(sgA, cidr), object{"source_security_group_id": true}), []string{sgA, sgB}, nil,
		},
		"nor beside the group itself": {
			two.rule("aws_security_group_rule.r", of(sgA, object{"self": true}), object{"source_security_group_id": true}), []string{sgA, sgB}, nil,
		},
		"beside a prefix list the configuration says: not written": {
			two.rule("aws_security_group_rule.r", of(sgA, object{"prefix_list_ids": []string{"pl-0a"}}), object{"source_security_group_id": true}).
				refers("aws_security_group.a.id"),
			[]string{sgA, sgB},
			nil,
		},
		"beside a prefix list without the configuration": {
			two.rule("aws_security_group_rule.r", of(sgA, object{"prefix_list_ids": []string{"pl-0a"}}), object{"source_security_group_id": true}),
			[]string{sgB},
			[]string{"source_security_group_id is known only after apply"},
		},
		"an unknown description doesn't matter": {
			two.rule("aws_security_group_rule.r", of(sgA, cidr), object{"description": true}), []string{sgA, sgB}, nil,
		},
		"an unknown CIDR": {
			two.rule("aws_security_group_rule.r", of(sgA), object{"cidr_blocks": []any{true}}), []string{sgB}, []string{"cidr_blocks[0] is known only after apply"},
		},
		"a rule that Terraform forgets stays in EC2": {
			two.changed("aws_security_group_rule", "aws_security_group_rule.r", "", []string{"forget"}, of(sgA, cidr)),
			[]string{sgB},
			[]string{"Terraform forgets this rule"},
		},
		"a deposed object is on its way out": {
			two.changed("aws_security_group", "aws_security_group.a", "deadbeef", []string{"delete"}, object{"id": "sg-0d"}), []string{sgA, sgB}, nil,
		},
		"a deferred rule": {
			plan{deferred: []any{object{"reason": "deferred_prereq", "resource_change": object{
				"address": "aws_security_group_rule.r", "type": "aws_security_group_rule", "name": "r", "change": object{"after": of(sgA)},
			}}}}.known("aws_security_group.a", sgA).known("aws_security_group.b", sgB),
			[]string{sgB},
			[]string{"its change is deferred"},
		},
		"a deferred rule of who knows which group": {
			plan{deferred: []any{object{"resource_change": object{
				"address": "aws_security_group_rule.r", "type": "aws_security_group_rule", "name": "r", "change": object{"after": object{}},
			}}}}.known("aws_security_group.a", sgA),
			nil,
			[]string{"may be a rule of aws_security_group.a"},
		},
		"inline rules that the plan changes are written by somebody, if only by a dynamic block": {
			plan{}.known("aws_security_group.a", sgA, object{"ingress": []any{block(22, "10.0.0.0/8"), block(80, "10.0.0.0/8")}}).
				changed("aws_security_group_rule", "aws_security_group_rule.r", "", []string{"delete"}, of(sgA, block(22, "10.0.0.0/8"), object{"type": "ingress"})),
			[]string{sgA},
			nil,
		},
		"inline rules that nothing writes came from elsewhere": {
			plan{configured: []any{configured("aws_security_group", "a", object{"name": object{}})}}.
				known("aws_security_group.a", sgA, object{"ingress": []any{block(22, "10.0.0.0/8")}}),
			[]string{sgA},
			[]string{"ingress tcp 22 10.0.0.0/8 is in the group, but nothing here writes its ingress rules, unless a dynamic block does"},
		},
		"nothing is listed of inline rules that the configuration writes": {
			plan{configured: []any{configured("aws_security_group", "a", object{"ingress": []any{object{}}})}}.
				known("aws_security_group.a", sgA, object{"ingress": []any{block(22, "10.0.0.0/8")}}),
			[]string{sgA},
			none,
		},
		"groups and rules of the other provider": {
			two.resource("awscc_ec2_security_group_ingress", "awscc_ec2_security_group_ingress.r", object{"group_id": sgA}, object{}),
			[]string{sgB},
			[]string{"awscc_ec2_security_group_ingress are not read"},
		},
		"a rule without source": {two.rule("aws_security_group_rule.r", of(sgA), nil), []string{sgB}, []string{"neither source nor destination"}},
		"a rule with a port that is none": {
			two.rule("aws_security_group_rule.r", of(sgA, cidr, object{"from_port": 80.5}), nil), []string{sgB}, []string{"from_port is 80.5, which is not a whole number"},
		},
		"a group by its name": {
			two.rule("aws_security_group_rule.r", of(sgA, object{"source_security_group_id": "default"}), nil), []string{sgB}, []string{`"default" is not an id`},
		},
		"an inline rule that can't be read": {
			plan{}.known("aws_security_group.a", sgA, object{"egress": []any{block(80, "10.0.0.0/8"), block(80, "anywhere")}}),
			nil,
			[]string{`"anywhere" is not a CIDR`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Read(c.plan.json(t))
			if err != nil {
				t.Fatal(err)
			}
			var written []string
			for _, g := range result.Groups {
				written = append(written, g.ID)
			}
			got := text(result)
			if diff := cmp.Diff(c.written, written); diff != "" {
				t.Errorf("%s\n%s", diff, got)
			}
			if slices.ContainsFunc(c.want, func(s string) bool {
				return !strings.Contains(got, s)
			}) {
				t.Errorf("want %q in:\n%s", c.want, got)
			}
			if cmp.Equal(c.want, none) && strings.Contains(got, "unresolved") {
				t.Errorf("something is listed:\n%s", got)
			}
			if c.want == nil && strings.Contains(got, "withheld=true") {
				t.Errorf("something is withheld:\n%s", got)
			}
		})
	}
}

func TestWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ data, want string }{
		"a plan as Terraform stores it":         {"PK\x03\x04...", "terraform show -json PLAN"},
		"a state as Terraform stores it":        {`{"version": 4, "lineage": "x", "resources": []}`, "terraform show -json > FILE"},
		"other JSON":                            {`{}`, "no format_version"},
		"a list":                                {`[]`, "not the JSON of a state or a plan"},
		"no JSON":                               {`resource "aws_security_group" "x" {}`, "not the JSON"},
		"nothing":                               {``, "not the JSON"},
		"the log of a run":                      {"{\"@level\":\"info\"}\n{\"@level\":\"info\"}\n", "not the JSON"},
		"UTF-16":                                {"\xff\xfe{\x00}\x00", "UTF-16"},
		"a format to come":                      {`{"format_version": "2.0", "values": {}}`, "format_version 2.0 is not understood"},
		"a plan that failed":                    {`{"format_version": "1.2", "errored": true, "planned_values": {}}`, "plan again"},
		"an empty state":                        {`{"format_version": "1.0"}`, "neither a state with resources nor a plan"},
		"attributes that are not what they say": {`{"format_version": "1.0", "values": {"root_module": {"resources": 7}}}`, "not the JSON"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Read([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if result, err := Read([]byte("\xef\xbb\xbf" + `{"format_version": "1.3", "values": {"root_module": {}}, "new": 1}`)); err != nil || len(result.Groups) != 0 {
		t.Errorf("a later 1.x with a byte-order mark: %v, %v", result, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a","mode":"managed","type":"aws_security_group","values":{"id":"sg-0a","ingress":[{"protocol":"tcp","from_port":1,"to_port":2,"cidr_blocks":["10.0.0.0/8"]}]}}]}}}`))
	f.Add([]byte(`{"format_version":"1.0","planned_values":{},"resource_changes":[{"change":{"after_unknown":false}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := Read(data)
		if err != nil {
			return
		}
		for _, u := range result.Unresolved {
			for _, g := range result.Groups {
				if u.Withheld && u.GroupID == g.ID {
					t.Errorf("%s is withheld and written", g.ID)
				}
			}
		}
	})
}
