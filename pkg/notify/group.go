package notify

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// group makes stories of merged alerts, the worst first. A story is one act: the alerts
// of one event, and of other events of the same role and session and of the same sort.
// Findings that no event explains are a story, and findings that are over are another.
func group(alerts []received) []story {
	acts := map[string][]received{}
	var found []received // what the events of their alerts did not bring about
	for _, a := range expected(alerts) {
		opened, rest := byEvent(a)
		found = append(found, rest...)
		for _, o := range opened {
			acts[actOf(o)] = append(acts[actOf(o)], o)
		}
	}
	g := grouping{stories: map[[4]string]*story{}, acts: map[string]*story{}}
	for _, act := range slices.Sorted(maps.Keys(acts)) {
		g.acts[act] = g.add(acts[act]...)
	}
	slices.SortFunc(found, compareAlerts)
	for _, a := range found {
		g.addFound(a)
	}
	var stories []story
	for _, s := range g.stories {
		slices.SortFunc(s.alerts, compareAlerts)
		stories = append(stories, *s)
	}
	slices.SortFunc(stories, compareStories)
	return stories
}

// byEvent splits an alert about rules into what its event's actor brought about, and
// what sgwarden found beside that.
func byEvent(a received) (opened, found []received) {
	if isDocument(a.Kind) || len(a.Closed) > 0 || len(a.Findings) == 0 || a.Event.ID == "" {
		return []received{a}, nil
	}
	if a.Actor == nil {
		return nil, []received{a}
	}
	its, others := partition(a.Findings, func(f alert.Finding) bool { return f.OpenedByEvent })
	return part(a, its), part(a, others)
}

// grouping is stories that come about, by name, and by the acts that they are about.
type grouping struct {
	stories map[[4]string]*story
	acts    map[string]*story
}

func (g grouping) add(alerts ...received) *story {
	name, who := storyName(alerts)
	if g.stories[name] == nil {
		g.stories[name] = &story{who: who}
	}
	s := g.stories[name]
	s.alerts = append(s.alerts, alerts...)
	return s
}

// addFound puts what was found beside an act into the story of the act, which names
// nobody for it. A finding that is worse than the act is a story of its own: its subject comes
// first. A change of a document explains what was found.
func (g grouping) addFound(a received) {
	a.Actor, a.ExposureSeconds = nil, nil
	s, known := g.acts[actOf(a)]
	if !known || s.hasRulesOf(a) || !s.isAboutDocuments() && a.isWorseThan(*s) {
		g.add(a)
		return
	}
	s.alerts = append(s.alerts, a)
}

func (s story) isAboutDocuments() bool {
	return slices.ContainsFunc(s.alerts, func(a received) bool { return isDocument(a.Kind) })
}

// isWorseThan reports whether an alert is more severe than all of a story, or less
// handled.
func (r received) isWorseThan(s story) bool {
	return !slices.ContainsFunc(s.alerts, func(a received) bool {
		return cmp.Or(cmp.Compare(severityRank[a.Severity], severityRank[r.Severity]), cmp.Compare(outcomeRank[a.Outcome], outcomeRank[r.Outcome])) <= 0
	})
}

// hasRulesOf reports whether a story is about a rule that an alert is about too.
func (s story) hasRulesOf(a received) bool {
	return slices.ContainsFunc(s.alerts, func(other received) bool {
		return slices.ContainsFunc(other.Findings, func(f alert.Finding) bool {
			return slices.ContainsFunc(a.Findings, func(g alert.Finding) bool { return keyOf(other.Alert, f) == keyOf(a.Alert, g) })
		})
	})
}

// actOf is the same for the alerts of one event. An alert without an event is alone.
func actOf(a received) string {
	if a.Event.ID == "" || len(a.Closed) > 0 {
		return "alert\n" + a.ID
	}
	return "event\n" + a.Account + "\n" + a.Region + "\n" + a.Event.ID
}

// storyName says with which acts an act makes a story.
func storyName(act []received) (name [4]string, who string) {
	sort := "rules"
	for _, a := range act {
		if len(a.Closed) > 0 {
			return [4]string{a.Account, a.Region, "closed"}, ""
		}
		switch {
		case isDocument(a.Kind):
			sort = "documents"
		case a.Kind == alert.PrefixListKind && sort == "rules":
			sort = "entries"
		}
		if key := actorKey(a.Actor); who == "" || key != "" && key < who {
			who = key
		}
	}
	return [4]string{act[0].Account, act[0].Region, sort, who}, who
}
