package trailsource

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// Table names a table of Athena.
type Table struct{ Database, Name string }

// tablePattern permits no quote and no space, so that a name can't end the quotes around it. Athena's own names have
// letters, digits and underscores; Glue permits hyphens too (Athena User Guide, "Name databases, tables, and columns").
var tablePattern = regexp.MustCompile(`^([A-Za-z0-9_-]{1,128})\.([A-Za-z0-9_-]{1,128})$`)

// ParseTable reads DATABASE.TABLE.
func ParseTable(text string) (Table, error) {
	parts := tablePattern.FindStringSubmatch(text)
	if parts == nil {
		return Table{}, fmt.Errorf("--athena %q: want DATABASE.TABLE, of letters, digits, underscores and hyphens", text)
	}
	return Table{Database: parts[1], Name: parts[2]}, nil
}

func (t Table) String() string { return t.Database + "." + t.Name }

// shape is what a table looks like: its columns and partition keys by lower-case name with their types, and its
// properties.
type shape struct {
	columns    map[string]string
	partitions map[string]string
	properties map[string]string
}

// catalog is the data catalog in which tables are looked for: Glue's.
const catalog = "AwsDataCatalog"

// shapeOf asks Athena for the shape of a table.
func shapeOf(ctx context.Context, client *athena.Client, table Table, workgroup string) (shape, error) {
	input := &athena.GetTableMetadataInput{CatalogName: aws.String(catalog), DatabaseName: &table.Database, TableName: &table.Name}
	if workgroup != "" {
		input.WorkGroup = &workgroup
	}
	found, err := client.GetTableMetadata(ctx, input)
	switch {
	case awserr.ClassOf(err) == awserr.Denied:
		return shape{}, fmt.Errorf("ask Athena for the columns of %s: %w\n  needed are athena:GetTableMetadata, glue:GetDatabase and glue:GetTable", table, err)
	case err != nil:
		return shape{}, fmt.Errorf("ask Athena for the columns of %s: %w", table, err)
	}
	s := shape{columns: typesOf(found.TableMetadata.Columns), partitions: typesOf(found.TableMetadata.PartitionKeys), properties: found.TableMetadata.Parameters}
	return s, s.check(table)
}

func typesOf(columns []types.Column) map[string]string {
	byName := map[string]string{}
	for _, column := range columns {
		byName[strings.ToLower(aws.ToString(column.Name))] = strings.ToLower(aws.ToString(column.Type))
	}
	return byName
}

// check refuses a table that is not one of CloudTrail records, or that holds them in another way than the documented one.
func (s shape) check(table Table) error {
	for _, name := range []string{"eventname", "eventsource", "eventtime", "eventid", "awsregion", "recipientaccountid", "useridentity", "requestparameters", "responseelements"} {
		if s.columns[name] == "" {
			return fmt.Errorf("%s is not a table of CloudTrail records as AWS documents it: it has no column %s", table, name)
		}
	}
	for _, name := range []string{"requestparameters", "responseelements", "eventtime"} {
		if s.columns[name] != "string" && !strings.HasPrefix(s.columns[name], "varchar") {
			return fmt.Errorf("the column %s of %s is of type %.60s: want string, as in the table that AWS documents for CloudTrail", name, table, s.columns[name])
		}
	}
	return nil
}

// has says whether a column, or a field of a struct, is there. The path is in lower case.
func (s shape) has(path []string) bool {
	kind := s.columns[path[0]]
	for _, name := range path[1:] {
		kind = fieldType(kind, name)
	}
	return kind != ""
}

// fieldType is the type of a field of a struct, such as struct<type:string,arn:string>; empty where there is none.
func fieldType(kind, name string) string {
	inner, isStruct := strings.CutPrefix(kind, "struct<")
	if !isStruct {
		return ""
	}
	depth, start := 0, 0
	for i, c := range inner {
		switch {
		case c == '<' || c == '(':
			depth++
		case depth > 0 && (c == '>' || c == ')'):
			depth--
		case depth == 0 && (c == ',' || c == '>'):
			field, fieldKind, _ := strings.Cut(inner[start:i], ":")
			if strings.TrimSpace(field) == name {
				return strings.TrimSpace(fieldKind)
			}
			start = i + 1
		}
	}
	return ""
}

// documented is the table with partition projection that AWS documents for CloudTrail (Athena User Guide, "Create the
// table for CloudTrail logs in Athena using partition projection").
var documented = shape{
	columns: map[string]string{
		"eventversion": "string", "eventtime": "string", "eventsource": "string", "eventname": "string", "awsregion": "string",
		"sourceipaddress": "string", "useragent": "string", "errorcode": "string", "requestparameters": "string",
		"responseelements": "string", "eventid": "string", "recipientaccountid": "string",
		"useridentity": "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,username:string," +
			"sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>," +
			"sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>>>",
	},
	partitions: map[string]string{"timestamp": "string"},
	properties: map[string]string{"projection.enabled": "true", "projection.timestamp.type": "date", "projection.timestamp.format": "yyyy/MM/dd"},
}

// partition returns the first of some names that is a partition key; empty where none is.
func (s shape) partition(names ...string) string {
	at := slices.IndexFunc(names, func(name string) bool { return s.partitions[name] != "" })
	if at < 0 {
		return ""
	}
	return names[at]
}
