package trailsource

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/golden"
)

// with is the documented table with other partition keys.
func with(partitions, properties map[string]string) shape {
	return shape{columns: documented.columns, partitions: partitions, properties: properties}
}

var logs = Table{Database: "default", Name: "cloudtrail_logs"}

var november = Selection{From: day("2026-11-01"), To: day("2026-11-15")}

// dates is the partition projection of a key.
func dates(key, format string) map[string]string {
	return map[string]string{"projection.enabled": "true", "projection." + key + ".type": "date", "projection." + key + ".format": format}
}

func TestTheWholeStatement(t *testing.T) {
	t.Parallel()
	organisation := with(map[string]string{"account": "string", "region": "string", "timestamp": "string"}, dates("timestamp", "yyyy/MM/dd"))
	selection := november
	selection.Accounts, selection.Regions = []string{production, staging}, []string{"us-east-1"}
	identity := maps.Clone(documented.columns)
	identity["useridentity"] = strings.Replace(identity["useridentity"], "sessioncontext:struct<", "sessioncontext:struct<sourceidentity:string,", 1)
	organisation.columns = identity
	for name, c := range map[string]struct {
		shape     shape
		selection Selection
	}{
		"documented.sql":   {documented, november},
		"organisation.sql": {organisation, selection},
	} {
		q, err := queryOf(logs, c.shape, c.selection, november29, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(q.sql, " AS "); got != len(q.columns) {
			t.Errorf("%s: %d columns selected, %d known", name, got, len(q.columns))
		}
		golden.Compare(t, name, q.sql)
	}
}

func TestTheDaysOfAQuery(t *testing.T) {
	t.Parallel()
	text := map[string]string{"year": "string", "month": "string", "day": "string"}
	number := map[string]string{"year": "int", "month": "int", "day": "int"}
	for name, c := range map[string]struct {
		shape shape
		from  string
		to    string // empty: now
		want  string
	}{
		"a day as the documentation writes it":     {documented, "2026-11-01", "2026-11-15", `"timestamp" BETWEEN '2026/11/01' AND '2026/11/15'`},
		"until now":                                {documented, "2026-11-01", "", `"timestamp" BETWEEN '2026/11/01' AND '2026/11/30'`},
		"the documented key without a projection":  {with(map[string]string{"timestamp": "string"}, nil), "2026-11-01", "2026-11-15", `"timestamp" BETWEEN '2026/11/01' AND '2026/11/15'`},
		"another form":                             {with(map[string]string{"dt": "string"}, dates("dt", "yyyy-MM-dd")), "2026-11-01", "2026-11-15", `"dt" BETWEEN '2026-11-01' AND '2026-11-15'`},
		"hours":                                    {with(map[string]string{"hour": "string"}, dates("hour", "yyyy/MM/dd/HH")), "2026-11-01", "2026-11-15", `"hour" BETWEEN '2026/11/01/00' AND '2026/11/15/23'`},
		"year, month and day as text":              {with(text, nil), "2026-11-29", "2026-12-01", `(("year" IN ('2026') AND "month" IN ('11') AND "day" IN ('29', '30')) OR ("year" IN ('2026') AND "month" IN ('12') AND "day" IN ('01', '1')))`},
		"year, month and day as numbers":           {with(number, nil), "2025-12-31", "2026-01-01", `(("year" IN (2025) AND "month" IN (12) AND "day" IN (31)) OR ("year" IN (2026) AND "month" IN (1) AND "day" IN (1)))`},
		"many days are whole months":               {with(number, nil), "2026-09-20", "2026-11-29", `(("year" IN (2026) AND "month" IN (9)) OR ("year" IN (2026) AND "month" IN (10)) OR ("year" IN (2026) AND "month" IN (11)))`},
		"many months are whole years":              {with(number, nil), "2020-01-01", "2025-12-30", `"year" IN (2020, 2021, 2022, 2023, 2024, 2025)`},
		"years alone":                              {with(map[string]string{"year": "string"}, nil), "2026-01-01", "2026-03-01", `"year" IN ('2026')`},
		"a key of which nobody knows the form":     {with(map[string]string{"dt": "string"}, nil), "2026-11-01", "2026-11-15", ""},
		"a form that does not stand in order":      {with(map[string]string{"dt": "string"}, dates("dt", "dd-MM-yyyy")), "2026-11-01", "2026-11-15", ""},
		"a form with the names of months":          {with(map[string]string{"dt": "string"}, dates("dt", "yyyy-MMM-dd")), "2026-11-01", "2026-11-15", ""},
		"no partitions, as the console makes them": {with(nil, nil), "2026-11-01", "2026-11-15", ""},
	} {
		to := november29
		if c.to != "" {
			to = day(c.to)
		}
		got, known := c.shape.dayFilter(day(c.from), to)
		if diff := cmp.Diff(c.want, got); diff != "" || known != (c.want != "") {
			t.Errorf("%s: known %v (-want +got):\n%s", name, known, diff)
		}
	}
}

func TestQueriesThatWouldReadTheWholeTable(t *testing.T) {
	t.Parallel()
	plain := with(map[string]string{"region": "string"}, nil)
	injected := with(map[string]string{"account": "string", "timestamp": "string"}, map[string]string{"projection.account.type": "injected"})
	for name, c := range map[string]struct {
		shape     shape
		selection Selection
		full      bool
		want      string // of the error; empty: it is made
	}{
		"a day":                            {documented, november, false, ""},
		"no day":                           {documented, Selection{}, false, "a query without --from reads the whole table default.cloudtrail_logs: say from which day, or say --full-scan"},
		"no day, on purpose":               {documented, Selection{}, true, ""},
		"no partitions by date":            {plain, november, false, "its partition keys are [region]. Say --full-scan"},
		"no partitions, on purpose":        {plain, november, true, ""},
		"a key that always wants a value":  {injected, november, false, "the partition key account of the table needs values in every query: say --accounts"},
		"a key that has the value":         {injected, Selection{From: november.From, Accounts: []string{production}}, false, ""},
		"a region that is none":            {documented, Selection{From: november.From, Regions: []string{"x' OR 1=1 --"}}, false, `--regions "x' OR 1=1 --": want names such as us-east-1`},
		"an account that is none, on full": {documented, Selection{Accounts: []string{"'"}}, true, `--accounts "'": want ids of 12 digits`},
	} {
		q, err := queryOf(logs, c.shape, c.selection, november29, c.full)
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		case err == nil && !c.selection.From.IsZero() && !strings.Contains(q.sql, "eventtime >= '2026-11-01T00:00:00Z'"):
			t.Errorf("%s: %s", name, q.sql)
		}
	}
}

