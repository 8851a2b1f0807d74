package ssmstore

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// VersionMark keeps until when sweeps have looked for versions that nobody reported, in the
// parameter <prefix>/sweep-versions.
type VersionMark struct{ Store Store }

func (m VersionMark) name() string { return m.Store.Prefix + "/sweep-versions" }

// Looked returns until when versions were looked after, and the zero time where no sweep
// has ever done so. Text that is no time counts as none.
func (m VersionMark) Looked(ctx context.Context) (until time.Time, err error) {
	stored, err := m.Store.read(ctx, m.name())
	if err != nil {
		return time.Time{}, err
	}
	until, err = time.Parse(time.RFC3339Nano, string(stored.Value))
	if err != nil {
		return time.Time{}, nil
	}
	return until, nil
}

// SetLooked writes until when versions were looked after.
func (m VersionMark) SetLooked(ctx context.Context, until time.Time) error {
	_, err := m.Store.Client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(m.name()), Value: aws.String(until.UTC().Format(time.RFC3339Nano)), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("put parameter %s: %w", m.name(), err)
	}
	return nil
}
