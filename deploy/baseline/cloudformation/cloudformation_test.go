package cloudformation

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const stackID = "arn:aws:cloudformation:us-east-1:111122223333:stack/shop/0a1b2c3d-0000-1111-2222-333344445555"

func TestATemplateInYAML(t *testing.T) {
	t.Parallel()
	template, err := os.ReadFile("testdata/service.yaml")
	if err != nil {
		t.Fatal(err)
	}
	result, err := Read(Stack{
		ID: stackID, Name: "shop", Template: template,
		Parameters: map[string]string{"VpcId": "vpc-0e", "OfficeCidr": "192.0.2.0/24", "Monitoring": "sg-0e0000000000000aa", "Port": "8080", "Secret": "****"},
		Physical: map[string]string{
			"Network": "vpc-0e1", "Endpoints": "pl-0e0000000000000ee", "Web": "sg-0e00000000000000a", "Database": "sg-0e00000000000000b",
			"DatabaseFromItself": "sgr-0e1", "Cache": "sg-0e00000000000000c", "CacheOut": "sgr-0e2", "Shared": "sgr-0e3", "Elsewhere": "sgr-0e4",
			"Optional": "sg-0e00000000000000d", "Nested": stackID + "-nested",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := text(result)
	if *update {
		if err := os.WriteFile("testdata/service.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/service.txt")
	if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
}

// text writes a result for people to compare.
func text(result imported.Result) string {
	var b strings.Builder
	for _, g := range result.Groups {
		fmt.Fprintf(&b, "%s %q %s\n", g.ID, g.Name, g.Address)
		for _, r := range g.Rules {
			fmt.Fprintf(&b, "  %s %q\n", r.Rule, r.Description)
		}
		for _, r := range g.Default {
			fmt.Fprintf(&b, "  default %s\n", r)
		}
		for _, r := range g.Leftover {
			fmt.Fprintf(&b, "  leftover %s\n", r)
		}
	}
	for _, u := range result.Unresolved {
		fmt.Fprintf(&b, "unresolved %s: %s [%s withheld=%t]\n", u.Address, u.Reason, u.GroupID, u.Withheld)
	}
	return b.String()
}

// TestRules reads a group with one rule of which the source, or more, is given.
func TestRules(t *testing.T) {
	t.Parallel()
	const source = `{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": %s}`
	cases := map[string]struct{ ingress, want string }{
		"a parameter":                     {fmt.Sprintf(source, `{"Ref": "Cidr"}`), "ingress tcp 80 192.0.2.0/24"},
		"a parameter in a text":           {fmt.Sprintf(source, `{"Fn::Sub": "${ Cidr }"}`), "ingress tcp 80 192.0.2.0/24"},
		"a text with variables":           {fmt.Sprintf(source, `{"Fn::Sub": ["${A}/${B}", {"A": "10.0.0.1", "B": 32}]}`), "ingress tcp 80 10.0.0.1/32"},
		"host bits, as EC2 masks them":    {fmt.Sprintf(source, `"10.0.0.5/8"`), "ingress tcp 80 10.0.0.0/8"},
		"a number for a protocol":         {`{"IpProtocol": 50, "CidrIp": "10.0.0.0/8"}`, "ingress 50 all 10.0.0.0/8"},
		"several sources in one":          {`{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8", "CidrIpv6": "2001:db8::/32"}`, "ingress all all 2001:db8::/32"},
		"nothing for a value":             {`{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8", "CidrIpv6": {"Ref": "AWS::NoValue"}}`, "ingress all all 10.0.0.0/8"},
		"an import":                       {fmt.Sprintf(source, `{"Fn::ImportValue": "x"}`), "CidrIp: Fn::ImportValue is not evaluated [sg-0a withheld=true]"},
		"a choice":                        {fmt.Sprintf(source, `{"Fn::If": ["C", "10.0.0.0/8", "10.1.0.0/16"]}`), "CidrIp: Fn::If is not evaluated"},
		"an import in a text":             {fmt.Sprintf(source, `{"Fn::Sub": ["${A}", {"A": {"Fn::ImportValue": "x"}}]}`), "Fn::ImportValue is not evaluated"},
		"a hidden parameter":              {fmt.Sprintf(source, `{"Ref": "Hidden"}`), "the parameter Hidden is hidden (NoEcho)"},
		"an unknown reference":            {fmt.Sprintf(source, `{"Ref": "Nobody"}`), "neither a parameter nor a resource is called Nobody"},
		"an attribute of something":       {fmt.Sprintf(source, `{"Fn::GetAtt": ["Sub", "Outputs.Cidr"]}`), "Fn::GetAtt Sub.Outputs.Cidr is not evaluated"},
		"a CIDR that refers to itself":    {fmt.Sprintf(source, `{"Fn::GetAtt": "V.CidrBlock"}`), "the CidrBlock of V is not evaluated"},
		"a dynamic reference":             {fmt.Sprintf(source, `"{{resolve:ssm:/cidr}}"`), "the dynamic reference {{resolve:ssm:/cidr}} is not resolved"},
		"a text that escapes a reference": {fmt.Sprintf(source, `{"Fn::Sub": "${!Cidr}"}`), `"${Cidr}" is not a CIDR`},
		"a list":                          {fmt.Sprintf(source, `["10.0.0.0/8"]`), "is not a single value"},
		"a group by its name":             {`{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "SourceSecurityGroupName": "web"}`, "the group web is named, its id is not given"},
		"a group that isn't there":        {`{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "SourceSecurityGroupId": {"Ref": "Unmade"}}`, `its physical id "" is not the id of a group`},
		"no source":                       {`{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}`, "neither source nor destination"},
		"no ports":                        {`{"IpProtocol": "tcp", "CidrIp": "10.0.0.0/8"}`, "a tcp rule without a port range"},
		"a port that is none":             {`{"IpProtocol": "tcp", "FromPort": "http", "ToPort": 80, "CidrIp": "10.0.0.0/8"}`, `"http" is not a port`},
		"no rule":                         {`"x"`, "x is no rule"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Read(Stack{
				ID: stackID, Name: "shop", Parameters: map[string]string{"Cidr": "192.0.2.0/24", "Hidden": "****"}, Physical: map[string]string{"G": "sg-0a", "Sub": "arn"},
				Template: fmt.Appendf(nil, `{"Resources": {
					"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [%s], "SecurityGroupEgress": [{"IpProtocol": -1, "CidrIp": "10.0.0.0/8"}]}},
					"Unmade": {"Type": "AWS::EC2::SecurityGroup", "Condition": "C"}, "Sub": {"Type": "AWS::S3::Bucket"},
					"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Fn::GetAtt": ["V", "CidrBlock"]}}}}}`, c.ingress),
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := text(result); !strings.Contains(got, c.want) || strings.Contains(got, "withheld=true") != strings.Contains(got, "unresolved") || strings.Contains(got, "unresolved") == (len(result.Groups) == 1) {
				t.Errorf("want %q in:\n%s", c.want, got)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	const (
		group  = `"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}}`
		single = `, "R": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {"GroupId": {"Ref": "G"}, "IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}}`
	)
	cases := map[string]struct{ resources, physical, want string }{
		"egress that nobody writes": {group, "G=sg-0a", "sg-0a \"\" G\n  default egress all all 0.0.0.0/0\n  default egress all all ::/0\n"},
		"egress by another resource": {
			group + single, "G=sg-0a R=r",
			"sg-0a \"\" G\n  egress all all 10.0.0.0/8 \"\"\n  leftover egress all all 0.0.0.0/0\n  leftover egress all all ::/0\n",
		},
		"an empty list for egress": {
			`"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupEgress": []}}`, "G=sg-0a",
			"sg-0a \"\" G\n  leftover egress all all 0.0.0.0/0\n  leftover egress all all ::/0\n",
		},
		"a rule that the stack has not made":  {group + single, "G=sg-0a", "unresolved R: the stack has not made it [sg-0a withheld=true]\n"},
		"a group that the stack has not made": {group, "", "unresolved G: the stack has not made it [ withheld=false]\n"},
		"a group that a condition leaves out": {`"G": {"Type": "AWS::EC2::SecurityGroup", "Condition": "C"}`, "", ""},
		"a group outside of a VPC":            {group, "G=shop-G-1ABC", "unresolved G: its physical id \"shop-G-1ABC\" is not the id of a group: capture it [ withheld=false]\n"},
		"a rule of one of two groups": {
			group + `, "H": {"Type": "AWS::EC2::SecurityGroup"}, "R": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::If": ["C", {"Ref": "G"}, "sg-0c"]}, "IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}}`,
			"G=sg-0a H=sg-0b R=r",
			"sg-0b \"\" H\n  default egress all all 0.0.0.0/0\n  default egress all all ::/0\n" +
				"unresolved R: its group can't be told: Fn::If is not evaluated [ withheld=false]\nunresolved R: this may be a rule of G [sg-0a withheld=true]\n",
		},
		"a rule of a group by its name": {
			group + `, "R": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupName": {"Ref": "G"}, "IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}}`, "G=sg-0a R=r",
			"unresolved R: its group can't be told: it names its group instead of giving the id [ withheld=false]\nunresolved R: this may be a rule of G [sg-0a withheld=true]\n",
		},
		"rules in place of which a function stands": {
			`"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": {"Fn::If": ["C", [], []]}}}`, "G=sg-0a",
			"unresolved G.ingress[0]: Fn::If is not evaluated [sg-0a withheld=true]\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			physical := map[string]string{}
			for _, pair := range strings.Fields(c.physical) {
				logical, id, _ := strings.Cut(pair, "=")
				physical[logical] = id
			}
			result, err := Read(Stack{ID: stackID, Template: []byte(`{"Resources": {` + c.resources + "}}"), Physical: physical})
			if diff := cmp.Diff(c.want, text(result)); err != nil || diff != "" {
				t.Errorf("%v: %s", err, diff)
			}
		})
	}
}

func TestTemplatesThatCantBeRead(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ template, want string }{
		"nothing":             {"", "it is empty"},
		"no YAML":             {"a: [", "template of stack shop: yaml:"},
		"no JSON":             {"{", "template of stack shop: "},
		"no resources":        {"Parameters: {}", "it has no Resources"},
		"a list":              {"- a", "it has no Resources"},
		"a resource of words": {"Resources: {A: b}", "the resource A is no mapping"},
		"an alias":            {"Resources:\n  A: &a {Type: x}\n  B: *a", "line 3: YAML that CloudFormation doesn't take"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Read(Stack{Name: "shop", Template: []byte(c.template)}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	seed, err := os.ReadFile("testdata/service.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"Resources": {"Web": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": {"Fn::If": ["C", [], []]}}}}}`))
	f.Fuzz(func(_ *testing.T, template []byte) {
		_, _ = Read(Stack{ID: stackID, Name: "shop", Template: template, Physical: map[string]string{"Web": "sg-0a", "Database": "sg-0b"}})
	})
}
