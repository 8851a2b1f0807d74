// Package ssmstore keeps baselines in SSM Parameter Store.
package ssmstore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Store reads baselines under a prefix such as /sg-baseline.
type Store struct {
	Client *ssm.Client
	Prefix string
}

// Parameter is the name of the parameter that holds a group's baseline.
func (s Store) Parameter(groupID string) string { return s.Prefix + "/groups/" + groupID }

// Baseline reads a group's baseline, String or SecureString. Where there is
// none the error is baseline.ErrNone.
func (s Store) Baseline(ctx context.Context, groupID string) (baseline.Stored, error) {
	name := s.Parameter(groupID)
	answer, err := s.Client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	if err != nil {
		if awserr.ClassOf(err) == awserr.Gone {
			err = baseline.ErrNone
		}
		return baseline.Stored{Parameter: name}, fmt.Errorf("get parameter %s: %w", name, err)
	}
	return baseline.Stored{Parameter: name, Version: answer.Parameter.Version, Value: []byte(aws.ToString(answer.Parameter.Value))}, nil
}

// Put writes a group's baseline as a new version of its parameter, which keeps
// the type it has, and returns the version. It does not create one.
func (s Store) Put(ctx context.Context, doc *baseline.Document) (version int64, err error) {
	name := s.Parameter(doc.GroupID)
	data, err := baseline.Encode(doc)
	if err != nil {
		return 0, err
	}
	answer, err := s.Client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &name, Value: aws.String(string(data)), Overwrite: aws.Bool(true), Tier: types.ParameterTierIntelligentTiering,
	})
	if err != nil {
		return 0, fmt.Errorf("put parameter %s: %w", name, err)
	}
	return answer.Version, nil
}
