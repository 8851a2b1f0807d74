package iam_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/iam"
)

const (
	approvals = "arn:aws:ssm:eu-central-1:111122223333:parameter/sg-baseline/approvals/"
	topic     = "arn:aws:sns:eu-central-1:111122223333:alerts"
	ana       = "arn:aws:iam::111122223333:user/ana"
)

func parse(t *testing.T, statements string) ([]iam.Statement, error) {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(`{"Version": "2012-10-17", "Statement": [`+statements+`]}`), &document); err != nil {
		t.Fatal(err)
	}
	return iam.Parse(document)
}

func TestStatementsAllowWhatIAMWould(t *testing.T) {
	t.Parallel()
	const put = `{"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "` + approvals + `*/pending-*"}`
	conditional := func(condition string) string {
		return `{"Effect": "Allow", "Action": "sns:Publish", "Resource": "` + topic + `", "Condition": ` + condition + `}`
	}
	publish := func(context map[string]string) iam.Call {
		return iam.Call{Action: "sns:Publish", Resource: topic, Context: context}
	}
	principal := func(principal string) string {
		return `{"Effect": "Allow", "Principal": ` + principal + `, "Action": "sns:Publish", "Resource": "` + topic + `"}`
	}
	by := func(kind, id string) iam.Call {
		return iam.Call{Principal: iam.Principal{Kind: kind, ID: id}, Action: "sns:Publish", Resource: topic}
	}
	for name, c := range map[string]struct {
		statements string
		call       iam.Call
		want       bool
	}{
		"no statement allows anything":           {``, publish(nil), false},
		"the action on the resource":             {put, iam.Call{Action: "ssm:PutParameter", Resource: approvals + "sg-1/pending-7"}, true},
		"the action, in other letters":           {put, iam.Call{Action: "SSM:putparameter", Resource: approvals + "sg-1/pending-7"}, true},
		"another action":                         {put, iam.Call{Action: "ssm:PutParameters", Resource: approvals + "sg-1/pending-7"}, false},
		"a resource at another level":            {put, iam.Call{Action: "ssm:PutParameter", Resource: approvals + "sg-1/x/pending-7"}, true},
		"another resource":                       {put, iam.Call{Action: "ssm:PutParameter", Resource: approvals + "sg-1/mine"}, false},
		"the resource, in other letters":         {put, iam.Call{Action: "ssm:PutParameter", Resource: approvals + "sg-1/Pending-7"}, false},
		"the resource of another account":        {put, iam.Call{Action: "ssm:PutParameter", Resource: strings.Replace(approvals, "1111", "2222", 1) + "sg-1/pending-7"}, false},
		"no ARN":                                 {put, iam.Call{Action: "ssm:PutParameter", Resource: "*"}, false},
		"every resource":                         {`{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}`, iam.Call{Action: "ec2:DescribeVpcs", Resource: "*"}, true},
		"a wildcard stays within its part":       {`{"Effect": "Allow", "Action": "s:A", "Resource": "arn:aws:s:*:x"}`, iam.Call{Action: "s:A", Resource: "arn:aws:s:r:a:x"}, false},
		"a wildcard in the last part":            {`{"Effect": "Allow", "Action": "s:A", "Resource": "arn:aws:s:r:a:g:*"}`, iam.Call{Action: "s:A", Resource: "arn:aws:s:r:a:g:x:y"}, true},
		"one character":                          {`{"Effect": "Allow", "Action": "s:A", "Resource": "arn:aws:s:r:a:g?"}`, iam.Call{Action: "s:A", Resource: "arn:aws:s:r:a:g12"}, false},
		"denied by another statement":            {put + `, {"Effect": "Deny", "Action": "ssm:*", "Resource": "*"}`, iam.Call{Action: "ssm:PutParameter", Resource: approvals + "sg-1/pending-7"}, false},
		"something else is denied":               {put + `, {"Effect": "Deny", "Action": "sns:*", "Resource": "*"}`, iam.Call{Action: "ssm:PutParameter", Resource: approvals + "sg-1/pending-7"}, true},
		"StringEquals: equal":                    {conditional(`{"StringEquals": {"aws:ResourceTag/team": ["x", "y"]}}`), publish(map[string]string{"aws:ResourceTag/team": "y"}), true},
		"StringEquals: the key in other letters": {conditional(`{"StringEquals": {"aws:resourcetag/Team": "y"}}`), publish(map[string]string{"aws:ResourceTag/team": "y"}), true},
		"StringEquals: in other letters":         {conditional(`{"StringEquals": {"k": "x"}}`), publish(map[string]string{"k": "X"}), false},
		"StringEquals: no wildcard":              {conditional(`{"StringEquals": {"k": "x*"}}`), publish(map[string]string{"k": "xy"}), false},
		"StringEquals: no such key":              {conditional(`{"StringEquals": {"k": ""}}`), publish(nil), false},
		"StringLike: a wildcard":                 {conditional(`{"StringLike": {"k": "x*"}}`), publish(map[string]string{"k": "xy"}), true},
		"StringLike: no such key":                {conditional(`{"StringLike": {"k": "*"}}`), publish(nil), false},
		"ArnEquals: a wildcard in a part":        {conditional(`{"ArnEquals": {"aws:SourceArn": "arn:aws:events:*:a:rule/x"}}`), publish(map[string]string{"aws:SourceArn": "arn:aws:events:r:a:rule/x"}), true},
		"ArnLike: another part":                  {conditional(`{"ArnLike": {"aws:SourceArn": "arn:aws:events:r:a:rule/x*"}}`), publish(map[string]string{"aws:SourceArn": "arn:aws:events:r:b:rule/x"}), false},
		"Null true: no such key":                 {conditional(`{"Null": {"k": "true"}}`), publish(nil), true},
		"Null true: the key is there":            {conditional(`{"Null": {"k": "true"}}`), publish(map[string]string{"k": ""}), false},
		"Null false: the key is there":           {conditional(`{"Null": {"k": "false"}}`), publish(map[string]string{"k": ""}), true},
		"two keys: one of them":                  {conditional(`{"StringEquals": {"k": "x", "l": "y"}}`), publish(map[string]string{"k": "x"}), false},
		"two operators: both":                    {conditional(`{"StringEquals": {"k": "x"}, "StringLike": {"l": "y*"}}`), publish(map[string]string{"k": "x", "l": "yy"}), true},
		"two operators: one of them":             {conditional(`{"StringEquals": {"k": "x"}, "StringLike": {"l": "y*"}}`), publish(map[string]string{"k": "x", "l": "z"}), false},
		"a service":                              {principal(`{"Service": "sns.amazonaws.com"}`), by("Service", "sns.amazonaws.com"), true},
		"another service":                        {principal(`{"Service": "sns.amazonaws.com"}`), by("Service", "sqs.amazonaws.com"), false},
		"somebody of the account":                {principal(`{"AWS": "arn:aws:iam::111122223333:root"}`), by("AWS", ana), true},
		"somebody of another account":            {principal(`{"AWS": "arn:aws:iam::222222223333:root"}`), by("AWS", ana), false},
		"somebody else":                          {principal(`{"AWS": "` + ana + `"}`), by("AWS", ana+"2"), false},
		"everybody":                              {principal(`"*"`), by("AWS", ana), true},
		"everybody, and the call names nobody":   {principal(`"*"`), publish(nil), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, err := parse(t, c.statements)
			if err != nil {
				t.Fatal(err)
			}
			got, err := iam.Allows(statements, c.call)
			if err != nil || got != c.want {
				t.Errorf("%s: %t, %v, want %t", c.call, got, err, c.want)
			}
		})
	}
}

func TestWhatIsNotKnownIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ statement, want string }{
		"no Effect":              {`{"Action": "a:B", "Resource": "*"}`, "the Effect is <nil>: want Allow or Deny"},
		"no Action":              {`{"Effect": "Allow", "Resource": "*"}`, "Action is missing"},
		"no Resource":            {`{"Effect": "Allow", "Action": "a:B"}`, "Resource is missing"},
		"everything but":         {`{"Effect": "Allow", "NotAction": "a:B", "Resource": "*"}`, "the element NotAction is not known here"},
		"a principal of texts":   {`{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Principal": "ana"}`, "want a mapping or *"},
		"an action that is none": {`{"Effect": "Allow", "Action": 1, "Resource": "*"}`, "Action has 1: want a text"},
		"a condition of a text":  {`{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": "x"}`, "want a mapping"},
		"a condition of no key":  {`{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {"StringEquals": {}}}`, "want keys with values"},
		"an operator":            {`{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {"StringEqualsIfExists": {"k": "x"}}}`, "the operator StringEqualsIfExists of the condition on k is not known here"},
		"a Null of neither":      {`{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {"Null": {"k": "yes"}}}`, `is "yes": want true or false`},
		"a variable":             {`{"Effect": "Allow", "Action": "a:B", "Resource": "arn:aws:a:::${aws:username}"}`, "the variable in"},
		"a variable to compare":  {`{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {"StringEquals": {"k": "${aws:username}"}}}`, "the variable in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, err := parse(t, c.statement)
			if err == nil {
				_, err = iam.Allows(statements, iam.Call{Action: "a:B", Resource: "*"})
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), `statement ""`) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, document := range []any{nil, "x", map[string]any{}, map[string]any{"Version": "2008-10-17"}, map[string]any{"Version": "2012-10-17", "Statement": "x"}} {
		if _, err := iam.Parse(document); err == nil {
			t.Errorf("%v: no error", document)
		}
	}
}

func TestWildcardsMatchSlashes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		pattern, text string
		want          bool
	}{
		{"a/*/pending-*", "a/b/pending-1", true},
		{"a/*/pending-*", "a/b/c/pending-1/d", true},
		{"a/*/pending-*", "a/pending-1", false},
		{"a/*/pending-*", "xa/b/pending-1", false},
		{"a/b", "a/b", true},
		{"a/b", "a/bc", false},
		{"a.b", "axb", false},
		{"a?c", "abc", true},
		{"a?c", "a/c", true},
		{"a?c", "ac", false},
		{"a?", "aé", true},
		{"*", "", true},
		{"**", "a\nb", true},
		{"", "", true},
		{"", "a", false},
		{"*ab", "aab", true},
		{"*ab*ab", "abab", true},
		{"*ab*ab", "aab", false},
		{"a*", "ba", false},
	} {
		if got := iam.Wildcard(row.pattern, row.text); got != row.want {
			t.Errorf("%q matches %q: %t, want %t", row.pattern, row.text, got, row.want)
		}
	}
}
