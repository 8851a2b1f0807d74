// Package mail renders alerts for people: as e-mail and as a card in a chat.
package mail

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Story is what one mail tells: one act of one person, in as many groups as it
// concerned. No rule of a group stands in it twice.
type Story struct {
	// Alerts are what the act made, the worst first. There is at least one.
	Alerts []alert.Alert
	// Reminders says which of the findings people were told of before.
	Reminders map[Ref]Reminder
}

// Ref names a finding. Where a document is the problem, Rule is empty and Parameter
// names the document.
type Ref struct {
	GroupID, Rule, Parameter string
	Verdict                  alert.Verdict
}

// Reminder says since when people know of a finding, and how often they were told.
type Reminder struct {
	Since time.Time
	Told  int // with this mail
}

// Mail is one message to people.
type Mail struct {
	Subject string // at most 99 printable ASCII characters
	Body    string
}

// Render writes a story as a mail.
func Render(s Story) Mail {
	a := s.Alerts[0]
	return Mail{Subject: alert.Subject(a), Body: alert.Email(a)}
}
