package sweep

import "strings"

// resumePoint is where a sweep ran out of time: the first group with a baseline and the
// first without one that it did not get to. Empty is the beginning.
type resumePoint struct{ baseline, unguarded string }

// String writes a resume point as the bookmark keeps it, "sg-1 sg-2": "-" stands for none.
func (p resumePoint) String() string {
	if p == (resumePoint{}) {
		return ""
	}
	return orDash(p.baseline) + " " + orDash(p.unguarded)
}

func orDash(id string) string {
	if id == "" {
		return "-"
	}
	return id
}

// parseResumePoint reads what String wrote. Text that it can't read means the beginning. Older
// sweeps wrote one id.
func parseResumePoint(text string) resumePoint {
	words := strings.Fields(text)
	switch len(words) {
	case 1:
		return resumePoint{baseline: words[0], unguarded: words[0]}
	case 2:
		return resumePoint{baseline: strings.TrimPrefix(words[0], "-"), unguarded: strings.TrimPrefix(words[1], "-")}
	}
	return resumePoint{}
}
