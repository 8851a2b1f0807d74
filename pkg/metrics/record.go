package metrics

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Message is the msg of the line.
const Message = "invocation"

// Log writes lines. Whatever LOG_LEVEL says, no metric is lost.
type Log struct {
	namespace string
	handler   slog.Handler
}

// NewLog returns a log that writes JSON lines, with metrics of a CloudWatch namespace.
func NewLog(namespace string, to io.Writer) Log {
	return Log{namespace, slog.NewJSONHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug})}
}

// Write writes the line of an invocation that ended at a time, with an error or nil.
func (l Log) Write(line *Line, at time.Time, failure error) error {
	return l.handler.Handle(context.Background(), line.record(l.namespace, at, failure))
}

// record is the line: when, which invocation, what happened, the metrics, and what
// CloudWatch is to make of them.
func (l *Line) record(namespace string, at time.Time, failure error) slog.Record {
	l.total(at)
	l.mu.Lock()
	defer l.mu.Unlock()
	level := slog.LevelInfo
	if failure != nil {
		level = slog.LevelError
	}
	r := slog.NewRecord(at, level, Message, 0)
	r.AddAttrs(slog.String("function", l.function), slog.String("requestId", l.requestID))
	r.AddAttrs(l.story...)
	if failure != nil {
		r.AddAttrs(slog.String("error", truncate(failure.Error())))
	}
	if l.cause != "" {
		r.AddAttrs(slog.String("reason", string(l.cause)))
	}
	for _, d := range definitions {
		if value, is := l.values[d.Name]; is {
			r.AddAttrs(slog.Float64(string(d.Name), value))
		}
	}
	r.AddAttrs(slog.Any("_aws", metadata{at.UnixMilli(), l.directives(namespace)}))
	return r
}

// total adds what is known at the end.
func (l *Line) total(at time.Time) {
	requests, trips := l.Calls.Counts()
	l.Add(AwsCalls, float64(requests))
	l.Add(RoundTrips, float64(trips))
	l.Add(HandlerMilliseconds, float64(at.Sub(l.began).Microseconds())/1000)
}

// metadata is the member _aws of the embedded metric format.
type metadata struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []directive
}

// directive declares metrics. Each set of dimensions makes metrics of its own; a
// dimension is a member of the line that is a text.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

func (l *Line) directives(namespace string) []directive {
	all := directive{Namespace: namespace, Dimensions: [][]string{{"function"}}}
	for _, d := range definitions {
		if _, is := l.values[d.Name]; is && d.Name != Ignored {
			all.Metrics = append(all.Metrics, d)
		}
	}
	if l.cause == "" {
		return []directive{all}
	}
	ignored := directive{Namespace: namespace, Dimensions: [][]string{{"function"}, {"function", "reason"}}, Metrics: []definition{{Ignored, count}}}
	return []directive{all, ignored}
}
