package deploy_test

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// setByTheModule are parameters that are no variables of the module: it makes the keys from what it uploads, and it
// deploys to one region, so that the bucket is that of the region.
var setByTheModule = map[string]bool{
	"CanaryCodeKey": true, "CodeBucketPerRegion": true, "NotifierCodeKey": true, "RemediatorCodeKey": true, "SweeperCodeKey": true,
}

// notPassed are parameters that keep the template's default.
var notPassed = map[string]bool{"CodeBucketPerRegion": true}

// moduleOnly are variables that are no parameters: options of deploy.sh, and tags.
var moduleOnly = map[string]bool{"stack_name": true, "tags": true, "zips": true}

// blocksOf returns the blocks of all files of a directory with Terraform's files.
func blocksOf(t *testing.T, dir string) (blocks hclsyntax.Blocks) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files of %s: %v, %v", dir, files, err)
	}
	for _, file := range files {
		parsed, problems := hclsyntax.ParseConfig([]byte(read(t, file)), file, hcl.InitialPos)
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		blocks = append(blocks, parsed.Body.(*hclsyntax.Body).Blocks...)
	}
	return blocks
}

// variablesOf returns the default of each variable, "none" where it has none.
func variablesOf(blocks hclsyntax.Blocks) map[string]string {
	variables := map[string]string{}
	for _, block := range blocks {
		if block.Type != "variable" {
			continue
		}
		value := "none"
		if standard, found := block.Body.Attributes["default"]; found {
			if v, problems := standard.Expr.Value(nil); !problems.HasErrors() && !v.IsNull() && v.Type().FriendlyName() == "string" {
				value = v.AsString()
			}
		}
		variables[block.Labels[0]] = value
	}
	return variables
}

var inner = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// snake returns AlertEmail as alert_email.
func snake(name string) string { return strings.ToLower(inner.ReplaceAllString(name, "${1}_$2")) }

func TestTheModuleHasTheTemplatesParametersAndDefaults(t *testing.T) {
	t.Parallel()
	want, got := map[string]string{}, map[string]string{}
	for name, parameter := range parse(t, read(t, "template.yaml")).section("Parameters") {
		if setByTheModule[name] {
			continue
		}
		want[snake(name)] = "none"
		if standard, found := get(parameter, "Default").(string); found {
			want[snake(name)] = standard
		}
	}
	for name, standard := range variablesOf(blocksOf(t, "terraform")) {
		if !moduleOnly[name] {
			got[name] = standard
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables in deploy/terraform/variables.tf against the template's parameters (-template +module):\n%s", diff)
	}
}

func TestTheModulePassesEachParameterFromItsVariable(t *testing.T) {
	t.Parallel()
	want, got := map[string]string{}, map[string]string{}
	for name := range parse(t, read(t, "template.yaml")).section("Parameters") {
		switch {
		case notPassed[name]:
		case setByTheModule[name]:
			want[name] = "aws_s3_object.zip[" + strings.ToLower(strings.TrimSuffix(name, "CodeKey")) + "].key"
		default:
			want[name] = "var." + snake(name)
		}
	}
	for _, block := range blocksOf(t, "terraform") {
		if block.Type != "resource" || block.Labels[0] != "aws_cloudformation_stack" {
			continue
		}
		for _, item := range block.Body.Attributes["parameters"].Expr.(*hclsyntax.ObjectConsExpr).Items {
			name, problems := item.KeyExpr.Value(nil)
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			got[name.AsString()] = traversed(item.ValueExpr.Variables()[0])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters of the stack in deploy/terraform/main.tf (-want +got):\n%s", diff)
	}
}

// traversed returns a traversal as it is written, without the quotes of an index.
func traversed(traversal hcl.Traversal) string {
	var text strings.Builder
	for _, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			text.WriteString(step.Name)
		case hcl.TraverseAttr:
			text.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			fmt.Fprintf(&text, "[%s]", step.Key.AsString())
		}
	}
	return text.String()
}

// attributes are those of the provider's resources and data sources that the module and the example use, and others that they
// may use. The table was written by hand. `terraform validate` would hold the files to the provider's own schema, and needs
// the provider.
var attributes = map[string][]string{
	"aws_cloudformation_stack":            {"capabilities", "disable_rollback", "name", "on_failure", "parameters", "policy_body", "tags", "template_body", "template_url", "timeout_in_minutes"},
	"aws_s3_object":                       {"bucket", "content", "etag", "for_each", "key", "kms_key_id", "server_side_encryption", "source", "source_hash", "tags"},
	"aws_partition":                       {},
	"aws_s3_bucket":                       {"bucket"},
	"aws_security_group":                  {"description", "name", "tags", "vpc_id"},
	"aws_vpc_security_group_ingress_rule": {"cidr_ipv4", "cidr_ipv6", "description", "from_port", "ip_protocol", "prefix_list_id", "referenced_security_group_id", "security_group_id", "to_port"},
}

// traversalsOf returns what a block refers to, in the blocks inside too.
func traversalsOf(body *hclsyntax.Body) (all []hcl.Traversal) {
	for _, attribute := range body.Attributes {
		all = append(all, attribute.Expr.Variables()...)
	}
	for _, block := range body.Blocks {
		all = append(all, traversalsOf(block.Body)...)
	}
	return all
}

