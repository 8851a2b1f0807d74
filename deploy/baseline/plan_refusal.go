package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// wayOut is what helps against a refusal.
type wayOut string

const (
	byPull wayOut = "Take the changes of others into the files with baseline pull %s, and look at git diff. Or undo them with push --force"
	// byChoice is where pull can't help: nobody knows what the file was made from.
	byChoice wayOut = "Nobody knows whose the differences are. Where the file is right, write it with push --force, once: the next push knows. Where Parameter Store is right, take what it has with baseline pull %s --theirs, which gives up what only the file says"
	byForce  wayOut = "Write a broken baseline anew with push --force"
	byRegion wayOut = "Check the region (AWS_REGION) and the account (AWS_PROFILE). Remove the file of a group that is gone. --allow-missing writes the baseline of a group that comes later"
	again    wayOut = "Plan again"
)

// text names the files to pull, if they are few.
func (w wayOut) text(files []string) string {
	if w != byPull && w != byChoice {
		return string(w)
	}
	paths := strings.Join(files, " ")
	if len(files) > 3 {
		paths = "PATH..."
	}
	return fmt.Sprintf(string(w), paths)
}

// mostRefused is how many refusals are written in full.
const mostRefused = 20

// refuse says why a file can't be pushed. The first reason counts.
func (g *pushed) refuse(advice wayOut, why string) {
	if g.Result != pushRefused {
		g.Result, g.advice, g.Error = pushRefused, advice, why
	}
}

// miss deals with a group or prefix list that EC2 doesn't have.
func (g *pushed) miss(allowed bool, where account.Identity) {
	long, short := "security group", "group"
	if g.IsList() {
		long, short = "prefix list", "prefix list"
	}
	if !allowed {
		g.Result = "" // this reason counts before others
		g.refuse(byRegion, fmt.Sprintf("there is no %s %s in account %s, region %s", long, g.ID(), where.Account, where.Region))
		return
	}
	g.Remarks = append(g.Remarks, fmt.Sprintf("there is no such %s in account %s, region %s yet: the baseline waits for it", short, where.Account, where.Region))
}

// remarkStamp says that the baseline was there when the file was captured.
func (g *pushed) remarkStamp() {
	if g.file.Version > 0 {
		g.Remarks = append(g.Remarks, fmt.Sprintf("the file was captured from version %d, and Parameter Store has no such baseline any more", g.file.Version))
	}
}

// refusal is why nothing can be pushed, with the ways out; nil where all can. Who has
// to look at one file again looks at all of them again.
func (plan *pushPlan) refusal() error {
	var why []string
	files := map[wayOut][]string{}
	count := 0
	for _, g := range plan.Groups {
		if g.Result != pushRefused {
			continue
		}
		files[g.advice] = append(files[g.advice], g.file.Path)
		if count++; count <= mostRefused {
			why = append(why, fmt.Sprintf("%s: %s", g.file.Path, g.Error))
		}
	}
	if count == 0 {
		return nil
	}
	if count > mostRefused {
		why = append(why, fmt.Sprintf("and %d more", count-mostRefused))
	}
	for _, way := range []wayOut{byRegion, byPull, byChoice, byForce, again} {
		if len(files[way]) > 0 {
			why = append(why, way.text(files[way]))
		}
	}
	return errors.New(words.Lines(why))
}

// count returns how many baselines have one of some results.
func (plan *pushPlan) count(results ...pushResult) int {
	n := 0
	for _, g := range plan.Groups {
		if slices.Contains(results, g.Result) {
			n++
		}
	}
	return n
}
