package ssmstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// namesPerCall is the most that GetParameters and DeleteParameters take.
const namesPerCall = 10

var errTorn = errors.New("parts of it are missing")

// partNames are the parameters that hold the parts of a group's document.
func (s Store) partNames(groupID string, h head) []string {
	names := make([]string, h.Parts)
	for i := range names {
		names[i] = fmt.Sprintf("%s%s/%d", s.partsOf(groupID), h.SHA256[:16], i+1)
	}
	return names
}

func (s Store) partsOf(groupID string) string { return s.Prefix + "/parts/" + groupID + "/" }

// assembled replaces the value of a group's parameter by the document that it stands
// for. That takes calls only where the document is in parts. A damaged document
// comes as it is, which decoding refuses: no retry would help.
func (s Store) assembled(ctx context.Context, groupID string, stored baseline.Stored) (baseline.Stored, error) {
	h, packed := headOf(stored.Value)
	if !packed {
		return stored, nil
	}
	data := h.Data
	if h.Parts > 0 {
		var err error
		if data, err = s.readParts(ctx, s.partNames(groupID, h)); errors.Is(err, errTorn) {
			return stored, nil
		} else if err != nil {
			return stored, fmt.Errorf("read the parts of %s, version %d: %w", stored.Parameter, stored.Version, err)
		}
	}
	if document, err := h.unpack(data); err == nil {
		stored.Value = document
	}
	return stored, nil
}

func (s Store) readParts(ctx context.Context, names []string) (string, error) {
	values := map[string]string{}
	for call := range slices.Chunk(names, namesPerCall) {
		answer, err := s.Client.GetParameters(ctx, &ssm.GetParametersInput{Names: call, WithDecryption: aws.Bool(true)})
		if err != nil {
			return "", fmt.Errorf("get parameters %s ...: %w", call[0], awserr.WithSentinel(err))
		}
		for _, p := range answer.Parameters {
			values[aws.ToString(p.Name)] = aws.ToString(p.Value)
		}
	}
	var data strings.Builder
	for _, name := range names {
		value, ok := values[name]
		if !ok {
			return "", fmt.Errorf("%s: %w", name, errTorn)
		}
		data.WriteString(value)
	}
	return data.String(), nil
}

// writeParts writes the parts of a document, before the parameter that names
// them. Parts are as secret as the parameter.
func (s Store) writeParts(ctx context.Context, groupID string, h head, parts []string, secure bool, key *string) error {
	kind := types.ParameterTypeString
	if secure {
		kind = types.ParameterTypeSecureString
	}
	for i, name := range s.partNames(groupID, h) {
		_, err := s.Client.PutParameter(ctx, &ssm.PutParameterInput{
			Name: &name, Value: &parts[i], Type: kind, KeyId: key, Tier: tier, Overwrite: aws.Bool(true),
		})
		if err != nil {
			return fmt.Errorf("put parameter %s: %w", name, err)
		}
	}
	return nil
}

// keptVersions are those whose parts stay, for readers that are a moment behind
// and for rolling back.
const keptVersions = 10

// partAge is how much younger than a part the newest one may be for the part to
// stay all the same: another writer may be about to name it.
const partAge = 24 * time.Hour

// deleteOldParts deletes the parts that neither the next version needs nor any of
// the last ones, before the parameter is written: where it fails, nothing has
// been changed yet.
func (s Store) deleteOldParts(ctx context.Context, at kept, next head) error {
	history, err := s.heads(ctx, at.name)
	if err != nil {
		return err
	}
	needed := map[string]bool{}
	if next.Parts > 0 {
		needed[next.SHA256[:16]] = true
	}
	for _, v := range history[max(0, len(history)-keptVersions):] {
		if h, packed := headOf(v.Value); packed {
			needed[h.SHA256[:16]] = true
		}
	}
	pages := ssm.NewGetParametersByPathPaginator(s.Client, &ssm.GetParametersByPathInput{
		Path: aws.String(strings.TrimSuffix(s.partsOf(at.id), "/")), Recursive: aws.Bool(true), MaxResults: aws.Int32(namesPerCall),
	})
	old := map[string]time.Time{}
	var newest time.Time
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the parts of %s: %w", at.id, err)
		}
		for _, p := range page.Parameters {
			sum, _, _ := strings.Cut(strings.TrimPrefix(aws.ToString(p.Name), s.partsOf(at.id)), "/")
			written := aws.ToTime(p.LastModifiedDate)
			if newest.Before(written) {
				newest = written
			}
			if !needed[sum] {
				old[aws.ToString(p.Name)] = written
			}
		}
	}
	maps.DeleteFunc(old, func(_ string, written time.Time) bool { return newest.Sub(written) < partAge })
	for call := range slices.Chunk(slices.Sorted(maps.Keys(old)), namesPerCall) {
		if _, err := s.Client.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: call}); err != nil {
			return fmt.Errorf("delete old parts of %s: %w", at.id, err)
		}
	}
	return nil
}
