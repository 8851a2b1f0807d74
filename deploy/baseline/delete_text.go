package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// text says for people what protection ends.
func (p *deletionPlan) text(paint terminal.Paint) string {
	text := p.Identity.String() + "\n\n"
	for _, g := range p.Groups {
		text += paint(terminal.Bold, strings.TrimSpace(g.name()+" "+g.id())) + fmt.Sprintf("  %s, version %d\n", g.Parameter, g.Version)
		for _, line := range g.lines() {
			text += "  " + line + "\n"
		}
		text += "\n"
	}
	return text
}

// lines says what protection of one group ends, a line each.
func (g deleted) lines() []string {
	if g.isList() {
		return g.listLines()
	}
	var lines []string
	if !g.Exists {
		lines = append(lines, "the group does not exist in this account and region, so no protection ends")
	}
	switch {
	case g.problem != nil:
		lines = append(lines, g.brokenText())
	default:
		lines = append(lines, fmt.Sprintf("it permits %s for good (%s)", words.Count(g.Rules, "rule"), g.Settings))
	}
	if len(g.Released) > 0 {
		lines = append(lines, "! live rules that nothing permits, and that nobody would revoke or report any more by this baseline:")
		for _, r := range g.Released {
			lines = append(lines, "    "+r)
		}
	}
	if g.Exists {
		lines = append(lines, g.afterwards()...)
	}
	if len(g.Approvals) > 0 {
		lines = append(lines, "approvals of the group: "+strings.Join(g.Approvals, ", "))
	}
	return lines
}

func (g deleted) brokenText() string {
	return "! the baseline is broken, and enforces nothing: " + strings.ReplaceAll(g.problem.Error(), "\n", "; ")
}

// afterwards says what judges the group then.
func (g deleted) afterwards() []string {
	switch {
	case !g.Judged:
		return []string{"! there is no guardrail: then nothing judges this group"}
	case len(g.Guardrail) == 0:
		return []string{fmt.Sprintf("then the guardrail judges the group (mode %s): its live rules break nothing", g.mode)}
	}
	lines := []string{fmt.Sprintf("! then the guardrail judges the group (mode %s): these live rules break it:", g.mode)}
	for _, r := range g.Guardrail {
		lines = append(lines, "    "+r)
	}
	return lines
}

// resultText says what became of a baseline, and how to write it back.
func (g deleted) resultText() string {
	if !g.Deleted {
		return "not deleted: " + g.Parameter + "\n"
	}
	text := fmt.Sprintf("deleted %s", g.Parameter)
	switch {
	case g.ApprovalsDeleted > 0:
		text += " and " + words.Count(g.ApprovalsDeleted, "approval")
	case len(g.Approvals) > 0:
		text += "; its approvals stay: " + strings.Join(g.Approvals, ", ")
	}
	if g.KeptIn != "" {
		return text + fmt.Sprintf("\n  to write it back: baseline push %s\n", g.KeptIn)
	}
	return text + "\n"
}

// kept is the text of a baseline as a file has it.
func (g deleted) kept() (string, error) {
	if g.list != nil {
		text, err := yamlfile.EncodePrefixList(g.list)
		return string(text), err
	}
	if g.doc == nil {
		return g.Raw, nil
	}
	text, err := yamlfile.Encode(g.doc)
	return string(text), err
}

// keepFiles writes the baselines into files, or prints them, before they are deleted. No
// file is overwritten.
func (d deletion) keepFiles(plan *deletionPlan) error {
	isDirectory := len(plan.Groups) > 1
	if info, err := os.Stat(d.keep); err == nil && info.IsDir() {
		isDirectory = true
	}
	if d.keep != "" && isDirectory {
		if err := os.MkdirAll(d.keep, 0o755); err != nil {
			return err
		}
	}
	for i := range plan.Groups {
		g := &plan.Groups[i]
		text, err := g.kept()
		switch {
		case err != nil:
			return err
		case d.keep == "" && d.output == "json":
			continue
		case d.keep == "":
			_, err = fmt.Fprintf(d.out, "# The baseline of %s, which Parameter Store does not keep. To write it back: put this into a file, and push the file.\n%s\n", g.id(), strings.TrimRight(text, "\n"))
		default:
			if g.KeptIn = d.keep; isDirectory {
				g.KeptIn = filepath.Join(d.keep, basefile.NameFor(secgroup.Group{ID: g.id(), Name: g.name()}))
			}
			err = writeNew(g.KeptIn, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeNew writes a file that isn't there yet, all of it or nothing.
func writeNew(name, text string) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already: choose another --keep", name)
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
