package mail

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Fight is a group that is reverted again and again.
type Fight struct {
	Account, Region, GroupID, GroupName string

	Reverts int           // how often, in the time of Within
	Within  time.Duration // until now
	// Principals are ARNs. Rules are rule texts.
	Principals, Rules []string
	SameRule          bool // each time the same rule was reverted
}

// Digest writes many stories as one mail.
func Digest(stories []Story) Mail {
	first := Render(stories[0])
	lines := make([]string, len(stories))
	for i, s := range stories {
		lines[i] = Render(s).Subject
	}
	return Mail{Subject: first.Subject, Body: fmt.Sprintf("%d acts:\n%s\n", len(stories), strings.Join(lines, "\n"))}
}

// Card writes a story for a chat.
func Card(s Story) []byte { return card(Render(s)) }

// DigestCard writes many stories for a chat.
func DigestCard(stories []Story) []byte { return card(Digest(stories)) }

func card(m Mail) []byte {
	text, err := json.Marshal(map[string]any{"version": "1.0", "source": "custom", "content": map[string]string{"title": m.Subject, "description": m.Body}})
	if err != nil {
		panic(err) // strings always encode
	}
	return text
}

// Contention says that two tools fight over a group.
func Contention(f Fight) Mail {
	return Mail{
		Subject: fmt.Sprintf("[sgwarden] two tools fight over %s: %d reverts", f.GroupID, f.Reverts),
		Body:    strings.Join(append(f.Principals, f.Rules...), "\n"),
	}
}
