package trailsource

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLocationsInS3(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]Location{
		"s3://logs":                 {"logs", ""},
		"s3://logs/":                {"logs", ""},
		"s3://my.logs-1/AWSLogs":    {"my.logs-1", "AWSLogs/"},
		"s3://logs/a/b/":            {"logs", "a/b/"},
		"s3://logs/a/b.json.gz":     {"logs", "a/b.json.gz"},
		"s3://logs/AWSLogs/2026/1/": {"logs", "AWSLogs/2026/1/"},
		"s3://logs/with space/ü/":   {"logs", "with space/ü/"},
	} {
		got, err := ParseLocation(argument)
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v", argument, got, err)
		}
	}
	for _, argument := range []string{"", "s3://", "s3:///x", "logs", "S3://logs", "s3://a", "s3://-a-/", "s3://a b/", "https://logs.s3.amazonaws.com/"} {
		if got, err := ParseLocation(argument); err == nil {
			t.Errorf("%q is %+v", argument, got)
		}
	}
}

func TestFoldersOfCloudTrailsLayout(t *testing.T) {
	t.Parallel()
	us := located{level: belowRegions, account: "111122223333", region: "us-east-1", regionFolder: "AWSLogs/111122223333/CloudTrail/us-east-1/"}
	with := func(day, folder string) located {
		l := us
		l.day = day
		if folder != "" {
			l.regionFolder = folder
		}
		return l
	}
	for prefix, want := range map[string]located{
		"":                                 {level: elsewhere},
		"2026/11/29/":                      {level: elsewhere},
		"AWSLogs/":                         {level: atAccounts},
		"my/prefix/AWSLogs/o-a1b2c3d4/":    {level: atAccounts},
		"AWSLogs/111122223333/":            {level: atAccount, account: "111122223333"},
		"AWSLogs/111122223333/CloudTrail/": {level: atRegions, account: "111122223333"},
		"AWSLogs/111122223333/Config/":     {level: otherLogs},
		"AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/":       {level: otherLogs},
		"AWSLogs/aws-account-id=111122223333/":                         {level: otherLogs},
		"AWSLogs/111122223333/CloudTrail/us-east-1/":                   us,
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/":              with("2026", ""),
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/29/":        with("2026/11/29", ""),
		"o-a1/AWSLogs/o-a1/111122223333/CloudTrail/us-east-1/2026/11/": with("2026/11", "o-a1/AWSLogs/o-a1/111122223333/CloudTrail/us-east-1/"),
		"AWSLogs/x/AWSLogs/111122223333/CloudTrail/us-east-1/":         with("", "AWSLogs/x/AWSLogs/111122223333/CloudTrail/us-east-1/"),
		"/AWSLogs/111122223333/CloudTrail/us-east-1/":                  with("", "/AWSLogs/111122223333/CloudTrail/us-east-1/"),
	} {
		if diff := cmp.Diff(want, locate(prefix), cmp.AllowUnexported(located{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", prefix, diff)
		}
	}
}

func TestDaysThatCanHoldEvents(t *testing.T) {
	t.Parallel()
	all := []string{"2026/10/30", "2026/10/31", "2026/11/01", "2026/11/02", "2026/11/03", "2026/11/04"}
	for name, c := range map[string]struct {
		selection Selection
		want      []string
	}{
		"all":                               {Selection{}, all},
		"from a day":                        {Selection{From: day("2026-11-02")}, all[3:]},
		"until midnight, and one day more":  {Selection{To: day("2026-11-01")}, all[:3]},
		"one day, and one day more":         {Selection{From: day("2026-11-01"), To: day("2026-11-02")}, all[2:4]},
		"a time of another zone":            {Selection{From: day("2026-11-02").In(zone)}, all[3:]},
		"until a time of another zone":      {Selection{To: day("2026-11-01").Add(1).In(zone)}, all[:4]},
		"a year later":                      {Selection{From: day("2027-11-02")}, nil},
		"until the end of the year before ": {Selection{To: day("2025-12-31")}, nil},
	} {
		var got []string
		for _, d := range all {
			if c.selection.hasDay(d) {
				got = append(got, d)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSelectionsThatCanNotBeMeant(t *testing.T) {
	t.Parallel()
	for want, selection := range map[string]Selection{
		`--from 2026-11-02T00:00:00Z is not before --to 2026-11-02T00:00:00Z`: {From: day("2026-11-02"), To: day("2026-11-02")},
		`--accounts "1111": want ids of 12 digits`:                            {Accounts: []string{"111122223333", "1111"}},
		`--regions "us-east-1' OR '1'='1": want names such as us-east-1`:      {Regions: []string{"us-east-1' OR '1'='1"}},
		`--regions "": want names such as us-east-1`:                          {Regions: []string{""}},
	} {
		if err := selection.Check(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	valid := Selection{From: day("2026-11-01"), To: day("2026-11-02"), Accounts: []string{"111122223333"}, Regions: []string{"us-gov-west-1", "ap-southeast-2"}}
	if err := valid.Check(); err != nil {
		t.Error(err)
	}
}
