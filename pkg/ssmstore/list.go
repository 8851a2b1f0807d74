package ssmstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// AllBaselines reads every baseline, ten at a time, which is the most that SSM
// gives. It ends with the first error.
func (s Store) AllBaselines(ctx context.Context) iter.Seq2[baseline.GroupDocument, error] {
	return func(yield func(baseline.GroupDocument, error) bool) {
		for document, err := range s.underPath(ctx, s.Prefix+"/groups", false) {
			if err != nil {
				yield(baseline.GroupDocument{}, err)
				return
			}
			groupID := strings.TrimPrefix(document.Parameter, s.Parameter(""))
			if !yield(baseline.GroupDocument{GroupID: groupID, Stored: s.assembledOrError(ctx, groupID, document)}, nil) {
				return
			}
		}
	}
}

// assembledOrError is a document of a page, put together if it is in parts. One that can't
// be has a ReadError: reading it by itself may still succeed.
func (s Store) assembledOrError(ctx context.Context, groupID string, document baseline.Stored) baseline.Stored {
	if document.ReadError != nil {
		return document
	}
	assembled, err := s.assembled(ctx, groupID, document)
	if err != nil {
		assembled.ReadError = err
	}
	return assembled
}

var errEncrypted = errors.New("its page could only be read without decryption")

// ReadShared reads what is for all groups: the guardrail, the pause and the trusted
// principals. A document that does not exist is the zero value.
func (s Store) ReadShared(ctx context.Context) (baseline.Documents, error) {
	names := []string{s.Guardrail(), s.Pause(), s.Trust()}
	found, err := s.readTogether(ctx, names)
	if isRefused(err) {
		found, err = s.readOneByOne(ctx, names)
	}
	return baseline.Documents{Guardrail: found[names[0]], Pause: found[names[1]], Trust: found[names[2]]}, err
}

func (s Store) read(ctx context.Context, name string) (baseline.Stored, error) {
	answer, err := s.Client.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{name}, WithDecryption: aws.Bool(true)})
	if err != nil {
		return baseline.Stored{}, fmt.Errorf("get parameter %s: %w", name, err)
	}
	if len(answer.Parameters) == 0 {
		return baseline.Stored{}, nil
	}
	return stored(answer.Parameters[0]), nil
}

// Bookmark keeps how far a sweep got, in the parameter <prefix>/sweep. It is
// there only between a sweep that ran out of time and the next one.
type Bookmark struct {
	Store Store

	found bool
}

func (b *Bookmark) name() string { return b.Store.Prefix + "/sweep" }

// Load reads the bookmark; there is none after a sweep that got to the end. One that
// can't be read counts as found, so that Save removes it.
func (b *Bookmark) Load(ctx context.Context) (resumePoint string, err error) {
	s, err := b.Store.read(ctx, b.name())
	b.found = s.Exists() || err != nil
	return string(s.Value), err
}

// Save writes the bookmark; with an empty one, none is left.
func (b *Bookmark) Save(ctx context.Context, resumePoint string) error {
	name := b.name()
	if resumePoint != "" {
		_, err := b.Store.Client.PutParameter(ctx, &ssm.PutParameterInput{
			Name: &name, Value: &resumePoint, Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
		})
		if err != nil {
			return fmt.Errorf("put parameter %s: %w", name, err)
		}
		return nil
	}
	if !b.found {
		return nil
	}
	_, err := b.Store.Client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &name})
	if err != nil && awserr.ClassOf(err) != awserr.NotFound {
		return fmt.Errorf("delete parameter %s: %w", name, err)
	}
	return nil
}
