package flowlog

import (
	_ "embed"
	"strconv"
	"strings"
	"time"
)

//go:embed athena.sql
var athena string

// SQL returns the statements for Athena that make a table of flow logs in S3, and extract from the table what the
// advice needs, for the days from one to another. The result in CSV is a flow log that Read takes.
func SQL(from, to time.Time) string {
	const day = "2006/01/02"
	return strings.NewReplacer(
		"{from}", from.UTC().Format(day), "{to}", to.UTC().Format(day), "{services}", strconv.Itoa(servicesBelow-1),
		"{callers}", strconv.Itoa(callersFrom), "{ftp}", strconv.Itoa(ftpData), "{left-out}", strconv.Itoa(noPort),
	).Replace(athena)
}
