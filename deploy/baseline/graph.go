package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
)

// graphing is what the verb graph is asked to do.
type graphing struct {
	*app
	live        bool
	format, out string
	groupBy     string
	from, to    string
	formSet     bool // --format was given
}

// formats are what a picture can be written in.
var formats = []string{"mermaid", "dot", "svg", "text"}

func graphCommand(a *app) *cobra.Command {
	g := graphing{app: a}
	c := &cobra.Command{
		Use:   "graph [PATH...] [--live] [--format FORMAT] [--from END --to END]",
		Short: "Draw who may reach whom on what, or list the paths from one end to another",
		Long: `Draws security groups, and who may reach whom on which ports, from the internet inwards:

  graph                the groups of the baselines in Parameter Store, as they are approved
  graph PATH...        those of files (or all files of a directory), without AWS; files may name groups, as in name:web
  graph --live         all live groups of the region, judged by the baselines in Parameter Store
  graph PATH... --live the live groups of the files, judged by the files

Lines: solid is permitted for good. Thick and red is live and not permitted (violating). Dashed is approved and not live
(missing). Dotted and amber is permitted until a time, which stands beside the line: by an approval, an exception or the
grace. Thin and grey is live, and no baseline says whether it may be. A hollow head says that only one of two groups
permits the traffic, so that nothing passes.

A range of addresses is drawn as the internet where it opens more public addresses than a /8 of IPv4 or a /19 of IPv6 has,
alone or together with other rules of its group. Private ranges, single addresses and prefix lists are drawn by themselves.

More than 40 groups are put together by VPC. --group-by vpc or --group-by tag:NAME does so with any number.

With --from and --to the answer is text (or JSON with --output json): each path and the rules of each step. An end is
internet, a CIDR, the id of a group or prefix list, or name:web. A step needs a rule of the group that receives and a rule
of the group that sends, where these are known; live rules count with --live, else the approved ones. A step may be on
another port than the step before.

Exit status: 0 drawn or answered, 2 drawn with --live and something is violating or missing, or permitted by the grace
alone, 1 an error, such as a baseline that can't be used.`,
		Example: `  baseline graph baselines                            # Mermaid, for Markdown
  baseline graph --live --format svg --out groups.svg # with drift
  baseline graph --live --from internet --to name:rds # by which paths?
  baseline graph --live --group-by tag:team --format dot`,
		RunE: func(c *cobra.Command, paths []string) error {
			g.formSet = c.Flags().Changed("format")
			return g.run(c.Context(), paths)
		},
	}
	c.Flags().BoolVar(&g.live, "live", false, "draw the live rules, and how they differ from what is approved")
	c.Flags().StringVar(&g.format, "format", "mermaid", "mermaid, dot, svg or text")
	c.Flags().StringVar(&g.out, "out", "", "write the picture to this file")
	c.Flags().StringVar(&g.groupBy, "group-by", "", "put groups together by vpc, or by tag:NAME")
	c.Flags().StringVar(&g.from, "from", "", "where paths begin: internet, a CIDR, the id of a group, or name:web")
	c.Flags().StringVar(&g.to, "to", "", "where paths end, likewise")
	if err := c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

func (g *graphing) run(ctx context.Context, paths []string) error {
	if err := g.check(); err != nil {
		return err
	}
	s, err := g.subject(ctx, paths, g.live)
	if err != nil {
		return err
	}
	for _, remark := range s.remarks {
		if _, err := fmt.Fprintln(g.Errs, "! "+remark); err != nil {
			return err
		}
	}
	p := picture.New(s.groups, g.Now(), picture.Options{GroupBy: g.groupBy})
	if g.from != "" {
		err = g.answer(p)
	} else {
		err = g.draw(ctx, p)
	}
	switch {
	case err != nil:
		return err
	case len(s.broken) > 0:
		return brokenText(s.broken)
	case g.from == "" && g.live && p.Drifts():
		return errFindings
	}
	return nil
}

// check refuses flags that do not go together.
func (g *graphing) check() error {
	switch err := picture.CheckGroupBy(g.groupBy); {
	case err != nil:
		return misused("--group-by %q: %v", g.groupBy, err)
	case !slices.Contains(formats, g.format):
		return misused("--format %q: want %s", g.format, strings.Join(formats, ", "))
	case (g.from == "") != (g.to == ""):
		return misused("--from and --to belong together: say where paths begin and where they end")
	case g.from != "" && (g.formSet || g.out != "" || g.groupBy != ""):
		return misused("--from and --to list paths: leave --format, --out and --group-by out")
	case g.output == "json" && (g.formSet || g.out != ""):
		return misused("--output json prints the picture's nodes and edges: leave --format and --out out")
	}
	return nil
}

func (g *graphing) answer(p picture.Picture) error {
	answer, err := p.Paths(g.from, g.to)
	if err != nil {
		return err
	}
	if g.output == "json" {
		return g.printJSON(answer)
	}
	_, err = fmt.Fprint(g.app.out, answer.Text())
	return err
}

// draw writes the picture to the standard output or to a file.
func (g *graphing) draw(ctx context.Context, p picture.Picture) error {
	if p.Note != "" {
		if _, err := fmt.Fprintln(g.Errs, "! "+p.Note); err != nil {
			return err
		}
	}
	if g.output == "json" {
		return g.printJSON(p)
	}
	data, err := g.rendered(ctx, p)
	switch {
	case err != nil:
		return err
	case g.out != "":
		return g.save(data)
	}
	_, err = g.app.out.Write(data)
	return err
}

func (g *graphing) rendered(ctx context.Context, p picture.Picture) ([]byte, error) {
	switch {
	case g.format == "dot":
		return []byte(p.DOT()), nil
	case g.format == "text":
		return []byte(p.Text()), nil
	case g.format == "svg" && g.layout == nil:
		return nil, errors.New("this build of the command can't lay out SVG: use --format dot, and Graphviz's dot -Tsvg")
	case g.format == "svg":
		return p.SVG(ctx, g.layout)
	}
	return []byte(p.Mermaid()), nil
}

func (g *graphing) save(data []byte) error {
	if err := basefile.CheckName(g.out); err != nil {
		return err
	}
	return basefile.ReplaceAll([]basefile.Replacement{{Name: g.out, Data: data}})
}
