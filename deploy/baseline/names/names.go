// Package names finds security groups by their names.
package names

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/nearest"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Directory finds groups of an account and region.
type Directory struct {
	ByID   map[string]secgroup.Group
	byName map[string][]secgroup.Group
	vpcID  string // that names are looked up in; empty for all
}

func New(groups []secgroup.Group, vpcID string) (Directory, error) {
	d := Directory{ByID: map[string]secgroup.Group{}, byName: map[string][]secgroup.Group{}, vpcID: vpcID}
	for _, g := range groups {
		d.ByID[g.ID] = g
		d.byName[g.Name] = append(d.byName[g.Name], g)
	}
	if vpcID != "" && !slices.ContainsFunc(groups, d.isIn) {
		return d, fmt.Errorf("--vpc-id: there is no group in %s: check the id, the account and the region", vpcID)
	}
	return d, nil
}

func (d Directory) isIn(g secgroup.Group) bool { return d.vpcID == "" || g.VpcID == d.vpcID }

// Find returns the one group of a name. vpcID is that of the group whose rules
// name it; empty where that is unknown, or the very group that is looked for.
func (d Directory) Find(name, vpcID string) (secgroup.Group, error) {
	all := d.byName[name]
	found := slices.DeleteFunc(slices.Clone(all), func(g secgroup.Group) bool { return !d.isIn(g) })
	switch {
	case len(found) == 0 && len(all) > 0:
		return secgroup.Group{}, fmt.Errorf("no group of %s is called %q; elsewhere there is %s", d.vpcID, name, groupTexts(all))
	case len(found) == 0:
		return secgroup.Group{}, notFound(fmt.Sprintf("no group of this account and region is called %q%s", name, d.Nearly(name)))
	case len(found) > 1:
		return secgroup.Group{}, fmt.Errorf("%d groups are called %q: %s: choose with --vpc-id, or put the id here", len(found), name, groupTexts(found))
	case vpcID != "" && found[0].VpcID != vpcID:
		return secgroup.Group{}, fmt.Errorf("%q is %s, and the group of this file is in %s: name a group of that VPC; if the two are peered, put the id here",
			name, groupTexts(found), vpcID)
	}
	return found[0], nil
}

// ErrNone says that no group has a name.
var ErrNone = errors.New("no group has this name")

// notFound is an ErrNone in its own words.
type notFound string

func (n notFound) Error() string { return string(n) }

func (n notFound) Unwrap() error { return ErrNone }

// Nearly asks whether another name was meant. It is empty where no name is near.
func (d Directory) Nearly(name string) string {
	var others []string
	for other, groups := range d.byName {
		if slices.ContainsFunc(groups, d.isIn) {
			others = append(others, other)
		}
	}
	if near := nearest.To(name, others); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

func groupTexts(groups []secgroup.Group) string {
	texts := make([]string, len(groups))
	for i, g := range groups {
		texts[i] = fmt.Sprintf("%s (%s)", g.ID, g.VpcID)
	}
	return strings.Join(texts, ", ")
}
