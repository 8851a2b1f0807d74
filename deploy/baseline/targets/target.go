// Package targets runs one piece of work over many accounts and regions side by
// side. A file names the accounts and regions (deploy/targets.schema.json).
package targets

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Target is one region of one account, and how to get credentials for it. With
// neither a profile nor a role, the credentials are those of the environment.
type Target struct {
	Account    string // twelve digits
	Name       string // of the account, for people; the account's id where the file gives none
	Region     string
	Profile    string // of the AWS configuration
	Role       string // ARN of the role to assume with the credentials of the environment
	ExternalID string // for the role; empty where none is needed
}

// String is the label of a target, such as "production us-east-1". No two targets
// of a file have the same.
func (t Target) String() string { return t.Name + " " + t.Region }

// Fill returns text with {account}, {region} and {name} replaced by those of the
// target.
func (t Target) Fill(text string) string {
	return strings.NewReplacer("{account}", t.Account, "{region}", t.Region, "{name}", t.Name).Replace(text)
}

// CheckPath returns an error where two targets would write in the same file or
// directory. path is as a person wrote it, with placeholders.
func CheckPath(targets []Target, path string) error {
	writers := map[string]Target{}
	for _, t := range targets {
		filled := filepath.Clean(t.Fill(path))
		if other, taken := writers[filled]; taken {
			return fmt.Errorf("%s and %s would both write in %s: use the placeholders {account} (or {name}) and {region} in the path, such as '%s'",
				other, t, filled, filepath.Join(path, missingPlaceholders(path)))
		}
		writers[filled] = t
	}
	return nil
}

// missingPlaceholders are what makes a path differ for each target.
func missingPlaceholders(path string) string {
	missing := ""
	if !strings.Contains(path, "{account}") && !strings.Contains(path, "{name}") {
		missing = "{account}"
	}
	if !strings.Contains(path, "{region}") {
		missing = filepath.Join(missing, "{region}")
	}
	return missing
}
