package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// versionChange is a version with what it permits more and less than the one before.
type versionChange struct {
	account.VersionInfo
	// Against is the version it is compared with, the last one before it that
	// isn't broken; 0 where there is none.
	Against  int64    `json:"against,omitempty"`
	More     []string `json:"permitsMore"`
	Less     []string `json:"permitsLess"`
	Settings []string `json:"settings"`
	// Unknown is set for the oldest one, where Parameter Store has dropped what
	// was before.
	Unknown bool `json:"unknown,omitempty"`
}

func historyCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "history GROUP",
		Short: "List the versions of a group's baseline, and what each changed",
		Long: `Lists the versions of a group's or prefix list's baseline, the newest first: who wrote each of them when, and what it permitted more (+)
and less (-) at that time than the one before. Parameter Store keeps the last 100.`,
		Example: `  baseline history sg-0a1b2c3d4e5f60718
  baseline history name:web`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			store, err := a.Store(c.Context())
			if err != nil {
				return err
			}
			versions, err := a.VersionsOf(c.Context(), store, args[0])
			if err != nil {
				return err
			}
			all := changesOf(versions)
			slices.Reverse(all)
			if a.output == "json" {
				return a.printJSON(map[string]any{idField(versions[0].GroupID): versions[0].GroupID, "versions": all})
			}
			return a.printHistory(all)
		},
	}
}

// idField is the field of an id for machines.
func idField(id string) string {
	if rule.IsPrefixListID(id) {
		return "prefixListId"
	}
	return "groupId"
}

// changesOf compares each version with the one before, oldest first.
func changesOf(versions []account.Version) []versionChange {
	var all []versionChange
	var before account.Version
	for i, v := range versions {
		c := versionChange{VersionInfo: v.Info(), Against: before.Version.Version, More: []string{}, Less: []string{}, Settings: []string{}}
		switch {
		case v.Doc == nil:
			c.Against = 0
		case i == 0 && v.Version.Version > 1:
			c.Unknown = true
		default:
			c.compare(before, v)
		}
		if v.Doc != nil {
			before = v
		}
		all = append(all, c)
	}
	return all
}

func (c *versionChange) compare(before, after account.Version) {
	d := permitted(before.Doc, after.Doc, after.ModifiedAt)
	c.More, c.Less, c.Settings = append(c.More, d.More...), append(c.Less, d.Less...), append(c.Settings, d.Settings...)
}

// permitted is baseline.Compare, in the words of prefix lists for the documents of one.
func permitted(before, after *baseline.Document, now time.Time) baseline.Difference {
	d := baseline.Compare(before, after, now)
	if entries.Is(after) {
		d.More, d.Less = entries.Texts(d.More), entries.Texts(d.Less)
	}
	return d
}

func (a *app) printHistory(all []versionChange) error {
	var text strings.Builder
	paint := a.painter()
	for i, c := range all {
		if i > 0 {
			text.WriteString("\n")
		}
		fmt.Fprintf(&text, "%s\n", paint(terminal.Bold, fmt.Sprintf("version %d, %s", c.Version, c.WrittenBy())))
		for _, line := range c.lines() {
			fmt.Fprintf(&text, "  %s\n", paint.Change(line))
		}
	}
	_, err := io.WriteString(a.out, text.String())
	return err
}

func (c versionChange) lines() []string {
	switch {
	case c.Broken == account.ErrIncomplete.Error():
		return []string{c.Broken}
	case c.Broken != "":
		return []string{"broken, and enforced nothing: " + c.Broken}
	case c.Unknown:
		return []string{"the oldest version that Parameter Store still has"}
	}
	lines := slices.Clone(c.Settings)
	for _, text := range c.More {
		lines = append(lines, "+ "+text)
	}
	for _, text := range c.Less {
		lines = append(lines, "- "+text)
	}
	if len(lines) == 0 {
		lines = append(lines, "permitted the same")
	}
	if c.Against != 0 && c.Against != c.Version-1 {
		lines = slices.Insert(lines, 0, fmt.Sprintf("compared with version %d:", c.Against))
	}
	return lines
}
