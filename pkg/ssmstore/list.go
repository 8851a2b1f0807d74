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
		var next *string
		for {
			page, encrypted, err := s.page(ctx, next)
			if err != nil {
				yield(baseline.GroupDocument{}, err)
				return
			}
			for _, p := range page.Parameters {
				groupID := strings.TrimPrefix(aws.ToString(p.Name), s.Parameter(""))
				if !yield(s.listed(ctx, groupID, p, encrypted), nil) {
					return
				}
			}
			if next = page.NextToken; aws.ToString(next) == "" {
				return
			}
		}
	}
}

// listed is a document of a page. What the page does not hold in the clear is
// Unreadable: reading the document by itself may still succeed.
func (s Store) listed(ctx context.Context, groupID string, p types.Parameter, encrypted bool) baseline.GroupDocument {
	d := baseline.GroupDocument{GroupID: groupID, Stored: stored(p)}
	if encrypted && p.Type == types.ParameterTypeSecureString {
		d.Stored.Unreadable = errEncrypted
		return d
	}
	whole, err := s.whole(ctx, groupID, d.Stored)
	if err != nil {
		whole.Unreadable = err
	}
	d.Stored = whole
	return d
}

var errEncrypted = errors.New("its page could only be read without decryption")

// page reads one page. One parameter that can't be decrypted fails a whole page,
// which is then read without decryption, so that it doesn't hide the others.
func (s Store) page(ctx context.Context, next *string) (page *ssm.GetParametersByPathOutput, encrypted bool, err error) {
	input := &ssm.GetParametersByPathInput{
		Path: aws.String(s.Prefix + "/groups"), MaxResults: aws.Int32(10), WithDecryption: aws.Bool(true), NextToken: next,
	}
	page, err = s.Client.GetParametersByPath(ctx, input)
	if class := awserr.ClassOf(err); class == awserr.Denied || class == awserr.Invalid {
		input.WithDecryption, encrypted = aws.Bool(false), true
		page, err = s.Client.GetParametersByPath(ctx, input)
	}
	if err != nil {
		err = fmt.Errorf("get the parameters under %s/groups: %w", s.Prefix, err)
	}
	return page, encrypted, err
}

// ReadGuardrail reads the guardrail, the zero value where there is none.
func (s Store) ReadGuardrail(ctx context.Context) (baseline.Stored, error) {
	found, err := s.readApart(ctx, []string{s.Guardrail()})
	return found[s.Guardrail()], err
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
func (b *Bookmark) Load(ctx context.Context) (place string, err error) {
	s, err := b.Store.read(ctx, b.name())
	b.found = s.Exists() || err != nil
	return string(s.Value), err
}

// Save writes the bookmark; with an empty one, none is left.
func (b *Bookmark) Save(ctx context.Context, place string) error {
	name := b.name()
	if place != "" {
		_, err := b.Store.Client.PutParameter(ctx, &ssm.PutParameterInput{
			Name: &name, Value: &place, Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
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
	if err != nil && awserr.ClassOf(err) != awserr.Gone {
		return fmt.Errorf("delete parameter %s: %w", name, err)
	}
	return nil
}
