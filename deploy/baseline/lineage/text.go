package lineage

import (
	"fmt"
	"strings"
	"time"
)

// Text says why a file of a verdict Foreign may not replace the version in force: who
// changed what since the last push, and what the file would undo of that. Each line of
// detail is indented.
func (s Status) Text(groupID string) string {
	var b strings.Builder
	if s.Base == nil {
		fmt.Fprintf(&b, "the baseline of %s was never pushed from a file, or not since Parameter Store's oldest version\n", groupID)
		list(&b, "in force, and not in the file:", s.Undone)
		list(&b, "what the file would change:", s.Ours)
		return strings.TrimSuffix(b.String(), "\n")
	}
	fmt.Fprintf(&b, "others changed the baseline of %s since the last push (version %d, %s)\n", groupID, s.Base.Version.Version, writtenBy(*s.Base))
	before := *s.Base
	for _, v := range s.Since {
		if v.Doc == nil {
			fmt.Fprintf(&b, "  version %d, %s: can't be read\n", v.Version.Version, writtenBy(v))
			continue
		}
		list(&b, fmt.Sprintf("version %d, %s:", v.Version.Version, writtenBy(v)), Changes(before.Doc, v.Doc))
		before = v
	}
	list(&b, "of that, the file would undo:", s.Undone)
	list(&b, "the file itself changes since the last push:", s.Ours)
	return strings.TrimSuffix(b.String(), "\n")
}

// list writes a heading and changes below it.
func list(b *strings.Builder, heading string, changes []Change) {
	fmt.Fprintf(b, "  %s\n", heading)
	for _, c := range changes {
		fmt.Fprintf(b, "    %s\n", c)
	}
	if len(changes) == 0 {
		b.WriteString("    nothing\n")
	}
}

func writtenBy(v Version) string {
	by := v.ModifiedBy
	if by == "" {
		by = "an unknown caller"
	}
	return v.ModifiedAt.UTC().Format(time.RFC3339) + " by " + by
}

// EarlierText is the remark on a file that says what an older push wrote, empty where
// there is none.
func (s Status) EarlierText() string {
	if s.Earlier == nil {
		return ""
	}
	return fmt.Sprintf("the file says what version %d said, pushed at %s: is this a revert, or an old checkout?", s.Earlier.Version.Version, writtenBy(*s.Earlier))
}
