// Package ssmstore keeps baselines and the guardrail in SSM Parameter Store.
//
// A standard parameter holds 4 KB and costs nothing; an advanced one holds 8 KB
// and is billed by the month (SSM User Guide, "Managing parameter tiers"). So
// standard ones have to do: a document that fits one is kept as it is; one that
// doesn't is compressed; and what is still too large is split into parts, which
// are written before the parameter that names them. The parts' names hold the
// document's checksum, so parts never change, and a reader sees the old document
// or the new one, never half of each. A group with EC2's maximum of 1,000 rules
// takes some ten parts, and reading it one round trip more.
package ssmstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Store reads and writes documents under a prefix such as /sg-baseline.
type Store struct {
	Client *ssm.Client
	Prefix string
}

// Parameter is the name of the parameter that holds a group's baseline.
func (s Store) Parameter(groupID string) string { return s.Prefix + "/groups/" + groupID }

// Guardrail is the name of the parameter that holds the guardrail.
func (s Store) Guardrail() string { return s.Prefix + "/guardrail" }

// Pause is the name of the parameter that holds the pause.
func (s Store) Pause() string { return s.Prefix + "/pause" }

// Trust is the name of the parameter that holds the trusted principals.
func (s Store) Trust() string { return s.Prefix + "/trust" }

// Read reads all that a group is judged by, String or SecureString, in one round
// trip: one call for the documents with known names, and beside it one for each ten
// approvals. A document that does not exist is the zero value. SSM refuses a whole call for one
// SecureString whose key it may not use. The parameters are then read one by one,
// and the refused one has a ReadError.
func (s Store) Read(ctx context.Context, groupID string) (baseline.Documents, error) {
	var d baseline.Documents
	var approvalsErr error
	var approvals sync.WaitGroup
	approvals.Go(func() { d.Approvals, approvalsErr = s.approvals(ctx, groupID) })
	names := []string{s.Parameter(groupID), s.Guardrail(), s.Pause(), s.Trust()}
	found, err := s.readTogether(ctx, names)
	if isRefused(err) {
		found, err = s.readOneByOne(ctx, names)
	}
	approvals.Wait()
	if err = errors.Join(err, approvalsErr); err != nil {
		return baseline.Documents{}, err
	}
	d.Group, d.Guardrail, d.Pause, d.Trust = found[names[0]], found[names[1]], found[names[2]], found[names[3]]
	if d.Group.ReadError == nil {
		d.Group, err = s.assembled(ctx, groupID, d.Group)
	}
	return d, err
}

// ReadBaseline reads a group's baseline alone. A baseline that does not exist is the zero value.
func (s Store) ReadBaseline(ctx context.Context, groupID string) (baseline.Stored, error) {
	name := s.Parameter(groupID)
	found, err := s.readTogether(ctx, []string{name})
	if err != nil {
		return baseline.Stored{}, err
	}
	return s.assembled(ctx, groupID, found[name])
}

// isRefused reports whether SSM says that a call can't succeed as it is.
func isRefused(err error) bool {
	class := awserr.ClassOf(err)
	return class == awserr.Denied || class == awserr.Invalid
}

// readTogether reads parameters with one call. Those that don't exist are left out.
func (s Store) readTogether(ctx context.Context, names []string) (map[string]baseline.Stored, error) {
	answer, err := s.Client.GetParameters(ctx, &ssm.GetParametersInput{Names: names, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("get parameters %s: %w", strings.Join(names, " and "), awserr.WithSentinel(err))
	}
	found := map[string]baseline.Stored{}
	for _, p := range answer.Parameters {
		found[aws.ToString(p.Name)] = stored(p)
	}
	return found, nil
}

// readOneByOne reads parameters with a call each, side by side. A parameter that is refused is
// returned with a ReadError. The error is of a call that failed otherwise, which may pass.
func (s Store) readOneByOne(ctx context.Context, names []string) (map[string]baseline.Stored, error) {
	all := make([]baseline.Stored, len(names))
	errs := make([]error, len(names))
	var calls sync.WaitGroup
	for i, name := range names {
		calls.Go(func() {
			found, err := s.readTogether(ctx, []string{name})
			if all[i] = found[name]; isRefused(err) {
				all[i] = baseline.Stored{Parameter: name, ReadError: err}
			} else {
				errs[i] = err
			}
		})
	}
	calls.Wait()
	found := map[string]baseline.Stored{}
	for i, name := range names {
		found[name] = all[i]
	}
	return found, errors.Join(errs...)
}

func stored(p types.Parameter) baseline.Stored {
	return baseline.Stored{
		Parameter: aws.ToString(p.Name), Version: p.Version, Value: []byte(aws.ToString(p.Value)),
		Secure: p.Type == types.ParameterTypeSecureString, ModifiedAt: aws.ToTime(p.LastModifiedDate),
	}
}

// History reads the versions that SSM still has of a parameter, at most 100,
// oldest first. A parameter that does not exist has none. An old version whose
// parts were deleted comes as it is, with a ReadError.
func (s Store) History(ctx context.Context, parameter string) ([]baseline.Version, error) {
	versions, err := s.heads(ctx, parameter)
	for i := range versions {
		v := &versions[i]
		if i >= len(versions)-keptVersions {
			assembled, assembleErr := s.assembled(ctx, idOf(parameter), v.Stored)
			if assembleErr != nil {
				return nil, assembleErr
			}
			v.Stored = assembled
		}
		if _, packed := headOf(v.Value); packed {
			v.ReadError = errTorn
		}
	}
	return versions, err
}

// heads is History without putting documents together.
func (s Store) heads(ctx context.Context, parameter string) ([]baseline.Version, error) {
	pages := ssm.NewGetParameterHistoryPaginator(s.Client, &ssm.GetParameterHistoryInput{
		Name: &parameter, WithDecryption: aws.Bool(true), MaxResults: aws.Int32(50),
	})
	var versions []baseline.Version
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.ClassOf(err) == awserr.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("get the history of parameter %s: %w", parameter, awserr.WithSentinel(err))
		}
		for _, p := range page.Parameters {
			versions = append(versions, baseline.Version{
				Stored: baseline.Stored{
					Parameter: parameter, Version: p.Version, Value: []byte(aws.ToString(p.Value)),
					Secure: p.Type == types.ParameterTypeSecureString, ModifiedAt: aws.ToTime(p.LastModifiedDate),
				},
				ModifiedBy: aws.ToString(p.LastModifiedUser), Description: aws.ToString(p.Description),
			})
		}
	}
	return versions, nil
}

