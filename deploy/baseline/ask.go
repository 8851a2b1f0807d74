package main

import (
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
)

// askUnless asks a question unless yes was said before. nothing begins the error where the
// answer is no, such as "nothing was deleted"; would says what the question is about where
// nobody can be asked.
func (a *app) askUnless(yes bool, nothing, would, question string) error {
	switch {
	case yes:
		return nil
	case a.output == "json":
		return fmt.Errorf("%s: --output json doesn't ask, so add --yes", nothing)
	case !terminal.Is(a.in):
		return fmt.Errorf("%s: %s, and there is no terminal to ask on: add --yes", nothing, would)
	}
	return a.ask(nothing, question)
}

// ask asks a question on the terminal. nothing begins the error where the answer is not yes.
func (a *app) ask(nothing, question string) error {
	agreed, err := terminal.Confirm(a.in, a.Errs, question)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", nothing, err)
	case !agreed:
		return errors.New(nothing + ", as you said")
	}
	return nil
}
