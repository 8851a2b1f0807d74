package targets

import (
	"bytes"
	"io"
)

// lines writes text with a prefix before each line but the first, which gets first.
// Line ends at the end of the text are left out.
type lines struct {
	w             io.Writer
	first, prefix string
	began         bool
	ends          int // line ends that wait for more text
}

// Write writes p, but for line ends that nothing follows yet.
func (l *lines) Write(p []byte) (int, error) {
	rest := p
	for len(rest) > 0 {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if len(line) > 0 {
			if err := l.text(line); err != nil {
				return 0, err
			}
		}
		if ended {
			l.ends++
		}
		rest = after
	}
	return len(p), nil
}

func (l *lines) text(text []byte) error {
	var before []byte
	for range l.ends {
		if !l.began {
			break // an empty line at the beginning
		}
		before = append(append(before, '\n'), l.prefix...)
	}
	if !l.began {
		before = []byte(l.first)
	}
	l.began, l.ends = true, 0
	_, err := l.w.Write(append(before, text...))
	return err
}
