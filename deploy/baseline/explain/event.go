package explain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ReadEvent reads a trigger from a file, or from in where path is -, or says why it is none.
func ReadEvent(in io.Reader, path string) (t trail.Trigger, nothing string, err error) {
	var data []byte
	if path == "-" {
		data, err = io.ReadAll(in)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return t, "", err
	}
	message, err := enveloped(data)
	if err != nil {
		return t, "", fmt.Errorf("%s: %w", path, err)
	}
	t, none := trail.Parse(message)
	switch {
	case none != nil:
		return t, none.Reason, nil
	case t.Kind == trail.ParameterChanged:
		return t, fmt.Sprintf("%s of parameter %s names no rule: what changed is told, and the live rules of its group are judged (see history and diff)", t.Operation, t.Parameter), nil
	case t.Kind == trail.GroupDeleted:
		return t, "the group was deleted, and its rules with it: that is told if it still has a baseline", nil
	case t.Kind == trail.VPCCreated:
		return t, fmt.Sprintf("%s was created, and its default security group with it: that group is looked up and judged as it is then", t.VpcID), nil
	case t.Kind == trail.VPCDeleted:
		return t, fmt.Sprintf("%s was deleted, and its default security group with it: a sweep is asked for, which tells if the group still has a baseline", t.VpcID), nil
	case t.Kind == trail.UseChanged:
		return t, fmt.Sprintf("the rules stay as they are: that the group's use in %s changed is told if the group has a baseline, or if there is a guardrail", t.VpcID), nil
	}
	return t, "", nil
}

// enveloped puts a bare record of CloudTrail into the envelope that EventBridge
// delivers it in, and leaves other messages as they are.
func enveloped(data []byte) ([]byte, error) {
	var shape struct {
		DetailType      *string           `json:"detail-type"`
		EventName       *string           `json:"eventName"`
		Records         []json.RawMessage `json:"Records"` // of a log file
		Events          []json.RawMessage `json:"Events"`  // of aws cloudtrail lookup-events
		CloudTrailEvent string            `json:"CloudTrailEvent"`
	}
	if err := json.Unmarshal(data, &shape); err != nil {
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) {
			return nil, errors.New("this is no event: want an object as EventBridge or CloudTrail writes it")
		}
		return nil, fmt.Errorf("this is not JSON: %w", err)
	}
	inside := append(shape.Records, shape.Events...)
	if shape.CloudTrailEvent != "" {
		inside = append(inside, json.RawMessage(shape.CloudTrailEvent))
	}
	switch {
	case shape.DetailType != nil:
		return data, nil
	case len(inside) == 1:
		return enveloped(inside[0])
	case len(inside) > 1:
		return nil, fmt.Errorf("it holds %d events: give one at a time", len(inside))
	case shape.EventName == nil:
		return nil, errors.New("this is no event: it has neither detail-type, as EventBridge writes, nor eventName, as CloudTrail does")
	}
	return json.Marshal(map[string]any{
		"detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "detail": json.RawMessage(data),
	})
}
