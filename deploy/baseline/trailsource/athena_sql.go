package trailsource

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// column is a part of a CloudTrail record that a query asks for.
type column struct {
	path []string // in the record
	json bool     // the text is JSON itself
}

// columns are what pkg/trail reads of a record, and who it was for people.
var columns = []column{
	{path: []string{"eventVersion"}},
	{path: []string{"eventTime"}},
	{path: []string{"eventID"}},
	{path: []string{"eventSource"}},
	{path: []string{"eventName"}},
	{path: []string{"awsRegion"}},
	{path: []string{"recipientAccountId"}},
	{path: []string{"sourceIPAddress"}},
	{path: []string{"userAgent"}},
	{path: []string{"errorCode"}},
	{path: []string{"userIdentity", "type"}},
	{path: []string{"userIdentity", "principalId"}},
	{path: []string{"userIdentity", "arn"}},
	{path: []string{"userIdentity", "accountId"}},
	{path: []string{"userIdentity", "userName"}},
	{path: []string{"userIdentity", "invokedBy"}},
	{path: []string{"userIdentity", "sessionContext", "sourceIdentity"}},
	{path: []string{"userIdentity", "sessionContext", "sessionIssuer", "type"}},
	{path: []string{"userIdentity", "sessionContext", "sessionIssuer", "arn"}},
	{path: []string{"userIdentity", "sessionContext", "sessionIssuer", "userName"}},
	{path: []string{"requestParameters"}, json: true},
	{path: []string{"responseElements"}, json: true},
}

// lower is the path as Athena writes it.
func (c column) lower() []string {
	return strings.Split(strings.ToLower(strings.Join(c.path, ".")), ".")
}

// query is a statement, and the columns of its answer in their order.
type query struct {
	sql     string
	columns []column
}

// queryOf makes the statement that extracts the calls about security groups. Each field of a struct is a column of its
// own: whether a struct cast to JSON keeps the names of its fields differs between versions of Athena's engine.
func queryOf(table Table, s shape, selection Selection, now time.Time, fullScan bool) (query, error) {
	var q query
	var selected []string
	for _, c := range columns {
		if path := c.lower(); s.has(path) {
			q.columns = append(q.columns, c)
			selected = append(selected, fmt.Sprintf("  %s AS %s", `"`+strings.Join(path, `"."`)+`"`, quoted(strings.Join(path, "_"))))
		}
	}
	filters, err := s.filters(table, selection, now, fullScan)
	q.sql = fmt.Sprintf("SELECT\n%s\nFROM %s.%s\nWHERE %s\n",
		strings.Join(selected, ",\n"), quoted(table.Database), quoted(table.Name), strings.Join(filters, "\n  AND "))
	return q, err
}

// filters are the conditions of the statement: first those that keep Athena from reading what is not wanted.
func (s shape) filters(table Table, selection Selection, now time.Time, fullScan bool) ([]string, error) {
	if err := selection.Check(); err != nil {
		return nil, err
	}
	var filters []string
	days, known := s.dayFilter(selection.From, orNow(selection.To, now))
	switch {
	case fullScan && (!known || selection.From.IsZero()):
	case selection.From.IsZero():
		return nil, fmt.Errorf("a query without --from reads the whole table %s: say from which day, or say --full-scan", table)
	case !known:
		return nil, fmt.Errorf("%s has no partitions by date that sgwarden knows, so a query reads the whole table: its partition keys are %v. "+
			"Say --full-scan to have that, or make a table with partition projection (Athena User Guide, \"Create the table for CloudTrail logs in Athena using partition projection\")", table, namesOf(s.partitions))
	default:
		filters = append(filters, days)
	}
	origins, err := s.originFilters(selection)
	filters = append(filters, origins...)
	filters = append(filters, "eventsource = 'ec2.amazonaws.com'", "eventname IN ("+texts(trail.Names())+")")
	if !selection.From.IsZero() {
		filters = append(filters, fmt.Sprintf("eventtime >= '%s'", selection.From.UTC().Format(time.RFC3339)))
	}
	if !selection.To.IsZero() {
		filters = append(filters, fmt.Sprintf("eventtime < '%s'", selection.To.UTC().Format(time.RFC3339)))
	}
	return filters, err
}

func orNow(t, now time.Time) time.Time {
	if t.IsZero() {
		return now
	}
	return t
}

// originFilters limit the query to accounts and regions, by partition keys where the table has such keys.
func (s shape) originFilters(selection Selection) ([]string, error) {
	var filters []string
	for _, origin := range []struct {
		flag, column string
		wanted, keys []string
	}{
		// Old records have no recipient (CloudTrail User Guide, "CloudTrail record contents"), so who called stands in.
		{"--accounts", "coalesce(recipientaccountid, useridentity.accountid)", selection.Accounts, []string{"account", "accountid", "account_id", "aws_account_id"}},
		{"--regions", "awsregion", selection.Regions, []string{"region", "aws_region"}},
	} {
		key := s.partition(origin.keys...)
		switch {
		case len(origin.wanted) > 0 && key != "":
			filters = append(filters, s.textOf(key)+" IN ("+texts(origin.wanted)+")")
		case len(origin.wanted) > 0:
			filters = append(filters, origin.column+" IN ("+texts(origin.wanted)+")")
		case strings.EqualFold(s.properties["projection."+key+".type"], "injected"):
			// "queries fail if a filter for an injected column is missing" (Athena User Guide, "Dynamic ID partitioning").
			return nil, fmt.Errorf("the partition key %s of the table needs values in every query: say %s", key, origin.flag)
		}
	}
	return filters, nil
}

// textOf is a partition key as text.
func (s shape) textOf(key string) string {
	if s.partitions[key] == "string" || strings.HasPrefix(s.partitions[key], "varchar") {
		return quoted(key)
	}
	return "CAST(" + quoted(key) + " AS varchar)"
}

// texts are texts of SQL. They were checked, and hold no quotes.
func texts(values []string) string { return "'" + strings.Join(values, "', '") + "'" }

// namesOf are the names of columns, in the order of the alphabet.
func namesOf(columns map[string]string) []string { return slices.Sorted(maps.Keys(columns)) }
