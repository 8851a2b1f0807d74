package trailsource

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
)

var zone = time.FixedZone("UTC-7", -7*60*60)

const (
	production = "111122223333"
	staging    = "444455556666"
)

// keyOf is a key as an organisation's trail has it.
func keyOf(account, region, day, name string) string {
	return "trail/AWSLogs/o-a1b2c3d4/" + account + "/CloudTrail/" + region + "/" + day + "/" + name + ".json.gz"
}

// organisation fills a bucket with the logs of two accounts, two regions and five days, and with other things.
func organisation(t *testing.T, cfg aws.Config) (bucket string) {
	t.Helper()
	bucket = newBucket(t, cfg)
	for _, account := range []string{production, staging} {
		for _, region := range []string{"eu-west-1", "us-east-1"} {
			for _, d := range []string{"2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03"} {
				folder := strings.ReplaceAll(d, "-", "/")
				for _, name := range []string{"a", "b"} {
					id := strings.Join([]string{account, region, d, name}, " ")
					putObject(t, cfg, bucket, keyOf(account, region, folder, name), logFile(t, record(t, id, day(d), account, region)))
				}
			}
		}
	}
	for _, key := range []string{
		"trail/AWSLogs/o-a1b2c3d4/" + production + "/CloudTrail-Digest/us-east-1/2026/11/01/d.json.gz",
		"trail/AWSLogs/o-a1b2c3d4/" + production + "/vpcflowlogs/us-east-1/2026/11/01/f.log.gz",
		"trail/readme.json",
	} {
		putObject(t, cfg, bucket, key, []byte(`{"not": "a log"}`))
	}
	return bucket
}

