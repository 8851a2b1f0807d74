package ssmstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/notified"
)

// Notified keeps what people were notified of in the standard parameters <prefix>/told/0 to
// <prefix>/told/f. One that does not exist is empty.
type Notified struct{ Store Store }

func (t Notified) name(shard int) string {
	return fmt.Sprintf("%s/told/%x", t.Store.Prefix, shard)
}

// Load reads the memory. A parameter that holds something else counts as empty and is
// not written over; the error names it, and the memory can be used. Where SSM does not
// answer, the memory knows nothing and is not written at all.
func (t Notified) Load(ctx context.Context) (*notified.Memory, error) {
	names := make([]string, notified.Shards)
	for i := range names {
		names[i] = t.name(i)
	}
	values := map[int]string{}
	for call := range slices.Chunk(names, namesPerCall) {
		answer, err := t.Store.Client.GetParameters(ctx, &ssm.GetParametersInput{Names: call, WithDecryption: aws.Bool(true)})
		if err != nil {
			return notified.Empty(), fmt.Errorf("get parameters %s ...: %w", call[0], err)
		}
		for _, p := range answer.Parameters {
			shard, err := strconv.ParseUint(strings.TrimPrefix(aws.ToString(p.Name), t.Store.Prefix+"/told/"), 16, 8)
			if err == nil && shard < notified.Shards {
				values[int(shard)] = aws.ToString(p.Value)
			}
		}
	}
	return notified.Read(values)
}

// Save writes the parameters that have changed. Of two writers the last one wins, and
// people are notified twice of something. One that can't be written does not stop the others.
func (t Notified) Save(ctx context.Context, b *notified.Memory) error {
	changed, err := b.Changed()
	if err != nil {
		return err
	}
	var errs []error
	for _, shard := range slices.Sorted(maps.Keys(changed)) {
		_, err := t.Store.Client.PutParameter(ctx, &ssm.PutParameterInput{
			Name: aws.String(t.name(shard)), Value: aws.String(changed[shard]), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("put parameter %s: %w", t.name(shard), err))
		}
	}
	return errors.Join(errs...)
}
