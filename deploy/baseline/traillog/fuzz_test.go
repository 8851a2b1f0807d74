package traillog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
)

// FuzzScannerFindsWhatAFullDecodeFinds holds the scanner to encoding/json: on every file that is JSON both find the same
// records. Text that is no JSON must come to an end, and to the same end however small the buffer is at first.
func FuzzScannerFindsWhatAFullDecodeFinds(f *testing.F) {
	for _, name := range events.Names() {
		if object, ok := decodedObject(events.MustRead(name)); ok && object["detail"] != nil {
			f.Add(`{"Records":[` + string(object["detail"]) + `]}`)
		}
	}
	for _, file := range oddFiles {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) { mustAgree(t, file) })
}

func mustAgree(t interface {
	Helper()
	Fatalf(string, ...any)
}, file string,
) {
	t.Helper()
	records, found, err := scanned([]byte(file), 1<<20)
	smallRecords, smallFound, smallErr := scanned([]byte(file), 16)
	if diff := cmp.Diff(found, smallFound); diff != "" || records != smallRecords || (err == nil) != (smallErr == nil) {
		t.Fatalf("a small buffer finds %d records (%v), a large one %d (%v):\n%s", smallRecords, smallErr, records, err, diff)
	}
	wantRecords, want, ok := decodedCompletely([]byte(file))
	if !ok {
		return
	}
	if err != nil {
		t.Fatalf("the scanner calls a good file damaged: %v\n%s", err, file)
	}
	if diff := cmp.Diff(want, found); diff != "" || records != wantRecords {
		t.Fatalf("%d records instead of %d; a full decode (-) and the scanner (+) differ:\n%s\n%s", records, wantRecords, diff, file)
	}
}

const authorize = `{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress"}`

var oddFiles = []string{
	`{"Records":[]}`,
	`{"Records":[` + authorize + `,` + authorize + `]}`,
	`{"Records" : [ ` + authorize + "\n\t\r , " + authorize + ` ] } `,
	`{"version":"1","Records":[` + authorize + `],"more":{"a":[1,2,{"b":"]}"}]}}`,
	`{"\u0052ecords":[` + authorize + `]}`,
	`{"Records":[{"eventN\u0061me":"\u0041uthorizeSecurityGroupIngress","eventSource":"ec2\u002eamazonaws.com"}]}`,
	`{"Records":[{"eventName":"AuthorizeSecurityGroupIngress","eventName":"DescribeRegions","eventSource":"ec2.amazonaws.com"}]}`,
	`{"Records":[{"eventName":"DescribeRegions","eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress"}]}`,
	`{"Records":[{"eventname":"AuthorizeSecurityGroupIngress","eventSource":"ec2.amazonaws.com","eventName":"X"}]}`,
	`{"Records":[{"a":{"eventSource":"ec2.amazonaws.com","eventName":"CreateSecurityGroup"},"eventSource":"s3.amazonaws.com","eventName":"GetObject"}]}`,
	`{"Records":[{"a":"\"eventSource\":\"ec2.amazonaws.com\"\\","eventSource":"s3.amazonaws.com","eventName":"GetObject\\\""}]}`,
	`{"Records":[{"eventSource":null,"eventName":5},{"eventSource":["ec2.amazonaws.com"],"eventName":{"a":"b"}}]}`,
	`{"Records":[` + authorize + `],"Records":[{"eventSource":"x","eventName":"y"}]}`,
	`{"Records":[` + authorize + `,{"eventSource":"ec2.ama`,
	`{"Records":[` + authorize + `,{"eventSource":"ec2.amazonaws.com"}`,
	`{"Records":[` + authorize + "]}\n" + `{"Records":[` + authorize + `]}`,
	`[` + authorize + `,` + authorize + `]`,
	authorize + authorize + "\n" + authorize,
	`{"detail-type":"AWS API Call via CloudTrail","detail":` + authorize + `}`,
	`<html>`, ``, `null`, `"`, `{"`, `{"a":`, `{"a"x`, `[1,2,"x",` + authorize + `]`, strings.Repeat(`{"a":`, 100),
}

func TestScannerFindsWhatAFullDecodeFindsInOddFiles(t *testing.T) {
	t.Parallel()
	for _, file := range oddFiles {
		mustAgree(t, file)
	}
}
