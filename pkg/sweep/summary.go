package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
)

// maxEndingSoon bounds a log line.
const maxEndingSoon = 50

// Summary is one sweep in a line, and the function's return value.
type Summary struct {
	Outcome   alert.Outcome `json:"outcome"` // the worst of all groups
	Reason    string        `json:"reason"`
	Groups    int           `json:"groups"` // that have rules
	Rules     int           `json:"rules"`
	Baselines int           `json:"baselines"`
	// PrefixLists is how many prefix lists have a document.
	PrefixLists int `json:"prefixLists,omitempty"`
	// Unguarded is how many groups have rules and no baseline. It is nil where not all
	// rules or baselines could be read.
	Unguarded   *int                  `json:"unguarded,omitempty"`
	Foreign     int                   `json:"foreign,omitempty"` // groups of other accounts, which are left alone
	Approvals   int                   `json:"approvals,omitempty"`
	Drifting    int                   `json:"drifting"`
	Outcomes    map[alert.Outcome]int `json:"outcomes,omitempty"` // of the groups dealt with
	Closed      int                   `json:"closed,omitempty"`   // findings that people were notified of and that are over
	Late        int                   `json:"late,omitempty"`     // alerts of earlier runs that could not deliver them
	NotReported int                   `json:"untold,omitempty"`   // versions of documents that no event reported
	Errors      int                   `json:"errors"`             // groups that will be tried again
	// Next is the group at which the next sweep continues, where time was short.
	Next string `json:"next,omitempty"`
	// EndingSoon are the exceptions that end within 24 hours.
	EndingSoon []string `json:"endingSoon,omitempty"`
}

// worst ranks outcomes, from the best up.
var worst = map[alert.Outcome]int{
	alert.None: 0, alert.AlreadyGone: 1, alert.Reverted: 2, alert.WouldRevert: 3, alert.Partial: 4, alert.Failed: 5,
}

func (s *Summary) count(result remediate.Result, err error) {
	if s.Outcomes == nil {
		s.Outcomes = map[alert.Outcome]int{}
	}
	s.Outcomes[result.Outcome()]++
	if err != nil {
		s.Errors++
	}
}

func (s *Summary) endsSoon(groupID string, e baseline.Exception) {
	if len(s.EndingSoon) < maxEndingSoon {
		s.EndingSoon = append(s.EndingSoon, endText(groupID, e))
	}
}

func (s *Summary) finish(next resumePoint) {
	s.Next = cmp.Or(next.baseline, next.unguarded)
	s.Outcome = alert.None
	for outcome := range s.Outcomes {
		if worst[outcome] > worst[s.Outcome] {
			s.Outcome = outcome
		}
	}
	s.Reason = fmt.Sprintf("swept %d rules of %d groups, %d of them with a baseline; %d drifted", s.Rules, s.Groups, s.Baselines, s.Drifting)
	if s.Foreign > 0 {
		s.Reason += fmt.Sprintf("; %d groups belong to other accounts and are left alone", s.Foreign)
	}
	if s.Next != "" {
		s.Reason += "; time was short, and the next sweep goes on at " + s.Next
	}
}

func endText(groupID string, e baseline.Exception) string {
	var texts []string
	for _, r := range e.Rules() {
		texts = append(texts, r.String())
	}
	about := strings.Join(slices.DeleteFunc([]string{e.Reason, e.ApprovedBy}, func(s string) bool { return s == "" }), ", ")
	return fmt.Sprintf("%s: %s until %s (%s)", groupID, strings.Join(texts, ", "), e.Expires.UTC().Format(time.RFC3339), about)
}
