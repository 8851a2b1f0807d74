package main

import (
	"context"
	"fmt"
	"html/template"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/deploy/baseline/review"
	"github.com/sgwarden/sgwarden/pkg/judge"
)

// drawing is the picture of the groups as the review found them. Where the picture can't be
// laid out, the review has it in words.
func (a *app) drawing(ctx context.Context, groups []picture.Group) review.Drawing {
	if len(groups) == 0 {
		return review.Drawing{}
	}
	p := picture.New(groups, a.Now(), picture.Options{})
	d := review.Drawing{Text: p.Text(), Note: p.Note}
	if a.layout == nil {
		d.Note = "this build of the command can't lay out pictures, so the picture is told in words"
		return d
	}
	svg, err := p.SVG(ctx, a.layout)
	if err != nil {
		d.Note = fmt.Sprintf("the picture is told in words, since it could not be drawn: %v", err)
		return d
	}
	d.SVG = template.HTML(svg) // package picture writes all of it, and escapes names
	return d
}

// pictured are the groups for the picture, with the judgements of the overview.
func (r *reportReading) pictured() []picture.Group {
	var groups []picture.Group
	for _, row := range r.listing.o.Groups {
		if row.IsList() {
			groups = append(groups, picture.Group{ID: row.ID(), Name: row.Name()})
			continue
		}
		groups = append(groups, r.picturedGroup(row))
	}
	return groups
}

func (r *reportReading) picturedGroup(row overview.Row) picture.Group {
	id, a := row.ID(), r.listing.app
	doc, grounds := r.of[id].Doc, judge.Grounds{Approvals: r.listing.approved.Of[id]}
	g := picture.Group{ID: id, Name: row.Name(), Approvals: temporary(nil, grounds.Approvals)}
	differing := func(at time.Time) []compare.Difference {
		return compare.Guardrail(r.listing.guardrail, grounds, r.live[id], at)
	}
	switch {
	case row.Status == overview.Broken:
		g.Remarks = []string{"its baseline can't be used"}
		if there, exists := r.there[id]; exists {
			g.VPC, g.LiveRead, g.Live = there.VpcID, true, r.live[id]
		}
		return g
	case doc != nil:
		g = approvedGroup(doc, grounds.Approvals)
		differing = func(at time.Time) []compare.Difference { return compare.Live(doc, grounds, r.live[id], at) }
	}
	if row.Status == overview.NoGroup {
		g.Remarks = []string{"not in EC2 (any more)"}
		return g
	}
	return a.withLive(g, compare.Group{Changes: row.Changes, Remarks: row.Remarks}, differing, r.live[id], r.there[id], nil)
}
