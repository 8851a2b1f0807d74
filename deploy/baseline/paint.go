package main

import "strings"

// paintChange colours a line that begins with + or -.
func paintChange(paint func(colour, text string) string, line string) string {
	switch {
	case strings.HasPrefix(line, "+ "):
		return paint(green, line)
	case strings.HasPrefix(line, "- "):
		return paint(red, line)
	}
	return line
}
