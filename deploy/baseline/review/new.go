package review

import (
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/gitlog"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Read is what was read for a review.
type Read struct {
	Now, Since time.Time
	Overview   *overview.Overview // of all groups
	Of         map[string]About   // by the ids of groups and prefix lists
	Reverts    reverts.Reverts
	// FromArchive says that Reverts are from an archive of alerts, and not from the log.
	FromArchive bool
	Last        *Saved
}

// About is what was read of one group or prefix list beside its row of the overview.
type About struct {
	Doc       *baseline.Document // as account.Decode has it; nil: none, or a broken one
	Live      int                // rules that the group has
	Versions  []account.Version  // of the baseline, oldest first; empty: not known
	Approvals []ApprovalOf
	File      string           // that holds the baseline
	Commits   []gitlog.Version // of the file, oldest first
	Decode    func([]byte) *baseline.Document
}

// ApprovalOf is an approval with who wrote it.
type ApprovalOf struct {
	*baseline.Approval
	Origin Origin
}

// coveredID is the id of the advice on rules that others cover.
const coveredID = "redundant"

// New makes the review of what was read.
func New(in Read) *Review {
	r := &Review{
		MadeAt: in.Now.UTC().Truncate(time.Second), Since: in.Since.UTC(), Where: in.Overview.Identity,
		PausedUntil: in.Overview.PausedUntil, Remarks: in.Overview.Remarks, Last: in.Last, Reverts: in.Reverts, FromArchive: in.FromArchive,
	}
	names := map[string]string{}
	for _, row := range in.Overview.Groups {
		names[row.ID()] = row.Name()
		r.Groups = append(r.Groups, newGroup(row, in.Of[row.ID()], in.Now))
	}
	for i := range r.Reverts.Events { // the log has only ids
		e := &r.Reverts.Events[i]
		if e.GroupName == "" {
			e.GroupName = names[e.GroupID]
		}
	}
	r.Ended = endedSince(in.Last, r.Groups, in.Now)
	r.Figures = figuresOf(r)
	return r
}

func newGroup(row overview.Row, about About, now time.Time) Group {
	g := Group{Row: row, Live: about.Live, File: about.File}
	s := rulesOfGroup{now: now, changes: row.Changes}
	if about.Doc != nil {
		s.origins = origins(about.Versions)
		if about.Decode != nil {
			s.commits = commits(about.Commits, about.Decode)
		}
		s.addDocument(about.Doc)
	}
	for _, a := range about.Approvals {
		s.addApproval(a)
	}
	s.addDrift()
	g.Rows = s.rows
	if about.Doc != nil && !row.IsList() { // package advice advises on documents of lists by themselves
		g.take(advice.Adviser{Now: now}.On(about.Doc))
	}
	return g
}

// take sorts advice.
func (g *Group) take(hints []advice.Hint) {
	for _, h := range hints {
		if h.ID == coveredID {
			g.Covered = append(g.Covered, h)
		} else {
			g.Advice = append(g.Advice, h)
		}
	}
}
