// Command layout reads a DOT graph from its standard input and writes Graphviz's SVG of
// the graph to its standard output. The command baseline starts it for pictures in SVG.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/sgwarden/sgwarden/deploy/baseline/layout/graphviz"
)

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "layout:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	dot, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the DOT graph: %w", err)
	}
	svg, err := graphviz.SVG(ctx, dot)
	if err != nil {
		return err
	}
	_, err = out.Write(svg)
	return err
}
