package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

// allowing is what became of all groups.
type allowing struct {
	Identity account.Identity `json:"identity"`
	Groups   []allowed        `json:"groups"`
	Notes    []string         `json:"notes,omitempty"`
}

// allowed is what became of one group.
type allowed struct {
	GroupID      string     `json:"groupId"`
	Rule         string     `json:"rule"`
	Changed      bool       `json:"changed"`
	Expires      *time.Time `json:"expires,omitempty"` // absent: for good
	Reason       string     `json:"reason,omitempty"`  // why nothing was changed
	Parameter    string     `json:"parameter"`
	Version      int64      `json:"version"`
	HighSeverity bool       `json:"grave"`          // alerts about such a rule are of severity high
	Live         *bool      `json:"live,omitempty"` // the live rules let its traffic through; absent: not known
	// Restored is what others wrote at the same time, and what was put back.
	Restored []string `json:"restored,omitempty"`
	Broken   []string `json:"broken,omitempty"` // versions of others that were overwritten and can't be read

	note string
}

// printAllowed prints what was done. Of one group, --output json has what it had before
// there could be more, too.
func (a *app) printAllowed(done allowing) error {
	switch {
	case len(done.Groups) == 0:
		return nil
	case a.output == "json" && len(done.Groups) == 1:
		return a.printJSON(struct {
			allowed
			allowing
		}{done.Groups[0], done})
	case a.output == "json":
		return a.printJSON(done)
	}
	text := done.Identity.String() + "\n"
	for _, note := range done.Notes {
		text += "! " + note + "\n"
	}
	for _, one := range done.Groups {
		text += one.String() + "\n" + one.remarks()
	}
	_, err := fmt.Fprint(a.out, text)
	return err
}

// String is for people.
func (d allowed) String() string {
	switch {
	case !d.Changed && d.Version == 0:
		return fmt.Sprintf("%s: %s is permitted already: %s", d.GroupID, d.Rule, d.Reason)
	case !d.Changed:
		return fmt.Sprintf("%s: %s is permitted already: %s (%s, still version %d)", d.GroupID, d.Rule, d.Reason, d.Parameter, d.Version)
	case d.Expires == nil:
		return fmt.Sprintf("%s: %s is permitted for good (%s, version %d)", d.GroupID, d.Rule, d.Parameter, d.Version)
	}
	return fmt.Sprintf("%s: %s is permitted until %s by the approval %s", d.GroupID, d.Rule, d.Expires.Format(time.RFC3339), d.Parameter)
}

// remarks writes what else there is to say, a line each.
func (d allowed) remarks() string {
	var lines []string
	if d.Changed {
		lines = append(lines, "this counts at once")
	}
	if d.Live != nil && *d.Live {
		lines = append(lines, "the live rules of the group let this traffic through")
	} else if d.Live != nil {
		lines = append(lines, "the group does not have this rule now: add the rule to the group; sgwarden leaves the rule alone")
	}
	if d.HighSeverity && d.Changed {
		lines = append(lines, "! this rule is grave: it opens an administrative or database port, all protocols or the whole world")
	}
	if d.note != "" {
		lines = append(lines, "! "+d.note)
	}
	if len(d.Restored) > 0 {
		lines = append(lines, "others changed the baseline at the same time; their changes are in it:")
		for _, line := range d.Restored {
			lines = append(lines, "  "+line)
		}
	}
	for _, broken := range d.Broken {
		lines = append(lines, "! "+broken)
	}
	if len(lines) == 0 {
		return ""
	}
	return "  " + strings.Join(lines, "\n  ") + "\n"
}