func TestNamesOfTables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Table{
		"default.cloudtrail_logs": {"default", "cloudtrail_logs"},
		"my-db.trail_2026":        {"my-db", "trail_2026"},
	} {
		if got, err := ParseTable(text); err != nil || got != want {
			t.Errorf("%s is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "logs", "a.b.c", `a".b`, "a.b;--", "a.b c", "a.'b'", ".b", "a.", "a.b\n"} {
		if got, err := ParseTable(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestFieldsOfStructs(t *testing.T) {
	t.Parallel()
	s := shape{columns: map[string]string{"useridentity": "struct<type:string,price:decimal(10,2),on:struct<a:string,b:map<string,string>>,last:array<struct<arn:string>>>", "eventname": "string"}}
	for path, want := range map[string]bool{
		"eventname": true, "eventtime": false, "useridentity": true, "useridentity.type": true, "useridentity.price": true, "useridentity.on": true, "useridentity.on.a": true,
		"useridentity.on.b": true, "useridentity.last": true, "useridentity.arn": false, "useridentity.a": false, "useridentity.on.c": false, "eventname.x": false, "useridentity.2": false,
	} {
		if got := s.has(strings.Split(path, ".")); got != want {
			t.Errorf("%s is there: %v", path, got)
		}
	}
}

func TestWhatAQueryCosts(t *testing.T) {
	t.Parallel()
	for scanned, want := range map[int64]string{
		0:                 "Athena scanned 0 bytes: less than 0.01 USD, at 5 USD a TB (some regions are dearer)",
		1_999_000_000:     "Athena scanned 2.0 GB: less than 0.01 USD, at 5 USD a TB (some regions are dearer)",
		2_400_000_000_000: "Athena scanned 2.4 TB: about 12.00 USD, at 5 USD a TB (some regions are dearer)",
	} {
		if diff := cmp.Diff(want, cost(scanned)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
