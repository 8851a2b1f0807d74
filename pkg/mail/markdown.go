package mail

import (
	"regexp"
	"strings"
)

// mention is what notifies people in a chat.
var mention = regexp.MustCompile(`(?i)@(here|channel|everyone|all)\b`)

// chatEscapes are Slack's own ("Formatting text for app surfaces": &, < and >), which
// Microsoft Teams shows as the same characters, and those that are markup in either.
// Markup can't be escaped in Slack, so those characters become others that look alike.
var chatEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	"*", "∗", "_", "ˍ", "~", "∼", "`", "'", "[", "(", "]", ")", "|", "¦", `\`, "/", "://", ": //", "#", "＃",
)

// escape makes plain text of what may hold names that an attacker chose: no markup, no
// link, no mention.
func escape(s string) string {
	return mention.ReplaceAllString(chatEscapes.Replace(printable(s)), "@ $1")
}

// verbatim is text as inline code, which keeps names with underscores as they are. No
// chat reads markup or mentions in it.
func verbatim(s string) string {
	s = strings.NewReplacer("`", "'", "&", "&amp;", "<", "&lt;", ">", "&gt;", "://", ": //").Replace(printable(s))
	return "`" + mention.ReplaceAllString(s, "@ $1") + "`"
}

// markdown is the title of a card: the subject with the rule and the group as code.
func (t title) markdown() string {
	what, group, more := t.what, t.group, escape(t.more)
	if what != "" {
		what = verbatim(clip(what, 60))
	}
	if group != "" {
		group = verbatim(clip(group, 40))
	}
	return escape(t.outcome) + join(what, group, more) + escape(" ("+t.place+")")
}

// threadID is the same for all messages about one group, or about one document that is
// for all groups.
func threadID(account, region, groupID, parameter string) string {
	about := groupID
	if about == "" {
		about = parameter
	}
	return clip(unsafeInID.ReplaceAllString("sgwarden-"+account+"-"+region+"-"+about, "-"), 120)
}

var unsafeInID = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
