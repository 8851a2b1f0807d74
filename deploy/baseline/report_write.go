package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/deploy/baseline/review"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// reportResult is what --output json has of a review that was written.
type reportResult struct {
	File    string          `json:"file"`
	Format  string          `json:"format"`
	Review  review.Saved    `json:"review"`
	Last    *review.Figures `json:"last,omitempty"` // of the last review
	NotRead string          `json:"notRead,omitempty"`
	Remarks []string        `json:"remarks,omitempty"`
}

// writeReport writes the review, and says so. groups are for the picture.
func (a *app) writeReport(ctx context.Context, r reportRequest, lang page.Lang, read review.Read, groups []picture.Group) error {
	made := review.New(read)
	var content bytes.Buffer
	var err error
	switch r.format {
	case "csv":
		err = made.CSV(&content)
	case "ocsf":
		info, _ := debug.ReadBuildInfo()
		err = made.OCSF(&content, buildOf(info).Version)
	default:
		err = made.HTML(&content, lang, a.drawing(ctx, groups))
	}
	if err != nil {
		return err
	}
	files := []basefile.Replacement{{Name: r.out, Data: content.Bytes()}}
	if r.format != "html" {
		beside, err := made.Sidecar()
		if err != nil {
			return err
		}
		files = append(files, basefile.Replacement{Name: review.SidecarOf(r.out), Data: beside})
	}
	if err := basefile.ReplaceAll(files); err != nil {
		return err
	}
	return a.sayReport(r, made)
}

func (a *app) sayReport(r reportRequest, made *review.Review) error {
	if a.output == "json" {
		result := reportResult{File: r.out, Format: r.format, Review: made.Saved(), NotRead: made.Reverts.NotRead, Remarks: made.Remarks}
		if made.Last != nil {
			result.Last = &made.Last.Figures
		}
		return a.printJSON(result)
	}
	f := made.Figures
	text := fmt.Sprintf("%s: %s, %d guarded, %d without a baseline, %d to look at; %s approved for good, %s until a time; ",
		r.out, words.Count(f.Groups, "group"), f.Guarded, f.WithoutBaseline, f.Drifting, words.Count(f.Rules, "rule"), words.Count(f.Active, "rule"))
	if f.Reverted == nil {
		text += "what was reverted was not read: " + made.Reverts.NotRead
	} else {
		text += words.Count(*f.Reverted, "rule") + " reverted since " + made.Since.Format("2006-01-02 15:04 UTC")
	}
	_, err := fmt.Fprintln(a.out, text)
	return err
}
