package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
)

// confirm asks a question; only y and yes mean yes. Where nobody answers, it is
// an error that says what to do.
func (a *app) confirm(question string) (bool, error) {
	if _, err := fmt.Fprintf(a.errs, "%s [y/N] ", question); err != nil {
		return false, err
	}
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && answer == "" {
		return false, errors.New("nobody answered: run it on a terminal, or with --yes")
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}
