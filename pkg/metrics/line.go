package metrics

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Line is the story of one invocation. It may be used concurrently. The methods of a
// nil Line do nothing.
type Line struct {
	Calls Calls // to AWS

	function, requestID string
	began               time.Time

	mu     sync.Mutex
	story  []slog.Attr
	values map[Name]float64
	cause  trail.Cause
}

type key struct{}

// Begin puts the line of an invocation that begins at a time into its context.
func Begin(ctx context.Context, function, requestID string, at time.Time) (context.Context, *Line) {
	l := &Line{function: function, requestID: requestID, began: at, values: map[Name]float64{}}
	return context.WithValue(ctx, key{}, l), l
}

// From returns the line of the invocation whose context ctx is, nil where there is
// none.
func From(ctx context.Context) *Line {
	l, _ := ctx.Value(key{}).(*Line)
	return l
}

// longestText bounds each text in a line, and longestList each list, so that a line
// fits one event of CloudWatch Logs (256 KB) whatever an attacker named things.
const (
	longestText = 1_000
	longestList = 10
)

// Set adds a member to the story, instead of one of the same name. A string, and a
// list of strings, is truncated where it is very long. The empty string is left out.
func (l *Line) Set(member string, value any) {
	if l == nil || value == "" {
		return
	}
	attr := slog.Any(member, bounded(value))
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.IndexFunc(l.story, func(a slog.Attr) bool { return a.Key == member }); at >= 0 {
		l.story[at] = attr
		return
	}
	l.story = append(l.story, attr)
}

// Add adds to a metric. Adding 0 puts a metric into the line that otherwise would not
// be there.
func (l *Line) Add(name Name, value float64) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.values[name] += value
}

// Ignore notes that there is nothing to do, and why: in one word for the metric, and in
// words for people.
func (l *Line) Ignore(cause trail.Cause, why string) {
	if l == nil {
		return
	}
	l.Set("explanation", why)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.values[Ignored], l.cause = 1, cause
}

func bounded(value any) any {
	switch v := value.(type) {
	case string:
		return truncate(v)
	case []string:
		short := make([]string, min(len(v), longestList))
		for i := range short {
			short[i] = truncate(v[i])
		}
		return short
	}
	return value
}

func truncate(s string) string {
	if len(s) <= longestText {
		return s
	}
	return strings.ToValidUTF8(s[:longestText], "") + " ..."
}
