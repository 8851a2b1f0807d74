package ssmstore

import (
	"context"
	"fmt"
	"strings"
)

// DeleteBaseline deletes the baseline of a group and, behind it, the parts of its versions.
// A parameter that does not exist is no error. Parameter Store keeps no history of a deleted parameter.
func (s Store) DeleteBaseline(ctx context.Context, groupID string) error {
	return s.deleteAllParts(ctx, kept{s.Parameter(groupID), groupID})
}

// DeletePrefixList deletes the document of a managed prefix list as DeleteBaseline
// deletes a baseline.
func (s Store) DeletePrefixList(ctx context.Context, id string) error {
	return s.deleteAllParts(ctx, kept{s.PrefixList(id), id})
}

func (s Store) deleteAllParts(ctx context.Context, at kept) error {
	if err := s.Delete(ctx, []string{at.name}); err != nil {
		return err
	}
	var parts []string
	for part, err := range s.underPath(ctx, strings.TrimSuffix(s.partsOf(at.id), "/"), true) {
		if err != nil {
			return fmt.Errorf("%s is deleted, but its parts are not: %w", at.name, err)
		}
		parts = append(parts, part.Parameter)
	}
	if err := s.Delete(ctx, parts); err != nil {
		return fmt.Errorf("%s is deleted, but its parts are not: %w", at.name, err)
	}
	return nil
}
