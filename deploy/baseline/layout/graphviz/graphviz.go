// Package graphviz lays out pictures by Graphviz, which github.com/goccy/go-graphviz
// brings as WebAssembly. Who imports the package pays for that at the start: a second of
// compiling the first time, and reading the result from the disk each other time. So the
// command baseline does not.
package graphviz

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/goccy/go-graphviz"
)

// one lets one graph at a time into the WebAssembly module, which has one memory and no
// locks: two at once break it for good.
var one sync.Mutex

// SVG returns the layout of a DOT graph as Graphviz's SVG.
func SVG(ctx context.Context, dot []byte) (svg []byte, err error) {
	one.Lock()
	defer one.Unlock()
	engine, err := graphviz.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("start Graphviz: %w", err)
	}
	defer func() {
		if closing := engine.Close(); err == nil && closing != nil {
			err = fmt.Errorf("end Graphviz: %w", closing)
		}
	}()
	graph, err := graphviz.ParseBytes(dot)
	if err != nil {
		return nil, fmt.Errorf("read the DOT graph: %w", err)
	}
	defer func() {
		if closing := graph.Close(); err == nil && closing != nil {
			err = fmt.Errorf("close the DOT graph: %w", closing)
		}
	}()
	var b bytes.Buffer
	if err := engine.Render(ctx, graph, graphviz.SVG, &b); err != nil {
		return nil, fmt.Errorf("lay out the DOT graph: %w", err)
	}
	return b.Bytes(), nil
}
