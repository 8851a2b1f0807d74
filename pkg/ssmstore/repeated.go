package ssmstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// PutParameter makes the call, and returns the version that the parameter has after it. replaces is what was read
// before. The error is ErrChanged where somebody else wrote the parameter meanwhile. The version is not zero then, where
// this call wrote over the other's. Of a parameter that could not be read nobody knows the version that is replaced.
//
// The SDK repeats a call whose answer was lost. The repeat then finds what the first attempt wrote: a parameter to be
// created is there already, and one to be overwritten gets one more version. Both look like another's write, so the
// parameter's history is asked before anybody is blamed.
func (s Store) PutParameter(ctx context.Context, input *ssm.PutParameterInput, replaces baseline.Stored) (version int64, err error) {
	name := *input.Name
	answer, err := s.Client.PutParameter(ctx, input)
	there := awserr.ClassOf(err) == awserr.Duplicate
	switch {
	case err != nil && !there:
		return 0, fmt.Errorf("put parameter %s: %w", name, awserr.WithSentinel(err))
	case err == nil && (!aws.ToBool(input.Overwrite) || replaces.ReadError != nil || answer.Version == replaces.Version+1):
		return answer.Version, nil
	}
	last, ours, err := s.onlyThis(ctx, input, replaces.Version)
	switch {
	case err != nil:
		return 0, fmt.Errorf("put parameter %s: %w: %w", name, ErrChanged, err)
	case ours:
		return last, nil
	case there:
		return 0, fmt.Errorf("put parameter %s: %w", name, ErrChanged)
	}
	return answer.Version, fmt.Errorf("put parameter %s: version %d was written, over another that somebody wrote after version %d: look at its history: %w",
		name, answer.Version, replaces.Version, ErrChanged)
}

// onlyThis returns the newest version, and whether each version after the given one has what the call writes.
func (s Store) onlyThis(ctx context.Context, input *ssm.PutParameterInput, after int64) (last int64, ours bool, err error) {
	versions, err := s.heads(ctx, *input.Name)
	if err != nil {
		return 0, false, err
	}
	later := slices.DeleteFunc(versions, func(v baseline.Version) bool { return v.Version <= after })
	for _, v := range later {
		if string(v.Value) != *input.Value || v.Description != aws.ToString(input.Description) {
			return 0, false, nil
		}
		last = max(last, v.Version)
	}
	return last, len(later) > 0, nil
}