func TestWhatIsReadBelowALocationInS3(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	bucket := organisation(t, cfg)
	in := func(account, region, day string) []string {
		prefix := scheme + bucket + "/" + keyOf(account, region, day, "")
		prefix = strings.TrimSuffix(prefix, ".json.gz")
		return []string{prefix + "a.json.gz", prefix + "b.json.gz"}
	}
	join := func(all ...[]string) (joined []string) {
		for _, some := range all {
			joined = append(joined, some...)
		}
		return joined
	}
	days := Selection{From: day("2026-11-01"), To: day("2026-11-03")}
	usProduction := Selection{From: days.From, To: days.To, Accounts: []string{production}, Regions: []string{"us-east-1"}}
	region := "/trail/AWSLogs/o-a1b2c3d4/" + production + "/CloudTrail/us-east-1"
	for name, c := range map[string]struct {
		prefix    string
		selection Selection
		want      []string
	}{
		"a bucket, a day, an account and a region": {"", usProduction, join(in(production, "us-east-1", "2026/11/01"), in(production, "us-east-1", "2026/11/02"), in(production, "us-east-1", "2026/11/03"))},
		"a trail's prefix":                         {"/trail", usProduction, join(in(production, "us-east-1", "2026/11/01"), in(production, "us-east-1", "2026/11/02"), in(production, "us-east-1", "2026/11/03"))},
		"an account":                               {"/trail/AWSLogs/o-a1b2c3d4/" + staging + "/", Selection{To: day("2026-10-30"), Regions: []string{"eu-west-1"}}, in(staging, "eu-west-1", "2026/10/30")},
		"a region":                                 {region, Selection{From: day("2026-11-03")}, in(production, "us-east-1", "2026/11/03")},
		"a month":                                  {region + "/2026/10", Selection{}, join(in(production, "us-east-1", "2026/10/30"), in(production, "us-east-1", "2026/10/31"))},
		"a day":                                    {region + "/2026/11/02/", days, in(production, "us-east-1", "2026/11/02")},
		"an object":                                {region + "/2026/11/02/b.json.gz", Selection{}, in(production, "us-east-1", "2026/11/02")[1:]},
		"the accounts of an organisation, all of one region": {"/trail/AWSLogs", Selection{From: day("2026-11-03"), Regions: []string{"us-east-1"}}, join(in(production, "us-east-1", "2026/11/03"), in(staging, "us-east-1", "2026/11/03"))},
	} {
		location, err := ParseLocation(scheme + bucket + c.prefix)
		if err != nil {
			t.Fatal(err)
		}
		recorded, _ := recording(cfg, true)
		sources, err := S3(t.Context(), recorded, location, c.selection, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, problems := namesIn(sources)
		if diff := cmp.Diff(c.want, got); diff != "" || len(problems) > 0 {
			t.Errorf("%s: %v (-want +got):\n%s", name, problems, diff)
		}
	}
}

func TestOnlyTheDaysAskedForAreListed(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	bucket := newBucket(t, cfg)
	region := "AWSLogs/" + production + "/CloudTrail/us-east-1/"
	for _, d := range []string{"2026/01/01", "2026/02/01", "2026/03/01", "2026/11/01", "2026/11/02", "2026/11/03", "2026/12/01", "2026/12/02"} {
		for _, name := range []string{"a", "b"} {
			putObject(t, cfg, bucket, region+d+"/"+name+".json.gz", logFile(t))
		}
	}
	recorded, asked := recording(cfg, true)
	sources, err := S3(t.Context(), recorded, Location{Bucket: bucket}, Selection{From: day("2026-11-01"), To: day("2026-11-03")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, problems := namesIn(sources)
	if len(got) != 6 || len(problems) > 0 {
		t.Errorf("%v, %v", got, problems)
	}
	// Two keys a page: three pages are of the days asked for, and the fourth shows that these are over.
	if listings := asked.take("us-east-1"); len(listings) != 4 || !strings.Contains(listings[0], "start-after="+strings.ReplaceAll(region, "/", "%2F")+"2026%2F11%2F01") {
		t.Errorf("%d listings:\n%s", len(listings), strings.Join(listings, "\n"))
	}
}

func TestALocationInAnotherLayoutIsListedAsItIs(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	bucket := newBucket(t, cfg)
	for _, key := range []string{"export/2026/a.json", "export/b.ndjson", "export/deep/er/still/further/c.json.gz", "export/picture.png"} {
		putObject(t, cfg, bucket, key, logFile(t, record(t, key, day("2026-11-01"), production, "us-east-1")))
	}
	recorded, _ := recording(cfg, true)
	sources, err := S3(t.Context(), recorded, Location{bucket, "export/"}, Selection{From: day("2026-11-01")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids, tally := read(t, sources, Selection{})
	if diff := cmp.Diff([]string{"export/2026/a.json", "export/b.ndjson", "export/deep/er/still/further/c.json.gz"}, ids); diff != "" || len(tally.Skipped) > 0 {
		t.Errorf("%+v (-want +got):\n%s", tally, diff)
	}
}

// TestAnEventOfTheDaysLastMinutes is delivered into the folder of the next day, with events that are not wanted.
func TestAnEventOfTheDaysLastMinutes(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	bucket := newBucket(t, cfg)
	late, next := day("2026-11-01").Add(24*time.Hour-time.Second), day("2026-11-02")
	putObject(t, cfg, bucket, "AWSLogs/"+production+"/CloudTrail/us-east-1/2026/11/02/a.json.gz",
		logFile(t, record(t, "next", next, production, "us-east-1"), record(t, "late", late, production, "us-east-1")))
	selection := Selection{From: day("2026-11-01"), To: day("2026-11-02")}
	sources, err := S3(t.Context(), cfg, Location{Bucket: bucket}, selection, nil)
	if err != nil {
		t.Fatal(err)
	}
	if ids, _ := read(t, sources, selection); len(ids) != 1 || ids[0] != "late" {
		t.Errorf("got %v", ids)
	}
}

func TestLocationsWithoutAHistory(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	bucket := organisation(t, cfg)
	_, err := S3(t.Context(), cfg, Location{Bucket: "no-such-bucket-here"}, Selection{}, nil)
	if err == nil || err.Error() != "there is no bucket no-such-bucket-here: look at the name (aws s3 ls)" {
		t.Errorf("no bucket: %v", err)
	}
	_, err = S3(t.Context(), cfg, Location{bucket, "trial/"}, Selection{}, nil)
	if err == nil || !strings.Contains(err.Error(), "there is nothing below s3://"+bucket+"/trial/") {
		t.Errorf("no prefix: %v", err)
	}
	sources, err := S3(t.Context(), cfg, Location{Bucket: bucket}, Selection{From: day("2027-01-01"), To: day("2027-02-01")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"s3://" + bucket + "/ holds no log files of CloudTrail for 2027-01-01 to 2027-01-31"}
	if names, problems := namesIn(sources); len(names) > 0 || cmp.Diff(want, problems) != "" {
		t.Errorf("no days: %v, %v", names, problems)
	}
}

func TestAnInterruptedListingLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	bucket := organisation(t, cfg)
	sources, err := S3(t.Context(), cfg, Location{Bucket: bucket}, Selection{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range sources {
		break // the range returns only once the listing has ended: the test would hang otherwise
	}
}

func TestWhatIsKeptIsNotReadAgain(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	bucket, dir := newBucket(t, cfg), filepath.Join(t.TempDir(), "kept")
	folder := "AWSLogs/" + production + "/CloudTrail/us-east-1/2026/11/01/"
	unrelated := []byte(`{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventTime":"2026-11-01T00:00:00Z","eventID":"x"}]}`)
	torn := logFile(t, record(t, "torn", day("2026-11-01"), production, "us-east-1"))
	putObject(t, cfg, bucket, folder+"a.json.gz", logFile(t, record(t, "a1", day("2026-11-01"), production, "us-east-1"), record(t, "a2", day("2026-11-01"), production, "us-east-1")))
	putObject(t, cfg, bucket, folder+"b.json", unrelated)
	putObject(t, cfg, bucket, folder+"torn.json.gz", torn[:len(torn)-12])
	recorded, asked := recording(cfg, false)
	run := func() ([]string, traillog.Tally, []string) {
		t.Helper()
		keep, err := NewKeep(dir)
		if err != nil {
			t.Fatal(err)
		}
		sources, err := S3(t.Context(), recorded, Location{Bucket: bucket}, Selection{}, keep)
		if err != nil {
			t.Fatal(err)
		}
		ids, tally := read(t, sources, Selection{})
		return ids, tally, asked.take("x-id=GetObject")
	}
	_, first, got := run()
	if len(first.Skipped) != 1 || len(got) < 3 {
		t.Errorf("the first run: %+v, %v", first, got)
	}
	ids, tally, got := run()
	if len(tally.Skipped) != 1 || !strings.Contains(tally.Skipped[0].File, "torn.json.gz") {
		t.Errorf("the torn object: %+v", tally)
	}
	for _, request := range got {
		if !strings.Contains(request, "torn") {
			t.Errorf("the second run asked %s", request)
		}
	}
	if len(ids) < 2 || ids[0] != "a1" || ids[1] != "a2" {
		t.Errorf("events of the second run: %v", ids)
	}
	// Another version of the object is another object.
	putObject(t, cfg, bucket, folder+"a.json.gz", logFile(t, record(t, "a3", day("2026-11-01"), production, "us-east-1")))
	if ids, _, _ := run(); len(ids) == 0 || ids[0] != "a3" {
		t.Errorf("events of the third run: %v", ids)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "unfinished-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil || len(kept) != 3 {
		t.Errorf("kept: %v, %v", kept, err)
	}
	for _, path := range kept {
		if content, err := os.ReadFile(path); err != nil || bytes.Contains(content, []byte("s3.amazonaws.com")) {
			t.Errorf("%s: %s, %v", path, content, err)
		}
	}
}
