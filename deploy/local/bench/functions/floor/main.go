// Command floor is the least that a Lambda function can do to revert a rule: three calls, without the AWS SDK, without
// net/http, without the Lambda library. It handles no error but by ending, no retry, and no other event. It is a measure,
// not a function to use.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "floor:", run())
	os.Exit(1)
}

// run asks for events and answers them until something fails (Lambda Developer Guide, "Using the Lambda runtime API").
func run() error {
	account, err := newAccount(os.Getenv)
	if err != nil {
		return err
	}
	const path = "/2018-06-01/runtime/invocation/"
	api := &client{address: os.Getenv("AWS_LAMBDA_RUNTIME_API")}
	for {
		event, header, err := api.do("GET", path+"next", nil, nil)
		if err != nil {
			return fmt.Errorf("ask for an event: %w", err)
		}
		if err := account.revert(event); err != nil {
			return err
		}
		id := header["lambda-runtime-aws-request-id"]
		if _, _, err := api.do("POST", path+id+"/response", nil, []byte(`{"outcome":"reverted"}`)); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

// event is what is read of an event.
type event struct {
	Detail struct {
		ResponseElements struct {
			SecurityGroupRuleSet struct {
				Items []struct {
					GroupID string `json:"groupId"`
					ID      string `json:"securityGroupRuleId"`
				} `json:"items"`
			} `json:"securityGroupRuleSet"`
		} `json:"responseElements"`
	} `json:"detail"`
}

// document is what is read of a baseline.
type document struct {
	Ingress []struct {
		Ports   string   `json:"ports"`
		Sources []string `json:"sources"`
	} `json:"ingress"`
}

// permits reports whether a baseline names a rule as it is.
func (d document) permits(r rule) bool {
	for _, permitted := range d.Ingress {
		for _, source := range permitted.Sources {
			if permitted.Ports == fmt.Sprint(r.From) && source == r.Source {
				return true
			}
		}
	}
	return false
}

// revert reads the rules and the baseline side by side, and revokes what the event opened and the baseline doesn't permit.
func (a *account) revert(message []byte) error {
	var e event
	if err := json.NewDecoder(bytes.NewReader(message)).Decode(&e); err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	opened := e.Detail.ResponseElements.SecurityGroupRuleSet.Items[0]
	baselines := make(chan document, 1)
	failed := make(chan error, 1)
	go func() {
		d, err := a.baseline(opened.GroupID)
		failed <- err
		baselines <- d
	}()
	rules, err := a.rules(opened.GroupID)
	if err != nil {
		return err
	}
	if err := <-failed; err != nil {
		return err
	}
	permitted := <-baselines
	for _, r := range rules {
		if r.ID == opened.ID && !permitted.permits(r) {
			return a.revoke(opened.GroupID, r.ID)
		}
	}
	return nil
}
