package doctor

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const (
	liveGroup = "sg-0a1b2c3d4e5f60718"
	deadGroup = "sg-0b1b2c3d4e5f60718"
	liveList  = "pl-0a1b2c3d4e5f60718"
	deadList  = "pl-0b1b2c3d4e5f60718"
)

// store plays Parameter Store with these documents by name below the prefix, and EC2 with one group.
func store(t *testing.T, documents map[string]string, faults ...string) (ssmstore.Store, ec2groups.Groups) {
	t.Helper()
	parameter := func(name string) (awsstub.Parameter, bool) {
		value, is := documents[name]
		return awsstub.Parameter{Name: "/sg-baseline/" + name, Type: "String", Value: value, Version: 1, LastModifiedDate: float64(now.Unix() - 60)}, is
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"GetParametersByPath": func(r awsstub.Request) (any, error) {
			answer := awsstub.ParametersAnswer{}
			for _, name := range []string{"groups/" + liveGroup, "groups/" + deadGroup, "approvals/" + liveGroup + "/a", "prefix-lists/" + liveList, "prefix-lists/" + deadList} {
				p, is := parameter(name)
				if is && len(p.Name) > len(r.JSON["Path"].(string)) && p.Name[:len(r.JSON["Path"].(string))] == r.JSON["Path"] {
					answer.Parameters = append(answer.Parameters, p)
				}
			}
			return answer, nil
		},
		"GetParameters": func(r awsstub.Request) (any, error) {
			answer := awsstub.ParametersAnswer{}
			for _, name := range r.JSON["Names"].([]any) {
				if p, is := parameter(name.(string)[len("/sg-baseline/"):]); is {
					answer.Parameters = append(answer.Parameters, p)
				}
			}
			return answer, nil
		},
		"DescribeManagedPrefixLists": func(r awsstub.Request) (any, error) {
			if r.Form.Get("PrefixListId.1") != liveList {
				return nil, &awsstub.Error{Code: "InvalidPrefixListID.NotFound"}
			}
			return listsAnswer{[]list{{liveList, "create-complete"}}}, nil
		},
		"GetManagedPrefixListEntries": func(awsstub.Request) (any, error) { return nil, nil },
		"DescribeSecurityGroups": func(awsstub.Request) (any, error) {
			return awsstub.GroupsAnswer{Groups: []ec2types.SecurityGroup{{GroupId: aws.String(liveGroup), GroupName: aws.String("web")}}}, nil
		},
	})
	t.Cleanup(stub.Close)
	for _, action := range faults {
		stub.Inject(action, 2, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no"}})
	}
	return ssmstore.Store{Client: ssm.NewFromConfig(stub.Config()), Prefix: "/sg-baseline"}, ec2groups.Groups{Client: ec2.NewFromConfig(stub.Config())}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	until := now.Add(time.Hour).Format(time.RFC3339)
	good := `{"schema": 1, "groupId": "` + liveGroup + `", "ingress": []}`
	readable := func(baselines, approvals string) Check {
		return Check{"documents", OK, baselines + " and " + approvals + " under /sg-baseline, and the shared documents: all can be used", ""}
	}
	alive := Check{"groups", OK, "1 group with a baseline: all are in EC2", ""}
	notPaused := Check{"pause", OK, "sgwarden is not paused", ""}
	for name, c := range map[string]struct {
		documents map[string]string
		faults    []string
		want      []Check
	}{
		"all is fine": {map[string]string{
			"groups/" + liveGroup:           good,
			"approvals/" + liveGroup + "/a": `{"schema": 1, "rules": ["ingress tcp 22 203.0.113.7/32"], "expires": "` + until + `", "reason": "x"}`,
		}, nil, []Check{readable("1 baseline", "1 approval"), alive, notPaused}},
		"a pause": {map[string]string{"groups/" + liveGroup: good, "pause": `{"schema": 1, "until": "` + until + `", "reason": "CHG-7"}`}, nil, []Check{
			readable("1 baseline", "0 approvals"), alive,
			{"pause", Warn, "sgwarden is paused until 2026-11-29T04:00:00Z (CHG-7): nothing is revoked until then", "deploy/baseline.sh pause --end"},
		}},
		"nothing": {nil, nil, []Check{
			readable("0 baselines", "0 approvals"),
			{"groups", Warn, "no group has a baseline, so only the guardrail protects groups, where there is one", "deploy/baseline.sh capture --all --out baselines"},
			notPaused,
		}},
		"a group that is deleted": {map[string]string{"groups/" + liveGroup: good, "groups/" + deadGroup: `{"schema": 1, "groupId": "` + deadGroup + `", "ingress": []}`}, nil, []Check{
			readable("2 baselines", "0 approvals"),
			{"groups", Warn, "1 baseline of groups that EC2 no longer has: " + deadGroup, "deploy/baseline.sh delete " + deadGroup},
			notPaused,
		}},
		"documents that can't be used": {map[string]string{"groups/" + liveGroup: `{}`, "approvals/" + liveGroup + "/a": `{`, "guardrail": `[]`, "pause": `{"schema": 2}`, "trust": `1`}, nil, []Check{
			{"document /sg-baseline/groups/" + liveGroup, Fail, "", "deploy/baseline.sh history " + liveGroup},
			{"document /sg-baseline/approvals/" + liveGroup + "/a", Fail, "", "aws ssm delete-parameter --name /sg-baseline/approvals/" + liveGroup + "/a"},
			{"document /sg-baseline/guardrail", Fail, "", "deploy/baseline.sh guardrail push FILE"},
			{"document /sg-baseline/trust", Fail, "", "deploy/baseline.sh trust"},
			{"document /sg-baseline/pause", Fail, "", "deploy/baseline.sh pause --end"},
			alive,
		}},
		"no permission to list": {map[string]string{"groups/" + liveGroup: good}, []string{"GetParametersByPath"}, []Check{unknown("documents", "ssm:GetParametersByPath", denied)}},
		"no permission for EC2": {map[string]string{"groups/" + liveGroup: good}, []string{"DescribeSecurityGroups"}, []Check{readable("1 baseline", "0 approvals"), unknown("groups", "ec2:DescribeSecurityGroups", denied), notPaused}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents, groups := store(t, c.documents, c.faults...)
			got := Documents(t.Context(), documents, groups, now)
			for i, check := range got {
				if check.Status == Fail {
					got[i].Found = "" // in the words of the decoders, which have tests of their own
				}
			}
			expect(t, got, c.want...)
		})
	}
}

