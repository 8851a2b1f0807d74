package basefile

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
)

// versionLine is the stamp that earlier versions of this command wrote into files.
var VersionLine = regexp.MustCompile(`(?m)^# version: (\d+)$`)

func WithoutVersion(data []byte) []byte {
	at := VersionLine.FindIndex(data)
	if at == nil {
		return data
	}
	return slices.Concat(data[:at[0]], bytes.TrimPrefix(data[at[1]:], []byte("\n")))
}

func WithVersion(data []byte, version int64) []byte {
	return append(fmt.Appendf(nil, "# version: %d\n", version), data...)
}
