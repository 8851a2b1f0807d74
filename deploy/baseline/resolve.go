package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/names"
	"github.com/sgwarden/sgwarden/deploy/baseline/rewrite"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// resolving is what the verb resolve is asked to do.
type resolving struct {
	rewriting
	vpcID string
}

func resolveCommand(a *app) *cobra.Command {
	r := resolving{rewriting: rewriting{app: a}}
	c := &cobra.Command{
		Use:   "resolve PATH... --out DIR [--vpc-id ID] [--force]",
		Short: "Put ids in the place of groups' names in baseline files",
		Long: `Files may name a group where its id would stand: name:web, as groupId and among sources and destinations, of exceptions too;
'name:web tier', quoted, where the name has spaces or punctuation. This looks the names up in the account and region,
and writes the files with ids in their place, named as capture names them. Comments and layout stay. Resolved files are
what the other verbs want; lint takes both. Files of prefix lists name no group and are copied.

Nothing is written where anything is wrong: a name that no group has, or several (say which VPC with --vpc-id), two files
for one group, or a name of a group in another VPC than the file's own: EC2 permits such a rule between peered VPCs only,
and then the file can say the id. Files of DIR that would change are overwritten with --force only. A second run changes
nothing.`,
		Example: `  baseline resolve designs --out baselines
  baseline resolve designs --out baselines --vpc-id vpc-0a1b2c3d4e5f60718 && baseline push baselines`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			if c.Flags().Changed("vpc-id") && r.vpcID == "" {
				return errors.New("--vpc-id is empty")
			}
			return r.resolve(c.Context(), paths)
		},
	}
	r.flags(c)
	c.Flags().StringVar(&r.vpcID, "vpc-id", "", "look names up in this VPC only")
	return c
}

func (r *resolving) resolve(ctx context.Context, paths []string) error {
	if err := r.check(paths); err != nil {
		return err
	}
	files, err := basefile.ReadAs(basefile.WithNames, paths)
	if err != nil {
		return err
	}
	groups, err := r.Groups(ctx)
	if err != nil {
		return err
	}
	// All groups of the region rather than those of some names: it is a call for
	// each 1,000, and in EC2's filters a name's * is a wildcard.
	live, err := groups.List(ctx, ec2groups.Selection{})
	if err != nil {
		return err
	}
	directory, err := names.New(live, r.vpcID)
	if err != nil {
		return err
	}
	return r.run(ctx, files, basefile.Strictly, func(f basefile.File) (*rewritten, error) { return resolveFile(directory, f) })
}

// copied is the file of a prefix list, which names no group: it stays as it is.
func copied(f basefile.File) *rewritten {
	id, name := f.ID(), f.List.PrefixListName
	file := basefile.LikeSource(basefile.NameFor(secgroup.Group{ID: id, Name: name}), f.Path)
	return &rewritten{Source: f.Path, File: file, PrefixListID: id, PrefixListName: name, data: basefile.WithoutHead(f.Data)}
}

// resolveFile rewrites one file.
func resolveFile(d names.Directory, f basefile.File) (*rewritten, error) {
	if f.List != nil {
		return copied(f), nil
	}
	values := map[rewrite.Position]string{}
	var vpcID string // of the file's own group, empty where it is unknown
	doc, err := yamlfile.DecodeWithNames(f.Data, func(ref baseline.Reference) (string, error) {
		name, isName := baseline.Name(ref.Text)
		if !isName {
			if ref.Path == "groupId" {
				vpcID = d.ByID[ref.Text].VpcID
			}
			return ref.Text, nil
		}
		group, err := d.Find(name, vpcID)
		if err != nil {
			return "", err
		}
		if ref.Path == "groupId" {
			vpcID = group.VpcID
		}
		values[rewrite.Position{Line: ref.Line, Column: ref.Column}] = group.ID
		return group.ID, nil
	})
	if err != nil {
		return nil, err
	}
	data, err := rewrite.File(f.Data, rewrite.Edits{Values: values})
	if err != nil {
		return nil, err
	}
	group := secgroup.Group{ID: doc.GroupID, Name: cmp.Or(d.ByID[doc.GroupID].Name, doc.GroupName)}
	return &rewritten{Source: f.Path, File: basefile.LikeSource(basefile.NameFor(group), f.Path), GroupID: group.ID, GroupName: group.Name, data: basefile.WithoutHead(data)}, nil
}
