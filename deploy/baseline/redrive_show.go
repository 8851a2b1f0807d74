package main

import (
	"fmt"
	"io"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

func (a *app) sayStack(s deadletters.Stack, region string) error {
	endpoint := ""
	if url := a.Getenv("AWS_ENDPOINT_URL"); url != "" {
		endpoint = ", endpoint " + url
	}
	_, err := fmt.Fprintf(a.Errs, "==> stack %s, account %s, region %s%s\n", s.Name, s.Account, region, endpoint)
	return err
}

// showLetters prints messages; that there are some is a finding.
func (a *app) showLetters(stack deadletters.Stack, region string, all []deadletters.Contents, lines bool) error {
	var err error
	messages, inFlight := deadletters.Count(all)
	switch {
	case lines:
		err = a.printLines(all)
	case a.output == "json":
		err = a.printASCII(struct {
			Stack    string                `json:"stack"`
			Account  string                `json:"account"`
			Region   string                `json:"region"`
			InFlight int                   `json:"inFlight"` // messages that nobody can receive now
			Messages []deadletters.Message `json:"messages"`
		}{stack.Name, stack.Account, region, inFlight, messagesOf(all)}, "  ")
	default:
		err = a.printLetters(all)
	}
	if err == nil && messages+inFlight > 0 {
		err = errFindings
	}
	return err
}

func (a *app) printLetters(all []deadletters.Contents) error {
	for _, c := range all {
		if err := deadletters.Print(a.out, c); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printLines(all []deadletters.Contents) error {
	for _, m := range messagesOf(all) {
		if err := a.printASCII(m, ""); err != nil {
			return err
		}
	}
	messages, inFlight := deadletters.Count(all)
	_, err := fmt.Fprintf(a.Errs, "==> %d messages, %d more in flight\n", messages, inFlight)
	return err
}

func messagesOf(all []deadletters.Contents) []deadletters.Message {
	messages := []deadletters.Message{}
	for _, c := range all {
		messages = append(messages, c.Messages...)
	}
	return messages
}

// printASCII writes JSON that has texts of strangers in it.
func (a *app) printASCII(v any, indent string) error {
	text, err := deadletters.JSON(v, indent)
	if err != nil {
		return err
	}
	_, err = io.WriteString(a.out, text)
	return err
}
