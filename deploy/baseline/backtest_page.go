package main

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/backtestpage"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

// pageReport writes the HTML page, once all is known.
type pageReport struct {
	app     *app
	of      backtest
	reverts backtestpage.Reverts
}

func (p *pageReport) add(r replay.Revert) error {
	p.reverts.Add(r)
	return nil
}

func (p *pageReport) finish(s backtestSummary, failed error) error {
	if failed != nil || s.Problem != "" {
		return nil // a page without an answer would be taken for a good answer
	}
	lang, err := page.ParseLang(p.of.lang)
	if err != nil {
		return err
	}
	b := backtestpage.Backtest{
		Lang: lang, Generated: p.app.Now(), History: p.of.history.names(), Documents: cmp.Or(strings.Join(p.of.baselines, ", "), "Parameter Store"),
		Records: s.Records, Bytes: s.Bytes, Result: s.Result, Reverts: &p.reverts,
	}
	for _, f := range s.Skipped {
		b.Skipped = append(b.Skipped, backtestpage.Skipped{File: f.File, Reason: f.Reason})
	}
	var text bytes.Buffer
	if err := backtestpage.Write(&text, b); err != nil {
		return err
	}
	if err := basefile.ReplaceAll([]basefile.Replacement{{Name: p.of.page, Data: text.Bytes()}}); err != nil {
		return fmt.Errorf("write the page %s: %w", p.of.page, err)
	}
	fmt.Fprintf(p.app.Errs, "wrote %s\n", p.of.page)
	return nil
}

// names says where the history is, as people named it.
func (h history) names() []string {
	names := append([]string{}, h.arguments...)
	if h.athena != "" {
		names = append(names, "Athena, table "+h.athena)
	}
	return names
}
