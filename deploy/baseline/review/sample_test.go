package review

import (
	"fmt"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/gitlog"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

var now = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

const (
	ana = "arn:aws:sts::111122223333:assumed-role/network-operator/ana"
	bo  = "arn:aws:iam::111122223333:user/bo"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func decode(t *testing.T, yaml string) *baseline.Document {
	t.Helper()
	doc, err := yamlfile.Decode([]byte(yaml), "")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func parse(t *testing.T, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// version is one version of a baseline.
func version(number int64, by, when string, doc *baseline.Document) account.Version {
	return account.Version{
		GroupID: doc.GroupID, Doc: doc,
		Version: baseline.Version{ModifiedBy: by, Stored: baseline.Stored{Parameter: "/sg-baseline/groups/" + doc.GroupID, Version: number, ModifiedAt: at(when)}},
	}
}

func approval(t *testing.T, name, reason, expires string, rules ...string) ApprovalOf {
	t.Helper()
	a := &baseline.Approval{Name: name, Reason: reason, Expires: at(expires)}
	for _, text := range rules {
		a.Rules = append(a.Rules, parse(t, text))
	}
	return ApprovalOf{a, Origin{By: ana, At: at(expires).Add(-72 * time.Hour), Version: 1}}
}

// guarded is the row of a group with a baseline, judged by package compare as list does.
func guarded(t *testing.T, doc *baseline.Document, approvals []ApprovalOf, live ...string) (overview.Row, int) {
	t.Helper()
	grounds := judge.Grounds{}
	for _, a := range approvals {
		grounds.Approvals = append(grounds.Approvals, a.Approval)
	}
	var rules []secgroup.LiveRule
	for i, text := range live {
		rules = append(rules, secgroup.LiveRule{ID: fmt.Sprintf("sgr-%d", i), Rule: parse(t, text)})
	}
	row := overview.Row{
		GroupID: doc.GroupID, GroupName: doc.GroupName, VpcID: "vpc-0f1e2d3c4b5a69788", Status: overview.Guarded,
		Baseline: &overview.Written{Parameter: "/sg-baseline/groups/" + doc.GroupID, Version: 3, ModifiedAt: at("2026-11-12T08:30:00Z"), ModifiedBy: ana},
	}
	row.SetBaseline(doc)
	g := compare.Group{Changes: compare.Live(doc, grounds, rules, now)}
	row.Drift, row.Changes = g.Drift(), g.Changes
	return row, len(rules)
}

const frontYAML = `schema: 1
groupId: sg-0a1b2c3d4e5f60718
groupName: ecs-front
ingress:
  - {protocol: tcp, ports: "443", sources: [0.0.0.0/0], description: HTTPS from the internet}
  - {protocol: tcp, ports: "80", sources: [sg-0aaaaaaaaaaaaaaa1], description: HTTP from the load balancer}
  - {protocol: tcp, ports: "80", sources: [sg-0aaaaaaaaaaaaaaa1, 10.20.0.0/16]}
egress:
  - {protocol: all, destinations: [0.0.0.0/0], description: to anywhere}
exceptions:
  - {direction: ingress, protocol: tcp, ports: "22", sources: [203.0.113.7/32], expires: 2026-12-03T09:00:00Z, reason: INC-1234 repair, approvedBy: ana@example.com}
  - {direction: ingress, protocol: tcp, ports: "3389", sources: [203.0.113.9/32], expires: 2026-11-10T09:00:00Z, reason: INC-1100, approvedBy: ana@example.com}
`

const frontBeforeYAML = `schema: 1
groupId: sg-0a1b2c3d4e5f60718
ingress:
  - {protocol: tcp, ports: "443", sources: [0.0.0.0/0]}
egress:
  - {protocol: all, destinations: [0.0.0.0/0]}
`

const dbYAML = `schema: 1
groupId: sg-0bbbbbbbbbbbbbbb2
groupName: orders-db
mode: alert
ingress:
  - {protocol: tcp, ports: "5432", sources: [sg-0a1b2c3d4e5f60718], description: PostgreSQL from ecs-front}
  - {protocol: tcp, ports: "5432", sources: [10.9.0.0/24], description: reporting}
`

// sample is a small account with something of everything.
func sample(t *testing.T) Read {
	t.Helper()
	front, before, db := decode(t, frontYAML), decode(t, frontBeforeYAML), decode(t, dbYAML)
	commit := func(hash, author, when string, data string) gitlog.Version {
		return gitlog.Version{Commit: gitlog.Commit{Hash: hash, Author: author, At: at(when)}, Data: []byte(data)}
	}
	approvals := []ApprovalOf{approval(t, "INC-1301", "INC-1301 bastion", "2026-12-20T18:00:00Z", "ingress tcp 22 198.51.100.4/32")}
	frontRow, frontLive := guarded(t, front, approvals, "ingress tcp 443 0.0.0.0/0", "ingress tcp 80 sg-0aaaaaaaaaaaaaaa1", "ingress tcp 80 10.20.0.0/16", "egress all all 0.0.0.0/0", "ingress tcp 22 198.51.100.4/32", "ingress tcp 22 0.0.0.0/0")
	dbRow, dbLive := guarded(t, db, nil, "ingress tcp 5432 sg-0a1b2c3d4e5f60718")
	old := overview.Row{GroupID: "sg-0dddddddddddddd4", GroupName: "old-batch", Status: overview.NoGroup, Mode: "enforce", Guards: []string{"ingress"}, Rules: 0, Baseline: dbRow.Baseline}
	broken := overview.Row{GroupID: "sg-0eeeeeeeeeeeeee5", GroupName: "legacy", Status: overview.Broken, Remarks: []string{"/sg-baseline/groups/sg-0eeeeeeeeeeeeee5 (version 2) is broken, write it anew with push --force or roll it back: ingress[0].ports: wrong"}, Baseline: dbRow.Baseline}
	free := overview.Row{GroupID: "sg-0ccccccccccccccc3", GroupName: "playground", VpcID: "vpc-0f1e2d3c4b5a69788", Status: overview.NoBaseline, Mode: "alert"}
	free.Changes = compare.Guardrail(&baseline.Guardrail{Forbid: []rule.Forbidden{{Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.AllPorts, WidestV4: 8, WidestV6: 32}}},
		judge.Grounds{}, []secgroup.LiveRule{{ID: "sgr-9", Rule: parse(t, "ingress tcp 3306 0.0.0.0/0")}}, now)
	free.Drift = compare.Group{Changes: free.Changes}.Drift()
	in := Read{
		Now: now, Since: at("2026-10-31T09:00:00Z"),
		Overview: &overview.Overview{
			Identity: account.Identity{Account: "111122223333", Alias: "acme-prod", Region: "ap-northeast-1", Prefix: "/sg-baseline", ARN: "arn:aws:sts::111122223333:assumed-role/auditor/review"},
			Groups:   []overview.Row{frontRow, broken, old, dbRow, free},
		},
		Of: map[string]About{
			front.GroupID: {
				Doc: front, Live: frontLive, Approvals: approvals, File: "baselines/ecs-front.yaml",
				Versions: []account.Version{version(1, bo, "2026-03-02T10:00:00Z", before), version(2, ana, "2026-11-12T08:30:00Z", front)},
				Commits: []gitlog.Version{
					commit("4f2a9c81d0b35e67fa1198cde02b7c34d5e6f701", "Bo Example", "2026-03-01T15:20:00Z", frontBeforeYAML),
					commit("9d07b1e65c24f3a8b90e1d2c3f4a5b6c7d8e9f02", "Ana Example", "2026-11-11T11:05:00Z", frontYAML),
				},
				Decode: func(data []byte) *baseline.Document { return decode(t, string(data)) },
			},
			db.GroupID:   {Doc: db, Live: dbLive, Versions: []account.Version{version(7, bo, "2026-01-15T09:00:00Z", db)}},
			free.GroupID: {Live: 4},
		},
		Reverts: reverts.Reverts{From: "sgwarden-remediator, sgwarden-sweeper", BySweeps: 1, Events: []reverts.Revert{
			{
				Time: at("2026-11-21T19:51:50Z"), AlertID: "7c5c", GroupID: front.GroupID, Actor: "arn:aws:sts::111122223333:assumed-role/developer/cy", Severity: "high", Kind: "drift",
				EventID: "53c3a5f2-7905-4bdd-ad8a-7ecb7c9ed281", EventName: "AuthorizeSecurityGroupIngress",
				Rules: []reverts.Rule{{Text: "ingress tcp 22 0.0.0.0/0", ID: "sgr-0d28aecb82750f866"}, {Text: "ingress tcp 443 0.0.0.0/0", Restored: true}},
			},
		}},
		Last: &Saved{
			Schema: 1, MadeAt: at("2026-10-31T09:00:00Z"), Account: "111122223333", Region: "ap-northeast-1", Prefix: "/sg-baseline",
			Figures:   Figures{Groups: 3, Guarded: 1, WithoutBaseline: 2, Rules: 2, Drifting: 1, Violating: 1, Active: 1, Reverted: new(int), Advice: 3},
			Approvals: []SavedApproval{{GroupID: db.GroupID, GroupName: "orders-db", Name: "CHG-77", Rules: []string{"ingress tcp 5432 198.51.100.9/32"}, Expires: at("2026-11-05T09:00:00Z"), Reason: "CHG-77 migration", By: bo}},
		},
	}
	in.Overview.Sort()
	return in
}
