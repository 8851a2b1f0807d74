package trailsource

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Location is a folder, or one object, in S3.
type Location struct{ Bucket, Prefix string }

// bucketPattern is the form of a bucket's name (S3 User Guide, "General purpose bucket naming rules"). Old buckets of
// us-east-1 may have capital letters and underscores.
var bucketPattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]$`)

const scheme = "s3://"

// IsLocation says whether an argument names a location in S3.
func IsLocation(argument string) bool { return strings.HasPrefix(argument, scheme) }

// ParseLocation reads s3://bucket, s3://bucket/prefix or s3://bucket/key.json.gz. The prefix of a folder ends with a slash.
func ParseLocation(argument string) (Location, error) {
	location, err := objectAt(argument)
	if location.Prefix != "" && !strings.HasSuffix(location.Prefix, "/") && !isLogFile(location.Prefix) {
		location.Prefix += "/"
	}
	return location, err
}

// objectAt reads s3://bucket/key, and takes the key as it is.
func objectAt(url string) (Location, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(url, scheme), "/")
	if !IsLocation(url) || !bucketPattern.MatchString(bucket) {
		return Location{}, fmt.Errorf("%q is not a place in S3: want s3://bucket or s3://bucket/prefix", url)
	}
	return Location{Bucket: bucket, Prefix: key}, nil
}

func (p Location) String() string { return scheme + p.Bucket + "/" + p.Prefix }

// at is the location of another key of the bucket.
func (p Location) at(key string) Location { return Location{Bucket: p.Bucket, Prefix: key} }

// isLogFile says whether a key is one that a log file may have. CloudTrail's own end with .json.gz.
func isLogFile(key string) bool {
	return slices.ContainsFunc([]string{".json", ".json.gz", ".gz", ".jsonl", ".ndjson"}, func(end string) bool { return strings.HasSuffix(key, end) })
}

// level is how deep a folder is in the layout of CloudTrail's log files:
// [prefix/]AWSLogs/[o-ORGANISATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ (CloudTrail User Guide, "Finding your CloudTrail
// log files" and "Creating a trail for an organization").
type level int

const (
	elsewhere    level = iota // not in that layout
	atAccounts                // the folder holds accounts, or organisations
	atAccount                 // the folder is an account's
	atRegions                 // the folder holds regions
	belowRegions              // the folder is a region's, or of a day, month or year
	otherLogs                 // the logs of another service, digests or Insights
)

// located is where a folder or an object is in the layout.
type located struct {
	level           level
	account, region string // where the level says that
	day             string // 2006/01/02, or the beginning of it; empty above
	regionFolder    string // the prefix of the region's folder; empty above
}

const logsFolder = "AWSLogs"

var organisationPattern = regexp.MustCompile(`^o-[a-z0-9]+$`)

// locate reads a prefix, which ends with a slash, or the folder of a key.
func locate(prefix string) located {
	parts := strings.Split(strings.TrimSuffix(prefix, "/"), "/")
	at := -1
	for i, part := range parts {
		if part == logsFolder {
			at = i // an organisation's bucket may have a prefix that repeats the name
		}
	}
	if at < 0 {
		return located{level: elsewhere}
	}
	rest := parts[at+1:]
	if len(rest) > 0 && organisationPattern.MatchString(rest[0]) {
		rest = rest[1:]
	}
	return locateBelow(parts, rest)
}

// locateBelow reads what follows AWSLogs/ and the organisation; parts are all folders of the prefix.
func locateBelow(parts, rest []string) located {
	switch {
	case len(rest) == 0:
		return located{level: atAccounts}
	case !accountPattern.MatchString(rest[0]):
		return located{level: otherLogs}
	case len(rest) == 1:
		return located{level: atAccount, account: rest[0]}
	case rest[1] != "CloudTrail":
		return located{level: otherLogs}
	case len(rest) == 2:
		return located{level: atRegions, account: rest[0]}
	}
	day := rest[3:min(len(rest), 6)]
	folder := parts[:len(parts)-len(rest)+3]
	return located{
		level: belowRegions, account: rest[0], region: rest[2],
		day: strings.Join(day, "/"), regionFolder: strings.Join(folder, "/") + "/",
	}
}
