package reference

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Baseline is the document that permits the group's rules and those in extra (rule text) besides.
func (g Group) Baseline(extra ...string) (*baseline.Document, error) {
	document := *g.document
	document.Ingress, document.Egress = slices.Clone(document.Ingress), slices.Clone(document.Egress)
	for _, text := range extra {
		r, err := rule.Parse(text)
		if err == nil {
			err = document.Allow(r, "")
		}
		if err != nil {
			return nil, fmt.Errorf("write the baseline of %s: %w", g.Name, err)
		}
	}
	return &document, nil
}

// Push puts the group's baseline, with extra rules as for Baseline, into Parameter Store under the prefix, and returns
// the parameter's new version.
func (g Group) Push(ctx context.Context, client *ssm.Client, prefix string, extra ...string) (version int64, err error) {
	document, err := g.Baseline(extra...)
	if err != nil {
		return 0, err
	}
	return Put(ctx, client, prefix, document)
}

// Put puts a baseline into Parameter Store under the prefix, as a String, and returns the parameter's new version.
func Put(ctx context.Context, client *ssm.Client, prefix string, document *baseline.Document) (version int64, err error) {
	data, err := baseline.Encode(document)
	if err != nil {
		return 0, err
	}
	put, err := client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(prefix + "/groups/" + document.GroupID), Value: aws.String(string(data)),
		Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return 0, fmt.Errorf("push the baseline of %s: %w", document.GroupID, err)
	}
	return put.Version, nil
}

// RulesAnd are the group's rules and extra ones, sorted: what a group may have whose baseline was pushed with them.
func (g Group) RulesAnd(extra ...string) []string {
	rules := append(g.Rules(), extra...)
	slices.Sort(rules)
	return rules
}
