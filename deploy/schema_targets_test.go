package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
)

// TestTheSchemaAndTheReaderOfTargetsAgree holds the two readings of a file of targets
// together. JSON Schema can't compare entries with each other: what it accepts is not
// always valid, and what it refuses never is.
func TestTheSchemaAndTheReaderOfTargetsAgree(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "targets")
	in := func(entries string) string { return `{"schema":1,"targets":[` + entries + `]}` }
	with := func(fields string) string {
		return in(`{"account":"111122223333","regions":["us-east-1"],` + fields + `}`)
	}
	of := func(account, regions string) string {
		return in(`{"account":` + account + `,"regions":` + regions + `}`)
	}
	const role = `"role":"arn:aws:iam::111122223333:role/sgwarden-operator"`
	cases := map[string]struct {
		document            string
		isValid, seemsValid bool // to the reader, and to the schema
	}{
		"the least":                                {of(`"111122223333"`, `["us-east-1"]`), true, true},
		"regions of many kinds":                    {of(`"111122223333"`, `["ap-southeast-5","us-gov-west-1","us-isob-east-1","cn-north-1","eusc-de-east-1"]`), true, true},
		"a profile":                                {with(`"profile":"my shop@prod"`), true, true},
		"a role":                                   {with(role), true, true},
		"a role with an external id":               {with(role + `,"externalId":"a:b/c"`), true, true},
		"a role of another partition":              {with(`"role":"arn:aws-us-gov:iam::111122223333:role/a/b"`), true, true},
		"the longest external id":                  {with(role + `,"externalId":"` + strings.Repeat("x", 1224) + `"`), true, true},
		"a name":                                   {with(`"name":"Prod_1.a-b"`), true, true},
		"the longest name":                         {with(`"name":"` + strings.Repeat("x", 64) + `"`), true, true},
		"two entries for one account":              {in(`{"account":"111122223333","regions":["us-east-1"]},{"account":"111122223333","regions":["eu-west-1"]}`), true, true},
		"a list":                                   {`[]`, false, false},
		"no schema":                                {`{"targets":[{"account":"111122223333","regions":["us-east-1"]}]}`, false, false},
		"a later schema":                           {`{"schema":2,"targets":[{"account":"111122223333","regions":["us-east-1"]}]}`, false, false},
		"no targets":                               {`{"schema":1}`, false, false},
		"an empty list of targets":                 {in(``), false, false},
		"targets that are null":                    {`{"schema":1,"targets":null}`, false, false},
		"a target that is a word":                  {in(`"production"`), false, false},
		"an unknown field":                         {`{"schema":1,"targets":[{"account":"111122223333","regions":["us-east-1"]}],"parallel":3}`, false, false},
		"an unknown field of a target":             {with(`"colour":1`), false, false},
		"no account":                               {in(`{"regions":["us-east-1"]}`), false, false},
		"an account that is a number":              {of(`111122223333`, `["us-east-1"]`), false, false},
		"an account with a digit missing":          {of(`"11112222333"`, `["us-east-1"]`), false, false},
		"no regions":                               {in(`{"account":"111122223333"}`), false, false},
		"an empty list of regions":                 {of(`"111122223333"`, `[]`), false, false},
		"regions that are a word":                  {of(`"111122223333"`, `"us-east-1"`), false, false},
		"a region that is none":                    {of(`"111122223333"`, `["us-east"]`), false, false},
		"an availability zone":                     {of(`"111122223333"`, `["us-east-1a"]`), false, false},
		"a region twice":                           {of(`"111122223333"`, `["us-east-1","us-east-1"]`), false, false},
		"a name with a slash":                      {with(`"name":"a/b"`), false, false},
		"a name that leads out of a folder":        {with(`"name":".."`), false, false},
		"a name with a space":                      {with(`"name":"a b"`), false, false},
		"an empty name":                            {with(`"name":""`), false, false},
		"a name too long":                          {with(`"name":"` + strings.Repeat("x", 65) + `"`), false, false},
		"a profile that is null":                   {with(`"profile":null`), false, false},
		"an empty profile":                         {with(`"profile":""`), false, false},
		"a profile with a space behind":            {with(`"profile":"x "`), false, false},
		"a role that is a name":                    {with(`"role":"sgwarden-operator"`), false, false},
		"a role that is a user":                    {with(`"role":"arn:aws:iam::111122223333:user/ana"`), false, false},
		"a profile and a role":                     {with(role + `,"profile":"x"`), false, false},
		"an external id without a role":            {with(`"externalId":"abc"`), false, false},
		"an external id too short":                 {with(role + `,"externalId":"a"`), false, false},
		"an external id too long":                  {with(role + `,"externalId":"` + strings.Repeat("x", 1225) + `"`), false, false},
		"an external id with a space":              {with(role + `,"externalId":"a b"`), false, false},
		"a role of another account":                {with(`"role":"arn:aws:iam::444455556666:role/x"`), false, true},
		"a region of an account in another entry":  {in(`{"account":"111122223333","regions":["us-east-1"]},{"account":"111122223333","regions":["us-east-1"],"profile":"x"}`), false, true},
		"a name that is the id of another account": {with(`"name":"444455556666"`), false, true},
		"a name that two accounts have":            {in(`{"account":"111122223333","name":"a","regions":["us-east-1"]},{"account":"444455556666","name":"a","regions":["us-east-1"]}`), false, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := validate(t, schema, c.document); (err == nil) != c.seemsValid {
				t.Errorf("the schema says %v", err)
			}
			path := filepath.Join(t.TempDir(), "targets.json")
			if err := os.WriteFile(path, []byte(c.document), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := targets.Read(path); (err == nil) != c.isValid {
				t.Errorf("the reader says %v", err)
			}
		})
	}
}
