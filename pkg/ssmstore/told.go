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

	"github.com/sgwarden/sgwarden/pkg/told"
)

// Told keeps what people have been told in the standard parameters <prefix>/told/0 to
// <prefix>/told/f. One that does not exist is empty.
type Told struct{ Store Store }

func (t Told) name(shard int) string {
	return fmt.Sprintf("%s/told/%x", t.Store.Prefix, shard)
}

// Load reads the memory. A parameter that holds something else counts as empty and is
// not written over; the error names it, and the memory can be used. Where SSM does not
// answer, the memory knows nothing and is not written at all.
func (t Told) Load(ctx context.Context) (*told.Book, error) {
	names := make([]string, told.Shards)
	for i := range names {
		names[i] = t.name(i)
	}
	values := map[int]string{}
	var versions [told.Shards]int64
	for call := range slices.Chunk(names, namesPerCall) {
		answer, err := t.Store.Client.GetParameters(ctx, &ssm.GetParametersInput{Names: call, WithDecryption: aws.Bool(true)})
		if err != nil {
			return told.Blank(), fmt.Errorf("get parameters %s ...: %w", call[0], err)
		}
		for _, p := range answer.Parameters {
			shard, err := strconv.ParseUint(strings.TrimPrefix(aws.ToString(p.Name), t.Store.Prefix+"/told/"), 16, 8)
			if err == nil && shard < told.Shards {
				values[int(shard)], versions[shard] = aws.ToString(p.Value), p.Version
			}
		}
	}
	book, err := told.Read(values)
	book.Versions = versions
	return book, err
}

// Save writes the parameters that have changed. One that can't be written does not stop
// the others.
//
// SSM writes without a condition. A version that skips one tells that another notifier
// wrote meanwhile, and that this write undid that one. Such a parameter is emptied, so
// that something is told twice, and nothing is left untold. The error then is a
// *told.Overwritten.
func (t Told) Save(ctx context.Context, b *told.Book) error {
	changed, err := b.Changed()
	if err != nil {
		return err
	}
	var errs []error
	var overwritten told.Overwritten
	for _, shard := range slices.Sorted(maps.Keys(changed)) {
		version, err := t.put(ctx, shard, changed[shard])
		if err == nil && version != b.Versions[shard]+1 {
			overwritten.Shards = append(overwritten.Shards, shard)
			_, err = t.put(ctx, shard, told.Empty())
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("put parameter %s: %w", t.name(shard), err))
		}
	}
	if len(overwritten.Shards) > 0 {
		errs = append(errs, &overwritten)
	}
	return errors.Join(errs...)
}

func (t Told) put(ctx context.Context, shard int, value string) (version int64, err error) {
	answer, err := t.Store.Client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(t.name(shard)), Value: &value, Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return 0, err
	}
	return answer.Version, nil
}

// Open returns what people were told of and that was not over by then, for a sweep to
// find out what is. What can be read comes even where there is an error.
func (t Told) Open(ctx context.Context) ([]told.Open, error) {
	book, err := t.Load(ctx)
	return book.Open(), err
}
