package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Documents checks that every document under the prefix can be used, that each baseline's
// group is there, and whether a pause is in force.
func Documents(ctx context.Context, store ssmstore.Store, groups ec2groups.Groups, now time.Time) []Check {
	guarded, checks, err := baselines(ctx, store)
	if err != nil {
		return []Check{unknown("documents", "ssm:GetParametersByPath", err)}
	}
	more, approved, err := approvals(ctx, store, now)
	checks = append(checks, more...)
	if err != nil {
		checks = append(checks, unknown("approvals", "ssm:GetParametersByPath", err))
	}
	shared, pause := sharedDocuments(ctx, store, now)
	checks = orPassed(append(checks, shared...), passed("documents", "%s and %s under %s, and the shared documents: all can be used",
		words.Count(len(guarded), "baseline"), words.Count(approved, "approval"), store.Prefix))
	return slices.Concat(checks, orphans(ctx, groups, guarded), pause)
}

// baselines returns the ids of the groups that have a baseline, and what is wrong with the
// baselines.
func baselines(ctx context.Context, store ssmstore.Store) (guarded []string, problems []Check, err error) {
	for document, err := range store.AllBaselines(ctx) {
		if err != nil {
			return nil, nil, err
		}
		guarded = append(guarded, document.GroupID)
		if _, err := account.Decode(document); err != nil {
			problems = append(problems, unusable(document.Stored, err, "deploy/baseline.sh history "+document.GroupID))
		}
	}
	return guarded, problems, nil
}

// approvals counts the approvals, and returns what is wrong with them.
func approvals(ctx context.Context, store ssmstore.Store, now time.Time) (problems []Check, count int, err error) {
	for one, err := range store.AllApprovals(ctx) {
		if err != nil {
			return problems, count, err
		}
		count++
		if _, err := one.Stored.Approval(one.Name, now); err != nil {
			problems = append(problems, unusable(one.Stored, err, "aws ssm delete-parameter --name "+one.Stored.Parameter))
		}
	}
	return problems, count, nil
}

// sharedDocuments returns what is wrong with the documents for all groups, and what the pause
// is.
func sharedDocuments(ctx context.Context, store ssmstore.Store, now time.Time) (problems, pause []Check) {
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return []Check{unknown("shared documents", "ssm:GetParameters", err)}, nil
	}
	if _, err := account.DecodeGuardrail(shared.Guardrail); err != nil {
		problems = append(problems, unusable(shared.Guardrail, err, "deploy/baseline.sh guardrail push FILE"))
	}
	if shared.Trust.Exists() {
		if _, err := shared.Trust.Trust(); err != nil {
			problems = append(problems, unusable(shared.Trust, err, "deploy/baseline.sh trust"))
		}
	}
	inForce, err := account.PauseInForce(shared.Pause, now)
	switch {
	case err != nil:
		problems = append(problems, unusable(shared.Pause, err, "deploy/baseline.sh pause --end"))
	case inForce != nil:
		pause = []Check{{"pause", Warn, account.PausedText(inForce) + ": nothing is revoked until then", "deploy/baseline.sh pause --end"}}
	default:
		pause = []Check{passed("pause", "sgwarden is not paused")}
	}
	return problems, pause
}

// unusable reports a document that can't be used. One that SSM did not give is not known: the
// functions may be given what these credentials are not.
func unusable(document baseline.Stored, err error, hint string) Check {
	name := "document " + document.Parameter
	if document.ReadError != nil {
		return Check{name, Unknown, "could not be read: " + oneLine(document.ReadError), "have kms:Decrypt of its key added to these permissions, or use others"}
	}
	return Check{name, Fail, "can't be used: " + oneLine(err), hint}
}

// shown is how many ids a line names.
const shown = 5

// orphans checks that the groups with a baseline are there.
func orphans(ctx context.Context, groups ec2groups.Groups, guarded []string) []Check {
	const name = "groups"
	if len(guarded) == 0 {
		return []Check{{name, Warn, "no group has a baseline, so only the guardrail protects groups, where there is one", "deploy/baseline.sh capture --all --out baselines"}}
	}
	live, err := groups.List(ctx, ec2groups.Selection{IDs: guarded})
	if err != nil {
		return []Check{unknown(name, "ec2:DescribeSecurityGroups", err)}
	}
	there := map[string]bool{}
	for _, g := range live {
		there[g.ID] = true
	}
	var deleted []string
	for _, id := range guarded {
		if !there[id] {
			deleted = append(deleted, id)
		}
	}
	if len(deleted) == 0 {
		return []Check{passed(name, "%s with a baseline: all are in EC2", words.Count(len(guarded), "group"))}
	}
	return []Check{{
		name, Warn, fmt.Sprintf("%s of groups that EC2 no longer has: %s", words.Count(len(deleted), "baseline"), firstOf(deleted)),
		"deploy/baseline.sh delete " + deleted[0],
	}}
}

// firstOf names some texts, and says how many more there are.
func firstOf(texts []string) string {
	if len(texts) <= shown {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(texts[:shown], ", "), len(texts)-shown)
}

// Bookmark checks whether the last sweep got to all groups. It makes no check where it did.
func Bookmark(ctx context.Context, store ssmstore.Store) []Check {
	const name = "last sweep"
	facts, err := (&ssmstore.Bookmark{Store: store}).Load(ctx)
	switch {
	case err != nil:
		return []Check{unknown(name, "ssm:GetParameters", err)}
	case facts != "":
		return []Check{{name, Warn, fmt.Sprintf("it ran out of time; the next sweep goes on at %s", facts), "deploy/RUNBOOK.md#shortsweepsalarm"}}
	}
	return nil
}
