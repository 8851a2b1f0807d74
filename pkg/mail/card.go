package mail

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// The lengths of a card. Amazon Q Developer publishes which fields there are and which
// are required; a section of a Slack message takes 3,000 characters (Slack, "Block Kit:
// section block"). The card keeps below that, and its title below Slack's 150 of a
// header.
const (
	maxTitle       = 150
	maxDescription = 2_900
	maxStep        = 350
	maxSteps       = 5
	rulesOnCard    = 5
)

// notification is a custom notification of Amazon Q Developer in chat applications
// (administrator guide, "Custom notifications", event schema). Version "1.0", source
// "custom" and the description are required.
type notification struct {
	Version  string   `json:"version"`
	Source   string   `json:"source"`
	ID       string   `json:"id,omitempty"`
	Content  content  `json:"content"`
	Metadata metadata `json:"metadata"`
}

type content struct {
	TextType    string   `json:"textType"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	NextSteps   []string `json:"nextSteps,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
}

type metadata struct {
	// ThreadID gathers the messages about one group in one thread.
	ThreadID          string            `json:"threadId,omitempty"`
	Summary           string            `json:"summary,omitempty"`
	EventType         string            `json:"eventType,omitempty"`
	RelatedResources  []string          `json:"relatedResources,omitempty"`
	AdditionalContext map[string]string `json:"additionalContext,omitempty"`
}

// Card writes a story as a custom notification for a chat. It holds what the mail
// begins with, and the worst rules; the mail has the commands.
func Card(s Story) []byte {
	v := newView(s)
	a := v.worst
	top := lead{what: v.headline(), who: v.who(), handled: v.handled(), todo: v.todo()}
	n := notification{ID: plainID(a.ID), Content: content{
		Title: v.title().markdown(), Description: describe(top, v.items), Keywords: keywords(string(a.Kind), string(a.Outcome), string(a.Severity)),
		NextSteps: steps(inMail(top.todo), linkStep("Security group", groupLink(a)), linkStep("Event", eventLink(a))),
	}, Metadata: metadata{
		ThreadID: plainID("sgwarden", a.Account, a.Region, cmp.Or(a.Subject(), a.Baseline.Parameter)), Summary: v.title().markdown(), EventType: plainID(string(a.Kind)),
		AdditionalContext: context(a.Account, a.Region, string(a.Severity)),
	}}
	for _, b := range v.blocks[:min(len(v.blocks), rulesOnCard)] {
		if id := b.alerts[0].Subject(); id != "" {
			n.Metadata.RelatedResources = append(n.Metadata.RelatedResources, plainID(id))
		}
	}
	return n.encode()
}

// DigestCard writes many stories as one custom notification.
func DigestCard(stories []Story) []byte {
	d := newDigest(stories)
	top := d.lead()
	n := notification{Content: content{
		Title: d.title().markdown(), Description: describe(top, d.rules), Keywords: keywords("digest"),
		NextSteps: steps(inMail(top.todo), "The mail lists the acts. All alerts are in the log group of the notifier and on the alert topic."),
	}, Metadata: metadata{Summary: d.title().markdown(), EventType: "digest"}}
	if len(d.views) > 0 {
		a := d.views[0].worst
		n.ID, n.Metadata.AdditionalContext = plainID(a.ID), context(a.Account, a.Region, string(a.Severity))
	}
	return n.encode()
}

func (n notification) encode() []byte {
	n.Version, n.Source, n.Content.TextType = "1.0", "custom", "client-markdown"
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // strings always encode
	}
	return text
}

// describe writes the four lines and the worst rules.
func describe(l lead, items []item) string {
	var s strings.Builder
	fmt.Fprintf(&s, "*%s* %s\n", labels[0], fitted(l.what, 600, escape))
	fmt.Fprintf(&s, "*%s* %s\n", labels[1], fitted(l.who, 500, verbatim))
	fmt.Fprintf(&s, "*%s* %s\n", labels[2], fitted(l.handled, 500, escape))
	for _, i := range items[:min(len(items), rulesOnCard)] {
		line := fmt.Sprintf("• %s %s in %s\n", i.label(), fitted(i.Rule, 150, verbatim), fitted(groupName(i.alert), 60, verbatim))
		if s.Len()+len(line) < maxDescription-50 {
			s.WriteString(line)
		}
	}
	if n := len(items) - rulesOnCard; n > 0 {
		fmt.Fprintf(&s, "and %s\n", plural(n, "more rule"))
	}
	return strings.TrimSuffix(s.String(), "\n")
}

// steps are what to do, and links that linkStep made.
func steps(todo string, links ...string) (all []string) {
	all = append(all, fitted(todo, maxStep, escape))
	for _, l := range links {
		if l != "" && len(all) < maxSteps {
			all = append(all, l)
		}
	}
	return all
}

// linkStep is a link that both Slack and Microsoft Teams show: a bare address.
func linkStep(what, link string) string {
	if link == "" || len(link) > maxStep-50 {
		return ""
	}
	return what + ": " + link
}

// inMail says where the commands and the notes are that a mail has below.
func inMail(todo string) string { return strings.ReplaceAll(todo, " below", " in the mail") }

func keywords(words ...string) (all []string) {
	for _, w := range words {
		if w != "" {
			all = append(all, plainID(truncate(w, 40)))
		}
	}
	return all
}

func context(account, region, severity string) map[string]string {
	all := map[string]string{}
	for key, value := range map[string]string{"account": account, "region": region, "severity": severity} {
		if value != "" {
			all[key] = plainID(truncate(value, 40))
		}
	}
	return all
}
