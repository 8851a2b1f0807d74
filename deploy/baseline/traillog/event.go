package traillog

import (
	"encoding/json"
	"time"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Event is one record about security groups or managed prefix lists: a call that pkg/trail knows.
type Event struct {
	Trigger trail.Trigger   // what pkg/trail reads from the record; where Nothing is set, only what is known of the call
	Nothing *trail.Nothing  // why the call changed nothing, such as a call that failed; nil where it changed something
	Record  json.RawMessage // the CloudTrail record as it was written; valid only until each returns
	Source  string          // Source.Name
}

// Options say what to read and with how much.
type Options struct {
	// From and To limit the events to those with From <= eventTime < To. A zero time is no limit.
	From, To time.Time
	// Workers is how many sources are read at the same time. 0 stands for GOMAXPROCS.
	Workers int
	// TempDir is where events that don't fit into memory wait for being sorted. "" stands for os.TempDir.
	TempDir string
	// Report is called with how far the reading is: often, from one goroutine at a time. It may be nil.
	Report func(Progress)
}

// Progress is how far the reading is.
type Progress struct {
	Sources               int64 // read to the end
	BytesDone, BytesTotal int64 // as in Source.Size. BytesTotal grows while sources are still being listed.
	Records, Events       int64 // so far
}

// Skipped is a source, or a part of one, that was not read, and why.
type Skipped struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Tally sums up what was read.
type Tally struct {
	Sources int64     `json:"sources"` // that were read, at least in part
	Records int64     `json:"records"` // CloudTrail records, whatever they are about
	Bytes   int64     `json:"bytes"`   // after unpacking
	Events  int64     `json:"events"`  // records that each was called for
	Doubled int64     `json:"doubled"` // records left out since an earlier one had the same event id
	Outside int64     `json:"outside"` // records about security groups that are not of the time From to To
	Others  int64     `json:"others"`  // files that belong to CloudTrail and hold no history: digests and Insights
	Skipped []Skipped `json:"skipped"` // in order of the names of the files

	Accounts map[string]int64 `json:"accounts"` // events by account
	Regions  map[string]int64 `json:"regions"`  // events by region
	// First and Last are the times of the oldest and of the newest event. Both are zero where there is none.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
}
