package alert

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// What stands in a command comes from attackers too: names, ids, descriptions. So
// only what has the form that AWS documents becomes a word of a command, and
// descriptions stand inside JSON only. No word can begin with a hyphen, which the
// AWS CLI would take for an option, or with file:// and the like, which the AWS CLI
// would take for the location of a value (AWS CLI User Guide, "Loading a parameter
// from a file"; version 1 loads http:// and https:// too). See forms.go.

func hasGroup(a Alert) bool { return rule.IsGroupID(a.GroupID) }

func hasParameter(a Alert) bool { return isParameterName(a.Baseline.Parameter) }

// aws is a command of the AWS CLI in the alert's region. All that comes after
// command is words of a shell already.
func aws(a Alert, command string, words ...string) string {
	return strings.Join(append([]string{"aws " + command + " --region " + a.Region}, words...), " ")
}

// putParameter is a command that writes a parameter. The value is a word of a shell.
// With --overwrite the command can be pasted again.
func putParameter(a Alert, name, value string) string {
	return aws(a, "ssm put-parameter", "--name", quote(name), "--type String --overwrite --value", value)
}

func deleteParameter(a Alert, name string) string {
	return aws(a, "ssm delete-parameter", "--name", quote(name))
}

// quote makes one word of a string, for bash and zsh.
func quote(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:@", c)
	}
	if s != "" && strings.IndexFunc(s, func(c rune) bool { return !plain(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// jsonWord makes one word of the JSON of a value, on one line and in plain ASCII.
// What a shell, a terminal or a mail program could take for more than a letter is
// escaped as JSON does it: quotes, $, ` and !, control characters, marks that turn
// the direction of writing. And {{, for which SSM refuses a value (SSM API reference,
// PutParameter, Value). All of these stand inside JSON's strings only.
func jsonWord(v any) string {
	var word strings.Builder
	text := strings.ReplaceAll(encoded(v), "{{", `{\u007b`)
	for _, c := range text {
		switch {
		case c < ' ' || c == 0x7f || strings.ContainsRune("'$`!", c):
			fmt.Fprintf(&word, `\u%04x`, c)
		case c < utf8.RuneSelf:
			word.WriteRune(c)
		default:
			for _, unit := range utf16.Encode([]rune{c}) {
				fmt.Fprintf(&word, `\u%04x`, unit)
			}
		}
	}
	return "'" + word.String() + "'"
}

// encoded writes JSON without HTML's escapes, which people could not read.
func encoded(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // strings and numbers always encode
	}
	return strings.TrimSpace(text.String())
}