func TestBookmark(t *testing.T) {
	t.Parallel()
	done, _ := store(t, nil)
	expect(t, Bookmark(t.Context(), done))
	stopped, _ := store(t, map[string]string{"sweep": "sg-1 sg-2"})
	expect(t, Bookmark(t.Context(), stopped), Check{"last sweep", Warn, "it ran out of time; the next sweep goes on at sg-1 sg-2", "deploy/RUNBOOK.md#shortsweepsalarm"})
}

// listsAnswer is for DescribeManagedPrefixLists, under the names of EC2's XML.
type listsAnswer struct {
	Lists []list `xml:"prefixListSet>item"`
}

type list struct {
	ID    string `xml:"prefixListId"`
	State string `xml:"state"`
}

func TestPrefixLists(t *testing.T) {
	t.Parallel()
	document := func(id string) string { return `{"schema": 1, "prefixListId": "` + id + `", "entries": []}` }
	for name, c := range map[string]struct {
		documents map[string]string
		faults    []string
		want      []Check
	}{
		"no document":              {nil, nil, nil},
		"a document and its list":  {map[string]string{"prefix-lists/" + liveList: document(liveList)}, nil, []Check{{"prefix lists", OK, "1 document of managed prefix lists: all can be used, and EC2 has the lists", ""}}},
		"a list that is deleted":   {map[string]string{"prefix-lists/" + deadList: document(deadList)}, nil, []Check{{"prefix list " + deadList, Warn, "/sg-baseline/prefix-lists/" + deadList + " is the document of a list that EC2 no longer has", "aws ssm delete-parameter --name /sg-baseline/prefix-lists/" + deadList}}},
		"a document that is wrong": {map[string]string{"prefix-lists/" + liveList: document(deadList)}, nil, []Check{{"document /sg-baseline/prefix-lists/" + liveList, Fail, "", "aws ssm get-parameter-history --name /sg-baseline/prefix-lists/" + liveList}}},
		"no permission to list":    {map[string]string{"prefix-lists/" + liveList: document(liveList)}, []string{"GetParametersByPath"}, []Check{unknown("prefix lists", "ssm:GetParametersByPath", denied)}},
		"no permission for EC2":    {map[string]string{"prefix-lists/" + liveList: document(liveList)}, []string{"DescribeManagedPrefixLists"}, []Check{unknown("prefix list "+liveList, "ec2:DescribeManagedPrefixLists and ec2:GetManagedPrefixListEntries", denied)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents, groups := store(t, c.documents, c.faults...)
			got := PrefixLists(t.Context(), documents, ec2lists.Lists{Client: groups.Client})
			for i, check := range got {
				if check.Status == Fail {
					got[i].Found = ""
				}
			}
			expect(t, got, c.want...)
		})
	}
}

func TestADocumentThatTheseCredentialsMayNotReadIsNotKnown(t *testing.T) {
	t.Parallel()
	stored := baseline.Stored{Parameter: "/sg-baseline/trust", ReadError: denied}
	_, err := stored.Trust()
	expect(t, []Check{unusable(stored, err, "x")},
		Check{"document /sg-baseline/trust", Unknown, "could not be read: api error AccessDeniedException: no", "have kms:Decrypt of its key added to these permissions, or use others"})
}
