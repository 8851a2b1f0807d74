package targets

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
)

const (
	// maxBytes is far beyond what maxTargets need.
	maxBytes = 1 << 20
	// maxTargets bounds what is kept of all outputs at a time.
	maxTargets = 1000
	// maxExternalID is the longest that STS takes.
	maxExternalID = 1224
)

// The forms of the fields. deploy/targets.schema.json has the same expressions. Those of
// AWS are from the STS API reference, AssumeRole.
var (
	accountPattern    = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern     = regexp.MustCompile(`^[a-z]{2,8}(-[a-z]+)+-[0-9]{1,2}$`)
	namePattern       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	profilePattern    = regexp.MustCompile(`^\S(.*\S)?$`)
	externalIDPattern = regexp.MustCompile(`^[A-Za-z0-9_+=,.@:/-]{2,}$`)
	anyPattern        = regexp.MustCompile(``)
)

// Read reads a file of targets, YAML or JSON: one Target for each account and
// region, in the order of the file. The error lists all problems of the file at
// once, each with line and column.
func Read(path string) ([]Target, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the file of targets: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read the file of targets: %w", err)
	}
	targets, problems := decode(data)
	if len(problems) > 0 {
		return nil, &fileError{path, problems}
	}
	return targets, nil
}

// decode is Read for the content of a file.
func decode(data []byte) ([]Target, []problem) {
	if len(data) > maxBytes {
		return nil, []problem{{1, 1, "", fmt.Sprintf("too large: more than %d bytes", maxBytes)}}
	}
	root, wrong := parse(data)
	if wrong != nil {
		return nil, []problem{*wrong}
	}
	d := &decoder{}
	targets := d.document(root)
	return targets, d.problems
}

func (d *decoder) document(root *yaml.Node) []Target {
	f, ok := d.fields("", root, "schema", "targets")
	if !ok {
		return nil
	}
	if n := f.get("schema"); !f.has("schema") || n.ShortTag() != "!!int" || n.Value != "1" {
		d.wrong(n, "schema", "must be 1, the only version that this command knows")
	}
	var targets []Target
	seen := seen{map[string]string{}, map[string]string{}}
	for i, item := range d.list(f, "targets", "name at least one account") {
		targets = append(targets, d.account(fmt.Sprintf("targets[%d]", i), item, seen)...)
	}
	if len(targets) > maxTargets {
		d.wrong(f.get("targets"), "targets", "has %d accounts and regions; the most is %d", len(targets), maxTargets)
	}
	return targets
}

// seen is what the entries before an entry have.
type seen struct {
	regions  map[string]string // account and region: the path
	accounts map[string]string // name: the account that has it
}

// account reads an entry: a target for each region.
func (d *decoder) account(path string, n *yaml.Node, seen seen) []Target {
	f, ok := d.fields(path, n, "account", "name", "regions", "profile", "role", "externalId")
	if !ok {
		return nil
	}
	if !f.has("account") {
		d.wrong(n, f.pathOf("account"), "is missing: write the id of the account, twelve digits in quotes")
	}
	t := Target{
		Account:    d.string(f, "account", accountPattern, `the id of an account, twelve digits in quotes`),
		Name:       d.string(f, "name", namePattern, "a name of 1 to 64 letters, digits, '.', '_' and '-' that begins with a letter or a digit"),
		Profile:    d.string(f, "profile", profilePattern, "the name of a profile of the AWS configuration"),
		Role:       d.string(f, "role", anyPattern, "the ARN of a role"),
		ExternalID: d.string(f, "externalId", externalIDPattern, "2 to 1224 letters, digits and _+=,.@:/-"),
	}
	d.checkRole(f, t.Account)
	d.checkName(f, &t, seen)
	return d.regions(f, t, seen)
}

// regions reads the regions of an entry: a target for each.
func (d *decoder) regions(f fields, t Target, seen seen) []Target {
	var targets []Target
	for i, item := range d.list(f, "regions", "name at least one region") {
		at := fmt.Sprintf("%s[%d]", f.pathOf("regions"), i)
		t.Region = d.text(item, at, regionPattern, "a region, such as us-east-1")
		if other, twice := seen.regions[t.Account+t.Region]; twice && t.Account != "" && t.Region != "" {
			d.wrong(item, at, "%s of account %s is in %s too: name it once", t.Region, t.Account, other)
		}
		seen.regions[t.Account+t.Region] = at
		targets = append(targets, t)
	}
	return targets
}

// checkRole holds the fields together that say how to get credentials.
func (d *decoder) checkRole(f fields, account string) {
	n, path := f.get("role"), f.pathOf("role")
	switch {
	case f.has("profile") && f.has("role"):
		d.wrong(n, path, "there is a profile too: use a profile, or a role to assume with the credentials of the environment")
	case f.has("externalId") && !f.has("role"):
		d.wrong(f.get("externalId"), f.pathOf("externalId"), "is for a role, and there is none")
	case len(f.get("externalId").Value) > maxExternalID:
		d.wrong(f.get("externalId"), f.pathOf("externalId"), "is longer than %d characters", maxExternalID)
	}
	if !f.has("role") || !isString(n) {
		return
	}
	if err := principal.CheckRole(n.Value); err != nil {
		d.wrong(n, path, "%v", err)
		return
	}
	if of := accountOf(n.Value); account != "" && of != account {
		d.wrong(n, path, "the role is of account %s, not of %s", of, account)
	}
}

// accountOf returns the account of a role's ARN, arn:PARTITION:iam::ACCOUNT:role/NAME.
func accountOf(role string) string { return arnAccount.FindStringSubmatch(role)[1] }

var arnAccount = regexp.MustCompile(`^[^:]*:[^:]*:[^:]*:[^:]*:([^:]*):`)

// checkName sets the name where there is none, and sees to it that a name means one
// account.
func (d *decoder) checkName(f fields, t *Target, seen seen) {
	if t.Name == "" {
		t.Name = t.Account
	}
	if t.Name == "" || t.Account == "" {
		return
	}
	switch other, taken := seen.accounts[t.Name]; {
	case taken && other != t.Account:
		d.wrong(f.get("name"), f.pathOf("name"), "%s is the name of account %s already", t.Name, other)
	case accountPattern.MatchString(t.Name) && t.Name != t.Account:
		d.wrong(f.get("name"), f.pathOf("name"), "%s looks like the id of another account", t.Name)
	}
	seen.accounts[t.Name] = t.Account
}