// configurationProblems says what a configuration refers to and does not have, and what it sets that the provider does
// not know.
func configurationProblems(blocks hclsyntax.Blocks) (problems []string) {
	declared := map[string]bool{"path.module": true, "each.key": true}
	for _, block := range blocks {
		switch block.Type {
		case "variable":
			declared["var."+block.Labels[0]] = true
		case "module":
			declared["module."+block.Labels[0]] = true
		case "resource":
			declared[strings.Join(block.Labels, ".")] = true
		case "data":
			declared["data."+strings.Join(block.Labels, ".")] = true
		case "locals":
			for name := range block.Body.Attributes {
				declared["local."+name] = true
			}
		}
	}
	for _, block := range blocks {
		for _, traversal := range traversalsOf(block.Body) {
			words := strings.Split(strings.SplitN(traversed(traversal), "[", 2)[0], ".")
			length := min(len(words), 2)
			if words[0] == "data" {
				length = min(len(words), 3)
			}
			if name := strings.Join(words[:length], "."); !declared[name] && block.Type != "variable" { // whose types are no references
				problems = append(problems, fmt.Sprintf("%s %v refers to %s, which is not there", block.Type, block.Labels, name))
			}
		}
		if block.Type != "resource" && block.Type != "data" {
			continue
		}
		for name := range block.Body.Attributes {
			if !slices.Contains(attributes[block.Labels[0]], name) {
				problems = append(problems, fmt.Sprintf("%s %v sets %s, which the provider does not know", block.Type, block.Labels, name))
			}
		}
	}
	return problems
}

func TestTheTerraformFilesReferToWhatIsThere(t *testing.T) {
	t.Parallel()
	module := variablesOf(blocksOf(t, "terraform"))
	for _, dir := range []string{"terraform", "terraform/example"} {
		blocks := blocksOf(t, dir)
		for _, problem := range configurationProblems(blocks) {
			t.Errorf("%s: %s", dir, problem)
		}
		for _, block := range blocks {
			for name := range block.Body.Attributes {
				if _, found := module[name]; block.Type == "module" && name != "source" && !found {
					t.Errorf("%s: the module has no variable %s", dir, name)
				}
			}
		}
	}
}

func TestATerraformFileWithAMistakeIsNoticed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`resource "aws_s3_object" "a" { bucket = var.none }`:                               "refers to var.none",
		`resource "aws_s3_object" "a" { bukket = "b" }`:                                    "sets bukket",
		`output "a" { value = aws_s3_object.none["x"].key }`:                               "refers to aws_s3_object.none",
		`output "a" { value = data.aws_partition.none.dns_suffix }`:                        "refers to data.aws_partition.none",
		`resource "aws_lambda_function" "a" { filename = "x" }`:                            "sets filename",
		`variable "a" {}` + "\n" + `output "a" { value = var.a }`:                          "",
		`locals { a = "b" }` + "\n" + `output "a" { value = "${path.module}/${local.a}" }`: "",
	} {
		parsed, problems := hclsyntax.ParseConfig([]byte(text+"\n"), "x.tf", hcl.InitialPos)
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		got := strings.Join(configurationProblems(parsed.Body.(*hclsyntax.Body).Blocks), "\n")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestTheTerraformFilesAreFormatted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("terraform/*.tf")
	more, errMore := filepath.Glob("terraform/*/*.tf")
	if files = append(files, more...); err != nil || errMore != nil || len(files) < 5 {
		t.Fatalf("%v, %v, %v", files, err, errMore)
	}
	for _, file := range files {
		text := read(t, file)
		if diff := cmp.Diff(string(hclwrite.Format([]byte(text))), text); diff != "" {
			t.Errorf("%s (-formatted +as it is):\n%s", file, diff)
		}
	}
	program, err := exec.LookPath("terraform")
	if err != nil {
		t.Log("terraform is not on PATH: checked by its formatting library alone")
		return
	}
	if said, err := exec.CommandContext(t.Context(), program, "fmt", "-check", "-diff", "-recursive", "terraform").CombinedOutput(); err != nil {
		t.Errorf("terraform fmt: %v: %s", err, said)
	}
}

// The module uploads each zip under the key that deploy.sh would use, so that each of the two finds the other's objects.
func TestTheModuleUploadsWhatDeployScriptUploads(t *testing.T) {
	t.Parallel()
	source := read(t, "terraform/main.tf")
	var functions []string
	for _, match := range regexp.MustCompile(`(?m)^ +upload_code (\w+) \w+$`).FindAllStringSubmatch(read(t, "deploy.sh"), -1) {
		functions = append(functions, match[1])
	}
	for _, name := range slices.Sorted(maps.Keys(setByTheModule)) {
		if function, is := strings.CutSuffix(name, "CodeKey"); is && !strings.Contains(source, fmt.Sprintf("%q", strings.ToLower(function))) {
			t.Errorf("the module uploads no zip for %s", name)
		}
	}
	slices.Sort(functions)
	if len(functions) > 0 && !strings.Contains(source, `toset(["`+strings.Join(functions, `", "`)+`"])`) {
		t.Errorf("deploy.sh uploads %v, and the module other zips", functions)
	}
}
