package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// withAsked adds the ids of the groups that the arguments name.
func (c capture) withAsked(ctx context.Context, ids []string) ([]string, error) {
	if len(c.asked) == 0 {
		return ids, nil
	}
	groups, err := c.FindGroups(ctx, c.asked...)
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	return ids, err
}

// selection is careful about flags that are there but empty, as an unset variable
// of a shell makes them: they must not come to mean all groups.
func (c capture) selection(given func(flag string) bool) (s ec2groups.Selection, err error) {
	kinds := slices.DeleteFunc([]string{"group-id", "vpc-id", "tag", "all"}, func(flag string) bool { return !given(flag) })
	if len(c.asked) > 0 && !given("group-id") {
		kinds = append(kinds, "GROUP")
	}
	if len(kinds) == 0 && len(c.lists) > 0 && c.dir != "" {
		return s, nil
	}
	key, value, hasValue := strings.Cut(c.tag, "=")
	switch {
	case len(kinds) != 1:
		return s, misused("say which groups: exactly one of GROUP..., --vpc-id, --tag and --all, or ids of prefix lists")
	case c.dir == "":
		return s, misused("say where to write the files: --out DIR")
	case given("vpc-id") && c.vpcID == "":
		return s, errors.New("--vpc-id is empty")
	case given("tag") && (key == "" || !hasValue):
		return s, fmt.Errorf("--tag %q: want KEY=VALUE", c.tag)
	case given("all") && !c.all:
		return s, errors.New("--all=false selects nothing")
	case given("group-id") && len(c.ids) == 0:
		return s, errors.New("--group-id is empty")
	}
	for _, id := range c.ids {
		if err := account.CheckGroupID(id); err != nil {
			return s, fmt.Errorf("--group-id: %w", err)
		}
	}
	return ec2groups.Selection{IDs: c.ids, VpcID: c.vpcID, TagKey: key, TagValue: value}, nil
}

// onlyLists reports whether nothing but prefix lists was named: no groups are selected
// then, and not all of them.
func (c capture) onlyLists(selection ec2groups.Selection) bool {
	return len(c.lists) > 0 && !c.all && len(selection.IDs) == 0 && selection.VpcID == "" && selection.TagKey == ""
}

// listsAndGroups parts ids of prefix lists, each once, from what names groups.
func listsAndGroups(args []string) (lists, groups []string) {
	for _, arg := range args {
		switch {
		case !rule.IsPrefixListID(arg):
			groups = append(groups, arg)
		case !slices.Contains(lists, arg):
			lists = append(lists, arg)
		}
	}
	return lists, groups
}
