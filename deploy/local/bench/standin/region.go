package standin

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Region is groups with twenty rules each, all of which their baselines permit.
type Region struct{ Groups int }

// RulesOfEach is how many rules each group has.
const RulesOfEach = 20

const (
	rulesPerPage     = 1000 // the most that DescribeSecurityGroupRules gives at once (EC2 API reference)
	baselinesPerPage = 10   // the most that GetParametersByPath gives at once (SSM API reference)
	baselinesPath    = "/sg-baseline/groups"
)

// Answers are for a sweep of the region: the lists of rules and of baselines, and nothing else in Parameter Store.
func (r Region) Answers() Answers {
	same := func(text string) func([]byte) []byte { return func([]byte) []byte { return []byte(text) } }
	return Answers{
		"DescribeSecurityGroupRules": r.rules,
		"GetParametersByPath":        r.baselines,
		"GetParameters":              same(`{"Parameters":[],"InvalidParameters":[]}`),
		"PutParameter":               same(`{"Version":1,"Tier":"Standard"}`),
		"DeleteParameter":            same(`{}`),
		"DeleteParameters":           same(`{"DeletedParameters":[],"InvalidParameters":[]}`),
	}
}

func groupID(n int) string { return fmt.Sprintf("sg-%017x", n) }

func (r Region) source(group, n int) string {
	return fmt.Sprintf("10.%d.%d.%d/32", group>>8, group&0xff, n)
}

// rules answers a page. As with EC2, the rules of a group are not together.
func (r Region) rules(body []byte) []byte {
	form, _ := url.ParseQuery(string(body)) // a body that is none has no token
	from, _ := strconv.Atoi(form.Get("NextToken"))
	to, next := min(from+rulesPerPage, r.Groups*RulesOfEach), ""
	if to < r.Groups*RulesOfEach {
		next = strconv.Itoa(to)
	}
	var items strings.Builder
	for at := from; at < to; at++ {
		group, n := at%r.Groups, at/r.Groups
		items.WriteString(ruleItem(groupID(group), fmt.Sprintf("sgr-%017x", at), 443, r.source(group, n), "some words on what it is for"))
	}
	return []byte(rulesAnswer(items.String(), next))
}

func (r Region) baselines(body []byte) []byte {
	var call struct{ Path, NextToken string }
	if err := json.Unmarshal(body, &call); err != nil || strings.TrimSuffix(call.Path, "/") != baselinesPath {
		return []byte(`{"Parameters":[]}`)
	}
	from, _ := strconv.Atoi(call.NextToken) // none is the first page
	to := min(from+baselinesPerPage, r.Groups)
	var parameters []string
	for group := from; group < to; group++ {
		var permitted [][2]string
		for n := range RulesOfEach {
			permitted = append(permitted, [2]string{"443", r.source(group, n)})
		}
		parameters = append(parameters, baselineOf(groupID(group), permitted...))
	}
	next := ""
	if to < r.Groups {
		next = fmt.Sprintf(`,"NextToken":"%d"`, to)
	}
	return []byte(`{"Parameters":[` + strings.Join(parameters, ",") + `]` + next + `}`)
}
