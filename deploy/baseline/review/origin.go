package review

import (
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/gitlog"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// origins returns for each rule of the newest version which version approved it: the first
// one from which the rule was there without a break. A version that can't be used neither
// approves a rule nor withdraws one.
func origins(versions []account.Version) map[compare.Item]Origin {
	found := map[compare.Item]Origin{}
	for i, v := range versions {
		if v.Doc == nil {
			continue
		}
		here := map[compare.Item]Origin{}
		for item := range compare.Items(v.Doc) {
			if from, there := found[item]; there {
				here[item] = from
				continue
			}
			here[item] = Origin{By: known(v.ModifiedBy), At: v.ModifiedAt.UTC(), Version: v.Version.Version, OrEarlier: i == 0 && v.Version.Version > 1}
		}
		found = here
	}
	return found
}

// OriginOf returns which version brought a document to what it says now. Of an approval
// that is the newest version: who wrote the approval has approved it.
func OriginOf(versions []baseline.Version) Origin {
	if len(versions) == 0 {
		return Origin{}
	}
	v := versions[len(versions)-1]
	return Origin{By: known(v.ModifiedBy), At: v.ModifiedAt.UTC(), Version: v.Version}
}

// known returns an author that SSM names; empty for what is no ARN.
func known(author string) string {
	if !strings.HasPrefix(author, "arn:") {
		return ""
	}
	return author
}

// commits returns for each rule of the newest version of a file which commit brought it
// in, likewise. A version of the file that is no baseline is passed over.
func commits(versions []gitlog.Version, decode func([]byte) *baseline.Document) map[compare.Item]*gitlog.Commit {
	found := map[compare.Item]*gitlog.Commit{}
	for _, v := range versions {
		doc := decode(v.Data)
		if doc == nil {
			continue
		}
		here := map[compare.Item]*gitlog.Commit{}
		for item := range compare.Items(doc) {
			if from, there := found[item]; there {
				here[item] = from
				continue
			}
			here[item] = &v.Commit
		}
		found = here
	}
	return found
}
