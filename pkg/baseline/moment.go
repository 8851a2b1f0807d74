package baseline

import (
	"strings"
	"time"
)

// ahead says how far ahead of a time a document may end.
//
//	     from           from + most
//	------|------------------|----------> end of the document
//	 past       accepted        too late
//
// An end in the past is a problem of a file alone: every document in SSM has its
// end in the past some day.
type ahead struct {
	from     time.Time // when the document was written to SSM; of a file, now
	written  bool      // the document is in SSM, and not in a file
	most     time.Duration
	mostText string // most in words
	what     string // the kind of document, for messages
}

// moment reads a time of RFC 3339, which has a zone, and returns the time in UTC.
func (d *decoder) moment(f fields, key string, when ahead) time.Time {
	n := f.get(key)
	at, err := time.Parse(time.RFC3339, n.word())
	latest := when.from.Add(when.most)
	switch {
	case err != nil || n.kind != text:
		d.wrong(f, key, "must be a time with a zone, such as 2026-12-01T09:00:00Z")
	case at.After(latest) && when.written:
		d.wrong(f, key, "is later than %s, which is %s after the document was written", latest.UTC().Format(time.RFC3339), when.mostText)
	case at.After(latest):
		d.wrong(f, key, "is later than %s, which is %s from now", latest.UTC().Format(time.RFC3339), when.mostText)
	case !at.After(when.from) && !when.written:
		d.wrong(f, key, "has passed, so %s would have no effect", when.what)
	}
	return at.UTC()
}

// reason reads why a document was written, for people.
func (d *decoder) reason(f fields) string {
	why := d.string(f, "reason")
	if !f.has("reason") || f.get("reason").kind == text && strings.TrimSpace(why) == "" {
		d.wrong(f, "reason", "is missing or blank: say why this is needed")
	}
	return why
}
