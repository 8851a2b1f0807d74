// Package mail renders alerts for people: as e-mail and as a card in a chat.
package mail

import (
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Story is what one mail is about: one act of one person, in as many groups as it
// concerned. No rule of a group stands in it twice.
type Story struct {
	// Alerts are what the act made, the worst first. There is at least one.
	Alerts []alert.Alert
	// Reminders says which of the findings people were notified of before.
	Reminders map[Ref]Reminder
	// Elsewhere says that the alerts are of another account or region than the stack that
	// writes the mail: its readers may have to change their credentials first.
	Elsewhere bool
}

// Ref names a finding. Where a document is the problem, Rule is empty and Parameter
// names the document.
type Ref struct {
	GroupID, Rule, Parameter string
	Verdict                  alert.Verdict
}

// Reminder says since when people know of a finding, and how often they were notified.
type Reminder struct {
	Since    time.Time
	Notified int // with this mail
}

// Mail is one message to people.
type Mail struct {
	Subject string // at most 99 printable ASCII characters
	Body    string
}

// Render writes a story as a mail. The body begins with four lines for a person who
// has just woken up: what happened, who did it, whether it is handled, what to do now.
func Render(s Story) Mail {
	v := newView(s)
	top := lead{what: v.headline(), who: v.who(), handled: v.handled(), todo: v.todo()}
	var sections []section
	sections = append(sections, v.blockSections()...)
	sections = append(sections, v.detailSection())
	sections = append(sections, v.commandSections()...)
	sections = append(sections, v.linkSection())
	return Mail{Subject: v.subject(), Body: assemble(top.String(), sections)}
}

// lead is the four lines that every mail begins with.
type lead struct{ what, who, handled, todo string }

// labels are what the four lines begin with. No other line of a mail begins so.
var labels = [4]string{"What happened:", "Who did it:", "Handled:", "What to do now:"}

// String writes the four lines. Each is one line, whatever the names in it hold.
func (l lead) String() string {
	var s strings.Builder
	for i, text := range []string{l.what, l.who, l.handled, l.todo} {
		s.WriteString(labels[i] + strings.Repeat(" ", 16-len(labels[i])) + printable(text) + "\n")
	}
	return s.String()
}
