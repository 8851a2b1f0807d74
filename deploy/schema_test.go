package deploy_test

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// compileSchema compiles the schema of a kind of document, such as baseline.
func compileSchema(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(kind + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validate returns what a schema says of a document.
func validate(t *testing.T, schema *jsonschema.Schema, document string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// TestTheSchemaAndTheDecoderAgree holds the two readings of a baseline together.
// JSON Schema can't check host bits or a foreign group, so what it accepts is not
// always valid; what it refuses never is.
func TestTheSchemaAndTheDecoderAgree(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "baseline")
	const head = `"schema":1,"groupId":"sg-0a"`
	in := func(entry string) string { return `{` + head + `,"ingress":[` + entry + `]}` }
	exception := func(fields string) string {
		return `{` + head + `,"ingress":[],"egress":[],"exceptions":[{"protocol":"tcp","ports":"22",` + fields + `}]}`
	}
	guarding := func(list, direction, peers string) string {
		return `{` + head + `,"` + list + `":[],"exceptions":[{"direction":"` + direction + `","protocol":"all","` + peers + `":["self"],"expires":"2026-12-01T09:00:00Z"}]}`
	}
	cases := map[string]struct {
		document string
		valid    bool
	}{
		"the least":                                     {`{` + head + `,"ingress":[],"egress":[]}`, true},
		"ingress alone":                                 {`{` + head + `,"ingress":[]}`, true},
		"egress alone":                                  {`{` + head + `,"egress":[]}`, true},
		"neither list":                                  {`{` + head + `}`, false},
		"a list that is null":                           {`{` + head + `,"ingress":null}`, false},
		"another version":                               {`{"schema":2,"groupId":"sg-0a","ingress":[]}`, false},
		"no group":                                      {`{"schema":1,"ingress":[]}`, false},
		"a group that is none":                          {`{"schema":1,"groupId":"web","ingress":[]}`, false},
		"an unknown field":                              {`{` + head + `,"ingress":[],"colour":1}`, false},
		"every setting":                                 {`{` + head + `,"groupName":"web","mode":"alert","match":"exact","restore":true,"graceMinutes":10,"egress":[]}`, true},
		"a grace period of none":                        {`{` + head + `,"graceMinutes":0,"egress":[]}`, true},
		"a grace period of a day":                       {`{` + head + `,"graceMinutes":1440,"egress":[]}`, true},
		"a grace period of more than a day":             {`{` + head + `,"graceMinutes":1441,"egress":[]}`, false},
		"a grace period of less than none":              {`{` + head + `,"graceMinutes":-1,"egress":[]}`, false},
		"a grace period of half a minute":               {`{` + head + `,"graceMinutes":0.5,"egress":[]}`, false},
		"a grace period that is a string":               {`{` + head + `,"graceMinutes":"10","egress":[]}`, false},
		"a mode that is none":                           {`{` + head + `,"mode":"watch","egress":[]}`, false},
		"a port and every kind of source":               {in(`{"protocol":"tcp","ports":"80","sources":["sg-0b","pl-0c","self","10.0.0.0/8","2001:db8::/32"],"description":"x"}`), true},
		"an IPv6 address that ends like IPv4":           {in(`{"protocol":"tcp","ports":"80","sources":["64:ff9b::192.0.2.33/128"]}`), true},
		"ports as numbers":                              {in(`{"protocol":6,"ports":80,"sources":["self"]}`), true},
		"a protocol in capitals":                        {in(`{"protocol":"UDP","ports":"1-2","sources":["self"]}`), true},
		"icmp":                                          {in(`{"protocol":"icmp","ports":"3/4","sources":["self"]}`), true},
		"all protocols":                                 {in(`{"protocol":"all","sources":["self"]}`), true},
		"all protocols, all ports":                      {in(`{"protocol":"all","ports":"all","sources":["self"]}`), true},
		"all protocols with a port":                     {in(`{"protocol":"all","ports":"80","sources":["self"]}`), false},
		"a protocol number with a port":                 {in(`{"protocol":"50","ports":"80","sources":["self"]}`), false},
		"a protocol that is none":                       {in(`{"protocol":"tpc","ports":"80","sources":["self"]}`), false},
		"tcp without ports":                             {in(`{"protocol":"tcp","sources":["self"]}`), false},
		"ports that are none":                           {in(`{"protocol":"tcp","ports":"http","sources":["self"]}`), false},
		"no sources":                                    {in(`{"protocol":"tcp","ports":"80"}`), false},
		"an empty list of sources":                      {in(`{"protocol":"tcp","ports":"80","sources":[]}`), false},
		"a source that is none":                         {in(`{"protocol":"tcp","ports":"80","sources":["everyone"]}`), false},
		"destinations of ingress":                       {in(`{"protocol":"tcp","ports":"80","destinations":["self"]}`), false},
		"an exception":                                  {exception(`"direction":"ingress","sources":["self"],"expires":"2026-12-01T09:00:00Z","reason":"x","approvedBy":"y"`), true},
		"an exception of egress":                        {exception(`"direction":"egress","destinations":["self"],"expires":"2026-12-01T09:00:00+01:00"`), true},
		"an exception of ingress, which is guarded":     {guarding("ingress", "ingress", "sources"), true},
		"an exception of ingress, which is not guarded": {guarding("egress", "ingress", "sources"), false},
		"an exception of egress, which is guarded":      {guarding("egress", "egress", "destinations"), true},
		"an exception of egress, which is not guarded":  {guarding("ingress", "egress", "destinations"), false},
		"an exception that is none":                     {`{` + head + `,"ingress":[],"egress":[],"exceptions":["ingress"]}`, false},
		"an exception for ever":                         {exception(`"direction":"ingress","sources":["self"]`), false},
		"an exception until tomorrow":                   {exception(`"direction":"ingress","sources":["self"],"expires":"tomorrow"`), false},
		"an exception of no direction":                  {exception(`"sources":["self"],"expires":"2026-12-01T09:00:00Z"`), false},
		"an exception with both peers":                  {exception(`"direction":"ingress","sources":["self"],"destinations":["self"],"expires":"2026-12-01T09:00:00Z"`), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := validate(t, schema, c.document); (err == nil) != c.valid {
				t.Errorf("the schema says %v", err)
			}
			if _, err := baseline.Decode([]byte(c.document), ""); (err == nil) != c.valid {
				t.Errorf("the decoder says %v", err)
			}
		})
	}
}

// TestTheSchemaTakesNamesAsFilesDo: editors hold files to the schema, before names
// are resolved.
func TestTheSchemaTakesNamesAsFilesDo(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "baseline")
	of := func(group, peer string) string {
		return `{"schema":1,"groupId":"` + group + `","ingress":[{"protocol":"all","sources":["` + peer + `"]}]}`
	}
	cases := map[string]struct {
		document string
		valid    bool
	}{
		"a named group":          {of("name:web", "self"), true},
		"a named source":         {of("sg-0a", "name:My db: main, #1 (old) {x}"), true},
		"no name":                {of("name:", "self"), false},
		"a name that is strange": {of("name:café", "self"), false},
		"a name too long":        {of("sg-0a", "name:"+strings.Repeat("x", 256)), false},
		"another prefix":         {of("sg-0a", "names:web"), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := validate(t, schema, c.document); (err == nil) != c.valid {
				t.Errorf("the schema says %v", err)
			}
			if _, err := yamlfile.DecodeWithNames([]byte(c.document), nil); (err == nil) != c.valid {
				t.Errorf("the reader of files says %v", err)
			}
			if _, err := baseline.Decode([]byte(c.document), ""); err == nil {
				t.Error("the decoder of what is enforced takes it")
			}
		})
	}
}
