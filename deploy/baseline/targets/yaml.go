package targets

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parse returns the only document in data. The problem is nil where there is one.
func parse(data []byte) (*yaml.Node, *problem) {
	var document, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return nil, &problem{line: 1, column: 1, message: "the file is empty: write schema: 1 and a list of targets"}
	case err != nil:
		return nil, syntaxProblem(data, err)
	}
	err = decoder.Decode(&more)
	switch {
	case err == nil:
		return nil, &problem{line: more.Line, column: more.Column, message: "there is a second document behind ---: write one document"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxProblem(data, err)
	}
	return document.Content[0], nil
}

// tabInIndentation finds the first tab in front of a line's text.
var tabInIndentation = regexp.MustCompile(`(?m)^ *(\t)[ \t]*[^\s#]`)

// lineOfError finds the line that the error of the YAML parser names.
var lineOfError = regexp.MustCompile(`line (\d+): `)

// countsFromZero matches the errors whose lines yaml.v3 counts from 0: those of its
// parser. It counts those of its scanner from 1.
var countsFromZero = regexp.MustCompile(`^did not find expected (node content|'-' indicator|key|',' or '.'|<document start>)`)

// syntaxProblem says where the syntax is wrong. The parser of YAML knows the line at
// most, and calls a tab a character that cannot start any token.
func syntaxProblem(data []byte, err error) *problem {
	if at := tabInIndentation.FindSubmatchIndex(data); at != nil {
		before := data[:at[2]]
		return &problem{
			line: bytes.Count(before, []byte("\n")) + 1, column: at[2] - bytes.LastIndexByte(before, '\n'),
			message: "there is a tab: YAML wants spaces for indentation",
		}
	}
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if found := lineOfError.FindStringSubmatch(text); found != nil {
		text = strings.Replace(text, found[0], "", 1)
		line, _ = strconv.Atoi(found[1]) // digits, as the expression says
	}
	if countsFromZero.MatchString(text) {
		line++
	}
	return &problem{line: line, column: firstColumn(data, line), message: "not YAML: " + text}
}

// firstColumn is where the text of a line begins, counted from 1.
func firstColumn(data []byte, line int) int {
	lines := bytes.Split(data, []byte("\n"))
	if line > len(lines) {
		return 1
	}
	text := lines[line-1]
	return len(text) - len(bytes.TrimLeft(text, " \t")) + 1
}

// kindOf names what a value is, for people.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias: write the value out"
	}
	switch n.ShortTag() {
	case "!!str":
		return "a string"
	case "!!null":
		return "null"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	}
	return "a value with the tag " + n.ShortTag()
}

func isString(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" }
