package ssmstore

import (
	"context"
	"fmt"
	"strings"
)

// DeleteBaseline deletes the baseline of a group and, behind it, the parts of its versions.
// What does not exist is no error. Parameter Store keeps nothing of what is deleted.
func (s Store) DeleteBaseline(ctx context.Context, groupID string) error {
	if err := s.Delete(ctx, []string{s.Parameter(groupID)}); err != nil {
		return err
	}
	var parts []string
	for part, err := range s.underPath(ctx, strings.TrimSuffix(s.partsOf(groupID), "/"), true) {
		if err != nil {
			return fmt.Errorf("%s is deleted, but its parts are not: %w", s.Parameter(groupID), err)
		}
		parts = append(parts, part.Parameter)
	}
	if err := s.Delete(ctx, parts); err != nil {
		return fmt.Errorf("%s is deleted, but its parts are not: %w", s.Parameter(groupID), err)
	}
	return nil
}
