package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// subject is what a picture is of.
type subject struct {
	groups  []picture.Group
	remarks []string // on all groups
	broken  []string // why documents can't be used
}

// pictured returns the groups of a picture: those of baseline files, or of the baselines in
// Parameter Store where there are no paths. With live they have their live rules, judged
// by those baselines; without paths these are all groups of the region then. Files without
// live rules are read without AWS.
func (a *app) pictured(ctx context.Context, paths []string, live bool) ([]picture.Group, error) {
	s, err := a.subject(ctx, paths, live)
	return s.groups, err
}

func (a *app) subject(ctx context.Context, paths []string, live bool) (s subject, err error) {
	switch {
	case len(paths) > 0 && live:
		s, err = a.liveFiles(ctx, paths)
	case len(paths) > 0:
		s, err = filesAlone(paths)
	default:
		s, err = a.stored(ctx, live)
	}
	slices.SortFunc(s.groups, func(x, y picture.Group) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.ID, y.ID))
	})
	return s, err
}

// filesAlone reads files, which may name groups.
func filesAlone(paths []string) (s subject, err error) {
	files, err := usableFiles(basefile.WithNames, paths)
	if err != nil {
		return s, err
	}
	for _, f := range files {
		if f.List != nil {
			s.groups = append(s.groups, picture.Group{ID: f.ID(), Name: f.List.PrefixListName})
			continue
		}
		s.groups = append(s.groups, approvedGroup(f.Doc, nil))
	}
	return s, nil
}

func usableFiles(reading basefile.Reading, paths []string) ([]basefile.File, error) {
	files, err := basefile.ReadAs(reading, paths)
	if err == nil {
		err = basefile.Usable(files)
	}
	return files, err
}

// approvedGroup is the group of a baseline, with what is permitted until a time.
func approvedGroup(doc *baseline.Document, approvals []*baseline.Approval) picture.Group {
	g := picture.Group{ID: doc.GroupID, Name: doc.GroupName, HasBaseline: true, Approvals: temporary(doc, approvals)}
	for _, d := range []rule.Direction{rule.Ingress, rule.Egress} {
		if doc.Guards(d) {
			g.Guarded = append(g.Guarded, d)
		}
	}
	for _, entries := range [][]baseline.Entry{doc.Ingress, doc.Egress} {
		for _, e := range entries {
			for _, r := range e.Rules() {
				g.Approved = append(g.Approved, secgroup.ApprovedRule{Rule: r, Description: e.Description})
			}
		}
	}
	return g
}

// temporary returns what permits rules until a time: the exceptions of a baseline, nil for
// none, and approvals.
func temporary(doc *baseline.Document, approvals []*baseline.Approval) []picture.Approval {
	var all []picture.Approval
	if doc != nil {
		for _, e := range doc.Exceptions {
			all = append(all, picture.Approval{Rules: e.Rules(), Until: e.Expires, Reason: e.Reason})
		}
	}
	for _, one := range approvals {
		all = append(all, picture.Approval{Name: one.Name, Rules: one.Rules, Until: one.Expires, Reason: one.Reason})
	}
	return all
}

// liveFiles reads files and the live rules of their groups. It judges as diff PATH --live
// does.
func (a *app) liveFiles(ctx context.Context, paths []string) (s subject, err error) {
	files, err := usableFiles(basefile.Strictly, paths)
	if err != nil {
		return s, err
	}
	store, err := a.Store(ctx)
	if err != nil {
		return s, err
	}
	ids := groupsOf(idsOf(files))
	approved, err := a.StoredApprovals(ctx, store, ids)
	if err != nil {
		return s, err
	}
	there, live, err := a.liveOf(ctx, ids)
	if err != nil {
		return s, err
	}
	tags, err := a.GroupTags(ctx)
	if err != nil {
		return s, err
	}
	s.remarks = approved.Unusable
	for _, f := range files {
		if f.List != nil {
			s.groups = append(s.groups, picture.Group{ID: f.ID(), Name: f.List.PrefixListName})
			continue
		}
		grounds := judge.Grounds{Approvals: approved.Of[f.ID()]}
		found := a.liveDiff(compare.Group{GroupID: f.ID(), GroupName: f.Doc.GroupName}, f.Doc, grounds, there, live)
		g := approvedGroup(f.Doc, grounds.Approvals)
		differing := func(at time.Time) []compare.Difference { return compare.Live(f.Doc, grounds, live[f.ID()], at) }
		s.groups = append(s.groups, a.withLive(g, found, differing, live[g.ID], there[g.ID], tags[g.ID]))
	}
	return s, nil
}

