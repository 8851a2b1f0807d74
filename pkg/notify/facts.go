package notify

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

// Facts that are remembered for some hours.

// alertFact is the same for two deliveries of one alert. A sweep has no event id: it
// finds the same again, and only the time distinguishes its alerts. A later attempt at an
// event has the id of the first attempt's alert. The problem that both report may have ended
// and begun again between them.
func alertFact(a alert.Alert) string {
	fact := "alert\n" + a.ID
	if a.Event.ID == "" || isProblem(a) {
		fact += "\n" + a.MadeAt.UTC().Format(time.RFC3339Nano)
	}
	return fact
}

// actFact is of a rule that an event opened and that is over, with who did it.
func actFact(a alert.Alert, f alert.Finding) string {
	return strings.Join([]string{"act", f.Rule, string(f.Verdict), f.RuleID, a.Subject(), a.Event.ID, actorKey(a.Actor)}, "\n")
}

// overFact is of one occurrence of a rule that is over, whoever opened the rule: sgwarden
// ended it, or the rule was not live.
func overFact(a alert.Alert, f alert.Finding, notLive bool) string {
	occurrence := cmp.Or(f.RuleID, a.Event.ID, a.MadeAt.UTC().Format(time.RFC3339Nano))
	return strings.Join([]string{"over", f.Rule, string(f.Verdict), occurrence, a.Subject(), fmt.Sprint(notLive)}, "\n")
}

// ruleFact is of a rule, whatever its id.
func ruleFact(a alert.Alert, f alert.Finding) string {
	return strings.Join([]string{"rule", f.Rule, string(f.Verdict), a.Subject()}, "\n")
}

func closedFact(r notified.Ref, since time.Time) string {
	return strings.Join([]string{"closed", r.Rule, r.Parameter, string(r.Verdict), r.GroupID, string(r.Kind), fmt.Sprint(since.Unix())}, "\n")
}
