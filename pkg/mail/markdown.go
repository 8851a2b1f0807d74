package mail

import (
	"strings"
)

// mention is what notifies people in a chat.
var mention = lazily(`(?i)@(here|channel|everyone|all)\b`)

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
	return mention().ReplaceAllString(chatEscapes.Replace(printable(s)), "@ $1")
}

// verbatim is text as inline code, which keeps names with underscores as they are. No
// chat reads markup or mentions in it.
func verbatim(s string) string {
	s = strings.NewReplacer("`", "'", "&", "&amp;", "<", "&lt;", ">", "&gt;", "://", ": //").Replace(printable(s))
	return "`" + mention().ReplaceAllString(s, "@ $1") + "`"
}

// fitted is a text made safe by escape or verbatim, of a bounded number of bytes. The
// text is shortened before it is made safe, so that no escape is split.
func fitted(s string, most int, safe func(string) string) string {
	text := safe(s)
	for room := min(len(s), most); len(text) > most && room > 0; room = room * 3 / 4 {
		text = safe(truncate(s, room))
	}
	return text
}

// markdown is the title of a card: the subject with the rule and the group as code.
func (t title) markdown() string {
	what, group := t.what, t.group
	if what != "" {
		what = fitted(what, 50, verbatim)
	}
	if group != "" {
		group = fitted(group, 30, verbatim)
	}
	origin := either(t.origin == "", "", " ("+fitted(t.origin, 40, escape)+")")
	text := fitted(t.outcome, 60, escape) + join(what, group, fitted(t.more, 40, escape)) + origin
	if len(text) > maxTitle {
		text = fitted(t.outcome, 60, escape) + join(what, group, "") + origin
	}
	if len(text) > maxTitle {
		text = fitted(t.outcome, 60, escape) + join("", group, "") + origin
	}
	return text
}

// plainID joins parts to an identifier of letters, digits, dots, underscores and
// hyphens.
func plainID(parts ...string) string {
	return truncate(unsafeInID().ReplaceAllString(strings.Join(parts, "-"), "-"), 120)
}

var unsafeInID = lazily(`[^A-Za-z0-9._-]+`)