// tier takes a standard parameter, which all values here fit, but leaves one that
// somebody made advanced: SSM refuses to turn it back.
const tier = types.ParameterTierIntelligentTiering

// ErrChanged says that a parameter is not as it was read: somebody else wrote it.
var ErrChanged = errors.New("it has changed meanwhile")

// Put writes a group's baseline as a new version of its parameter and returns the
// version. replaces is what was read before: zero creates the parameter, and is
// ErrChanged where there is one already. A parameter keeps the type it has.
// Readers see the old document or the new one, however large.
func (s Store) Put(ctx context.Context, doc *baseline.Document, replaces baseline.Stored) (version int64, err error) {
	return s.PutDescribed(ctx, doc, replaces, "")
}

// PutDescribed is Put that also sets the parameter's description, at most 1,024
// characters (SSM API reference, PutParameter). History returns the description of
// each version.
func (s Store) PutDescribed(ctx context.Context, doc *baseline.Document, replaces baseline.Stored, description string) (version int64, err error) {
	data, err := baseline.Encode(doc)
	if err != nil {
		return 0, err
	}
	return s.put(ctx, kept{s.Parameter(doc.GroupID), doc.GroupID}, data, replaces, description)
}

// kept is where a document is kept: its parameter, and the id of its parts.
type kept struct{ name, id string }

func (s Store) put(ctx context.Context, at kept, data []byte, replaces baseline.Stored, description string) (version int64, err error) {
	data = Storable(data)
	value, parts, err := pack(data)
	if err != nil {
		return 0, fmt.Errorf("pack the document of %s: %w", at.id, err)
	}
	key, err := s.KeyOf(ctx, replaces)
	if err != nil {
		return 0, err
	}
	h, packed := headOf([]byte(value))
	if packed {
		if err := s.writeParts(ctx, at.id, h, parts, replaces.Secure, key); err != nil {
			return 0, err
		}
	}
	if len(data) > maxParameter || len(replaces.Value) > maxParameter {
		if err := s.deleteOldParts(ctx, at, h); err != nil {
			return 0, err
		}
	}
	input := &ssm.PutParameterInput{Name: &at.name, Value: &value, Tier: tier, KeyId: key}
	if description != "" {
		input.Description = &description
	}
	return s.putHead(ctx, input, replaces)
}

func (s Store) putHead(ctx context.Context, input *ssm.PutParameterInput, replaces baseline.Stored) (version int64, err error) {
	if replaces.Exists() {
		input.Overwrite = aws.Bool(true)
	} else {
		input.Type = types.ParameterTypeString
	}
	if input.KeyId != nil {
		input.Type = types.ParameterTypeSecureString
	}
	return s.PutParameter(ctx, input, replaces)
}

// KeyOf returns the KMS key of a secure parameter, nil for others: a write without one
// would encrypt with the account's default key (SSM API reference, PutParameter).
func (s Store) KeyOf(ctx context.Context, replaces baseline.Stored) (*string, error) {
	if !replaces.Secure {
		return nil, nil
	}
	var key *string
	pages := ssm.NewGetParameterHistoryPaginator(s.Client, &ssm.GetParameterHistoryInput{Name: &replaces.Parameter, MaxResults: aws.Int32(50)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("find the key of parameter %s: %w", replaces.Parameter, awserr.WithSentinel(err))
		}
		for _, p := range page.Parameters {
			key = p.KeyId
		}
	}
	return key, nil
}
