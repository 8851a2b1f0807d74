package deploy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/events"
)

// request is the parameter that asks for a sweep. No sample is of it.
const (
	request  = `"/sg-baseline/sweep-request"`
	document = `"/sg-baseline/groups/sg-0a1b2c3d4e5f60718"`
)

// relative is a sample with other words, and the rule that it must match then.
type relative struct {
	name, sample, rule string
	words              []string // old, new, old, new …
}

var relatives = []relative{
	{"a request for a sweep", "parameter-create", requests, []string{document, request}},
	{"a further request for a sweep", "parameter-update", nobody, []string{document, request}},
	{"a request for a sweep that ends", "parameter-delete", nobody, []string{document, request}},
	{"a request for a sweep with a label", "parameter-label", nobody, []string{document, request}},
	{"a request for a sweep that has a policy", "parameter-create", nobody, []string{document, request, `"Parameter Store Change"`, `"Parameter Store Policy Action"`}},
	{"a request for a sweep that somebody put", "parameter-create", nobody, []string{document, request, `"aws.ssm"`, `"com.example.tools"`}},
	{"something below a request", "parameter-create", nobody, []string{document, `"/sg-baseline/sweep-request/x"`}},
	{"a longer request", "parameter-create", nobody, []string{document, `"/sg-baseline/sweep-requests"`}},
	{"a request under a longer prefix", "parameter-create", nobody, []string{document, `"/sg-baseline-other/sweep-request"`}},
	{"a request under a deeper prefix", "parameter-create", nobody, []string{document, `"/test/sg-baseline/sweep-request"`}},
	{"a request without a slash before it", "parameter-create", nobody, []string{document, `"sg-baseline/sweep-request"`}},
	{"a request in another case", "parameter-create", nobody, []string{document, `"/sg-baseline/Sweep-Request"`}},
	{"a group's parameter called like a request", "parameter-create", baselines, []string{document, `"/sg-baseline/groups/sweep-request"`}},
}

// addRelatives adds the relatives under a prefix. Where that is not the default one, those that match are added under the
// default one too, where they must not match.
func addRelatives(t *testing.T, prefix string, messages map[string]string, add func(name, message, rule string)) {
	t.Helper()
	for _, row := range slices.Concat(relatives, documentRelatives) {
		sample := string(events.MustRead(row.sample))
		for i := 0; i < len(row.words); i += 2 {
			if !strings.Contains(sample, row.words[i]) {
				t.Errorf("%s: sample %s has no %s", row.name, row.sample, row.words[i])
			}
		}
		if _, twice := messages[row.name]; twice {
			t.Errorf("two events are called %q", row.name)
		}
		changed := strings.NewReplacer(row.words...).Replace(sample)
		add(row.name, strings.ReplaceAll(changed, defaultPrefix, prefix), row.rule)
		if prefix != defaultPrefix && row.rule != nobody {
			add(row.name+", under the default prefix", changed, nobody)
		}
	}
}