// withLive returns a group with its live rules, as they were judged. A group that EC2 does
// not have stays as its baseline says, with a remark.
func (a *app) withLive(g picture.Group, found compare.Group, differing judging, live []secgroup.LiveRule, there secgroup.Group, tags map[string]string) picture.Group {
	g.Remarks = append(g.Remarks, found.Remarks...)
	if there.ID == "" {
		return g
	}
	g.Name, g.VPC, g.Tags, g.LiveRead, g.Live = there.Name, there.VpcID, tags, true, live
	g.Marks = map[rule.Rule]picture.Mark{}
	for _, d := range found.Drifted() {
		mark := picture.Mark{State: picture.Violating, Says: d.Says}
		switch {
		case d.Missing:
			mark.State = picture.Missing
		case d.Until != nil:
			mark.State, mark.Until, mark.Grace = picture.Ending, *d.Until, true
		}
		g.Marks[d.Rule] = mark
	}
	for r, mark := range a.ending(differing, g.Approvals) {
		if _, marked := g.Marks[r]; !marked {
			g.Marks[r] = mark
		}
	}
	for _, l := range g.Live {
		if l.NotCanonical != nil {
			g.Remarks = append(g.Remarks, fmt.Sprintf("not drawn, since it can't be read: %s: %v", strings.TrimSpace(l.Text), l.NotCanonical))
		}
	}
	return g
}

// judging lists how the live rules of a group differ at a time.
type judging func(at time.Time) []compare.Difference

// ending returns the live rules that are permitted now, and that are violations once an
// exception or an approval has ended. Package judge says so, asked for each of these ends.
func (a *app) ending(differing judging, approvals []picture.Approval) map[rule.Rule]picture.Mark {
	marks := map[rule.Rule]picture.Mark{}
	for _, end := range slices.SortedFunc(slices.Values(approvals), func(x, y picture.Approval) int { return x.Until.Compare(y.Until) }) {
		if !a.Now().Before(end.Until) {
			continue
		}
		then := compare.Group{Changes: differing(end.Until)}
		for _, d := range then.Drifted() {
			if _, seen := marks[d.Rule]; !seen && !d.Missing {
				marks[d.Rule] = picture.Mark{State: picture.Ending, Until: end.Until, Says: end.Reason}
			}
		}
	}
	return marks
}

var errNothingToDraw = errors.New("there is nothing to draw")

// nothing says where groups were looked for.
func (a *app) nothing(ctx context.Context, live bool) error {
	where, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	if live {
		return fmt.Errorf("%w: there is no security group in account %s, region %s (or is it another region or account?)", errNothingToDraw, where.Account, where.Region)
	}
	return fmt.Errorf("%w: there is no baseline under %s in account %s, region %s (or is it another --prefix, region or account?); graph --live draws the groups that EC2 has, graph PATH those of files",
		errNothingToDraw, a.Prefix, where.Account, where.Region)
}

// brokenText says that documents can't be used.
func brokenText(broken []string) error {
	return fmt.Errorf("%s can't be used, and the picture shows these groups without:\n%s", words.Count(len(broken), "baseline"), words.Lines(broken))
}

// decoded decodes a stored baseline. A broken one is reported.
func (s *subject) decoded(d baseline.GroupDocument) *baseline.Document {
	doc, err := account.Decode(d)
	if err != nil {
		s.broken = append(s.broken, fmt.Sprintf("%s: %v", d.GroupID, err))
		return nil
	}
	return doc
}
