package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
)

// letter is a mail as people get it.
func letter(m cloud.Mail) string {
	return "Subject: " + m.Subject + "\n\n" + strings.TrimRight(m.Body, "\n") + "\n"
}

// lead is the subject of a mail and its first paragraph: what happened, who did it, whether it is handled, what to do.
func lead(m cloud.Mail) string {
	first, _, _ := strings.Cut(strings.TrimSpace(m.Body), "\n\n")
	return "Subject: " + m.Subject + "\n" + first
}

// showMail shows a mail as it arrives, at once, so that nothing comes between its lines.
func (st *stage) showMail(m cloud.Mail) {
	text := lead(m)
	if st.whole.Load() {
		text = letter(m)
	}
	st.screen.letter("a mail arrives:", text)
}

// mailOf waits for the mail that tells of an alert: it names the group and each rule. The scene fails where none comes.
func (st *stage) mailOf(ctx context.Context, s *scene, of delivered) (cloud.Mail, error) {
	ctx, cancel := context.WithTimeout(ctx, st.patience)
	defer cancel()
	found, err := st.WaitMail(ctx, func(m cloud.Mail) bool { return !m.Time.Before(of.Time) && tells(m, of) })
	if err != nil {
		s.fail(st.screen, fmt.Sprintf("no mail says that it was %s", s.expected))
		return cloud.Mail{}, nil
	}
	st.screen.printf("  that mail came %d ms after the alert\n", found.Time.Sub(of.Time).Milliseconds())
	return found, nil
}

// tells says whether a mail names the group and all rules of an alert.
func tells(m cloud.Mail, of delivered) bool {
	if !strings.Contains(m.Body, of.document.GroupID) {
		return false
	}
	for _, f := range of.document.Findings {
		if !strings.Contains(m.Body, f.Rule) {
			return false
		}
	}
	return true
}

// mailProblems says what is wrong with mails, whatever they tell. owns are names of sgwarden's own roles.
func mailProblems(mails []cloud.Mail, owns ...string) (problems []string) {
	for _, m := range mails {
		complain := func(what string) { problems = append(problems, fmt.Sprintf("the mail %q %s", m.Subject, what)) }
		if len(m.Subject) > 99 || !strings.HasPrefix(m.Subject, "[sgwarden] ") {
			complain("has another subject than it should")
		}
		lines := strings.SplitN(m.Body, "\n", 5)
		for i, label := range []string{"What happened:", "Who did it:", "Handled:", "What to do now:"} {
			if i >= len(lines) || !strings.HasPrefix(lines[i], label) {
				complain("does not begin with four lines; it lacks " + label)
				break
			}
		}
		for _, own := range owns {
			if len(lines) > 1 && strings.Contains(lines[1], own) {
				complain("says that sgwarden itself did it")
			}
		}
	}
	return problems
}

// unreported are the findings of alerts that no mail tells of. Those of one alert may be in several mails.
func unreported(alerts []delivered, mails []cloud.Mail) (problems []string) {
	for _, a := range alerts {
		for _, f := range a.document.Findings {
			if !slices.ContainsFunc(mails, func(m cloud.Mail) bool {
				return strings.Contains(m.Body, a.document.GroupID) && strings.Contains(m.Body, f.Rule)
			}) {
				problems = append(problems, fmt.Sprintf("no mail tells of %s in %s, as alert %s does", f.Rule, a.document.GroupID, a.document.ID))
			}
		}
	}
	return problems
}
