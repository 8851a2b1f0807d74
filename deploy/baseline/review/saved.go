package review

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
)

// Saved is what a review leaves for the next one: in its HTML page, or in a file beside its
// CSV or OCSF file.
type Saved struct {
	Schema    int             `json:"schema"` // savedSchema
	MadeAt    time.Time       `json:"madeAt"`
	Account   string          `json:"account"`
	Region    string          `json:"region"`
	Prefix    string          `json:"prefix"`
	Figures   Figures         `json:"figures"`
	Approvals []SavedApproval `json:"approvals"` // and exceptions, that were in force
	// LateAlerts are the ids of the alerts of the last minutes before the review (reverts.Late). The next review, which looks
	// for others of these minutes, leaves them out.
	LateAlerts []string `json:"told,omitempty"`
}

// SavedApproval is an approval or an exception that was in force. An approval is deleted
// from Parameter Store a day after its end, so the next review would not know of it.
type SavedApproval struct {
	GroupID   string    `json:"groupId"`
	GroupName string    `json:"groupName"`
	Name      string    `json:"name"` // of the approval; empty for an exception of a baseline
	Rules     []string  `json:"rules"`
	Expires   time.Time `json:"expires"`
	Reason    string    `json:"reason"`
	By        string    `json:"by"`
}

const savedSchema = 1

// The data block of a page. json.Marshal writes < as \u003c, so that no name can end the
// block or begin one.
const (
	blockBegins = `<script type="application/json" id="sgwarden-review">`
	blockEnds   = `</script>`
)

// SidecarOf is the file beside a CSV or OCSF file.
func SidecarOf(path string) string { return path + ".review.json" }

// ErrNoReview says that a file is no review of this command.
var ErrNoReview = errors.New("it is no review that this command wrote")

// ReadSaved reads what a review left: the review's page, its CSV or OCSF file, or the file
// beside that. An error of fs.ErrNotExist says that there is no such file, ErrNoReview that
// the file is another.
func ReadSaved(path string) (*Saved, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("read the last review: %w", err)
	}
	if saved, err := savedIn(data); err == nil {
		return saved, nil
	}
	beside, err := readBounded(SidecarOf(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the last review %s: %w, and there is no %s beside it", path, ErrNoReview, filepath.Base(SidecarOf(path)))
	}
	if err != nil {
		return nil, fmt.Errorf("read the last review: %w", err)
	}
	saved, err := savedIn(beside)
	if err != nil {
		return nil, fmt.Errorf("read the last review %s: %w", SidecarOf(path), err)
	}
	return saved, nil
}

// mostBytes is the most that a file of a review may have. A review of 300 groups with 20 rules has 3 MB.
const mostBytes = 256 << 20

// readBounded reads a file that may be anything.
func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // read only: nothing is lost
	data, err := io.ReadAll(io.LimitReader(file, mostBytes+1))
	if err == nil && len(data) > mostBytes {
		err = fmt.Errorf("%s: %w: it has more than %d MB", path, ErrNoReview, mostBytes>>20)
	}
	return data, err
}

// savedIn finds what a review left in a page, or in JSON.
func savedIn(data []byte) (*Saved, error) {
	if _, block, is := bytes.Cut(data, []byte(blockBegins)); is {
		data, _, _ = bytes.Cut(block, []byte(blockEnds))
	}
	var s Saved
	if json.Unmarshal(data, &s) != nil || s.MadeAt.IsZero() || s.Account == "" {
		return nil, ErrNoReview
	}
	if s.Schema != savedSchema {
		return nil, fmt.Errorf("%w: its schema is %d, and this command reads %d", ErrNoReview, s.Schema, savedSchema)
	}
	return &s, nil
}

// Fits returns an error where the last review is of another account, region or prefix, or is not made yet.
func (s Saved) Fits(where account.Identity, now time.Time) error {
	if s.MadeAt.After(now) {
		return fmt.Errorf("the last review says that it is of %s, and it is %s now: set the clock right, or name another last review", s.MadeAt.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	var differs []string
	for _, part := range [][3]string{{"account", s.Account, where.Account}, {"region", s.Region, where.Region}, {"prefix", s.Prefix, where.Prefix}} {
		if part[1] != part[2] {
			differs = append(differs, fmt.Sprintf("%s %s, not %s", part[0], part[1], part[2]))
		}
	}
	if len(differs) == 0 {
		return nil
	}
	return fmt.Errorf("the last review is of %s: name the last review of the same account, region and prefix, or another --out", strings.Join(differs, ", "))
}

// Sidecar returns the content of the file beside a CSV or OCSF file.
func (r *Review) Sidecar() ([]byte, error) {
	data, err := json.MarshalIndent(r.Saved(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the figures of the review: %w", err)
	}
	return append(data, '\n'), nil
}

// Saved is what this review leaves for the next one.
func (r *Review) Saved() Saved {
	s := Saved{
		Schema: savedSchema, MadeAt: r.MadeAt, Account: r.Where.Account, Region: r.Where.Region, Prefix: r.Where.Prefix,
		Figures: r.Figures, Approvals: []SavedApproval{},
	}
	for _, g := range r.Groups {
		for _, one := range g.Rows {
			if one.Status == Approval || one.Status == Exception {
				s.Approvals = append(s.Approvals, SavedApproval{
					g.ID(), g.Name(), one.Name, []string{one.Text}, *one.Expires, one.Reason, one.Origin.By,
				})
			}
		}
	}
	for _, e := range r.Reverts.Events {
		if e.AlertID != "" && e.Time.After(r.MadeAt.Add(-reverts.Late)) {
			s.LateAlerts = append(s.LateAlerts, e.AlertID)
		}
	}
	return s
}

// endedSince returns what was in force at the last review and ended since, and is not listed
// of in the groups' rows.
func endedSince(last *Saved, groups []Group, now time.Time) []SavedApproval {
	if last == nil {
		return nil
	}
	type key struct{ group, name, rule string }
	there := map[key]bool{}
	for _, g := range groups {
		for _, one := range g.Rows {
			if one.Expires != nil {
				there[key{g.ID(), one.Name, one.Text}] = true
			}
		}
	}
	var ended []SavedApproval
	for _, a := range last.Approvals {
		for _, text := range a.Rules {
			if !there[key{a.GroupID, a.Name, text}] {
				one := a
				one.Rules = []string{text}
				ended = append(ended, one)
			}
		}
	}
	return ended
}
