package ssmstore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// maxApprovals is how many approvals of one group are read. A rule may be approved
// by one that is not read, so a group with more is not judged.
const maxApprovals = 1000

// Approval is the name of the parameter that holds one approval of a group.
func (s Store) Approval(groupID, name string) string {
	return s.approvalsOf(groupID) + "/" + name
}

func (s Store) approvalsOf(groupID string) string { return s.Prefix + "/approvals/" + groupID }

// approvals reads all approvals of a group. One that can't be decrypted says so by
// itself.
func (s Store) approvals(ctx context.Context, groupID string) ([]baseline.Stored, error) {
	var all []baseline.Stored
	for p, err := range s.underPath(ctx, s.approvalsOf(groupID), false) {
		if err != nil {
			return nil, err
		}
		if all = append(all, p); len(all) > maxApprovals {
			return nil, fmt.Errorf("%w: %s holds more than %d approvals: delete those that have ended", secgroup.ErrRefused, s.approvalsOf(groupID), maxApprovals)
		}
	}
	return all, nil
}

// AllApprovals reads the approvals of all groups, ten at a time. It ends with the
// first error.
func (s Store) AllApprovals(ctx context.Context) iter.Seq2[baseline.GroupApproval, error] {
	root := s.Prefix + "/approvals"
	return func(yield func(baseline.GroupApproval, error) bool) {
		for p, err := range s.underPath(ctx, root, true) {
			groupID, name, _ := strings.Cut(strings.TrimPrefix(p.Parameter, root+"/"), "/")
			if !yield(baseline.GroupApproval{GroupID: groupID, Name: name, Stored: p}, err) {
				return
			}
		}
	}
}

// underPath reads the parameters under a path. It ends with the first error.
func (s Store) underPath(ctx context.Context, path string, recursive bool) iter.Seq2[baseline.Stored, error] {
	return func(yield func(baseline.Stored, error) bool) {
		for page, err := range s.pages(ctx, path, recursive) {
			if err != nil {
				yield(baseline.Stored{}, err)
				return
			}
			for _, p := range page.parameters {
				document := stored(p)
				if page.encrypted && p.Type == types.ParameterTypeSecureString {
					if document, err = s.decrypted(ctx, document); err != nil {
						yield(baseline.Stored{}, err)
						return
					}
				}
				if strings.HasPrefix(document.Parameter, path+"/") && !yield(document, nil) {
					return
				}
			}
		}
	}
}

// decrypted reads a parameter by itself that another one of its page kept from being
// decrypted.
func (s Store) decrypted(ctx context.Context, document baseline.Stored) (baseline.Stored, error) {
	found, err := s.readOneByOne(ctx, []string{document.Parameter})
	again := found[document.Parameter]
	if again.Exists() && again.ReadError == nil {
		return again, err
	}
	document.ReadError = errEncrypted
	return document, err
}

// page is a page of parameters. encrypted says that it could only be read without
// decryption.
type page struct {
	parameters []types.Parameter
	encrypted  bool
}

// pages reads a path page by page. One parameter that can't be decrypted fails a
// whole page, which is then read without decryption, so that it doesn't hide the
// others. It ends with the first error.
func (s Store) pages(ctx context.Context, path string, recursive bool) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		input := &ssm.GetParametersByPathInput{Path: &path, Recursive: &recursive, MaxResults: aws.Int32(namesPerCall)}
		for {
			input.WithDecryption = aws.Bool(true)
			answer, err := s.Client.GetParametersByPath(ctx, input)
			encrypted := isRefused(err)
			if encrypted {
				input.WithDecryption = aws.Bool(false)
				answer, err = s.Client.GetParametersByPath(ctx, input)
			}
			if err != nil {
				yield(page{}, fmt.Errorf("get the parameters under %s: %w", path, awserr.WithSentinel(err)))
				return
			}
			if !yield(page{answer.Parameters, encrypted}, nil) {
				return
			}
			if input.NextToken = answer.NextToken; aws.ToString(input.NextToken) == "" {
				return
			}
		}
	}
}

// PutApproval writes an approval that does not exist yet. One that exists under the
// name is left as it is, which is no error: a retry writes the same.
func (s Store) PutApproval(ctx context.Context, groupID string, a *baseline.Approval) error {
	value, err := baseline.EncodeApproval(a)
	if err != nil {
		return err
	}
	name := s.Approval(groupID, a.Name)
	_, err = s.Client.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: aws.String(string(Storable(value))), Type: types.ParameterTypeString})
	if err != nil && awserr.ClassOf(err) != awserr.Duplicate {
		return fmt.Errorf("put parameter %s: %w", name, awserr.WithSentinel(err))
	}
	return nil
}

// Delete deletes parameters by their names. A parameter that does not exist is no error.
func (s Store) Delete(ctx context.Context, parameters []string) error {
	for call := range slices.Chunk(parameters, namesPerCall) {
		if _, err := s.Client.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: call}); err != nil {
			return fmt.Errorf("delete parameters %s ...: %w", call[0], awserr.WithSentinel(err))
		}
	}
	return nil
}
