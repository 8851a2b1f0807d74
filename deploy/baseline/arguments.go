package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// parseRule reads rule text in which the group itself may be called self.
func parseRule(text, groupID string) (rule.Rule, error) {
	words := strings.Fields(text)
	if len(words) == 4 && words[3] == "self" {
		words[3] = groupID
		text = strings.Join(words, " ")
	}
	return rule.Parse(text)
}

// ruleTexts returns the arguments that are rules. Where the quotes around a rule are
// missing, the shell has made an argument of each of its words, which are put together.
func ruleTexts(args []string) []string {
	var texts []string
	for len(args) > 0 {
		n := 1
		if args[0] == rule.Ingress.String() || args[0] == rule.Egress.String() {
			n = min(wordsOfRule, len(args))
		}
		texts, args = append(texts, strings.Join(args[:n], " ")), args[n:]
	}
	return texts
}

// wordsOfRule are direction, protocol, ports and peer.
const wordsOfRule = 4

// hide keeps flags that were documented once out of help and completion.
func hide(c *cobra.Command, flags ...string) {
	for _, name := range flags {
		if err := c.Flags().MarkHidden(name); err != nil {
			panic(err) // the verb defines the flag
		}
	}
}

// splitGroups parts the arguments that name groups or prefix lists from those that are
// paths.
func splitGroups(args []string) (groups, paths []string) {
	for _, arg := range args {
		if isGroup(arg) {
			groups = append(groups, arg)
		} else {
			paths = append(paths, arg)
		}
	}
	return groups, paths
}

// isGroup reports whether an argument names a group or a prefix list, and not a file:
// sg-0a.yaml is one where it exists.
func isGroup(arg string) bool {
	if !account.IsTarget(arg) || rule.IsGroupID(arg) || rule.IsPrefixListID(arg) {
		return account.IsTarget(arg)
	}
	_, err := os.Stat(arg)
	return err != nil
}

// lifetime is a flag: how long from now, in days too. The zero value is not set.
type lifetime struct{ time.Duration }

var daysAndRest = regexp.MustCompile(`^(\d+)d(.*)$`)

// Set reads such as 7d, 1d12h, 8h or 30m. It must be longer than nothing.
func (l *lifetime) Set(s string) error {
	rest := s
	l.Duration = 0
	if match := daysAndRest.FindStringSubmatch(s); match != nil {
		days, err := strconv.Atoi(match[1])
		if err != nil || days > maxDays {
			return fmt.Errorf("more than %d days: permit it for good instead", maxDays)
		}
		l.Duration, rest = time.Duration(days)*24*time.Hour, match[2]
	}
	if rest != "" || s == "" {
		d, err := time.ParseDuration(rest)
		if err != nil {
			return fmt.Errorf("want a time such as 8h, 30m or 7d")
		}
		l.Duration += d
	}
	if l.Duration < time.Second {
		return fmt.Errorf("the approval would have expired already: want a time such as 8h, 30m or 7d")
	}
	return nil
}

// maxDays keeps days within what a time.Duration holds, by far.
const maxDays = 3650

// String is what --help shows as the default: nothing.
func (l *lifetime) String() string {
	if l.Duration == 0 {
		return ""
	}
	return l.Duration.String()
}

// Type names the value in --help.
func (l *lifetime) Type() string { return "TIME" }
