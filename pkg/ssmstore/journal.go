package ssmstore

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Journal keeps alerts that are not delivered yet under <prefix>/unreported, a
// standard parameter each.
type Journal struct{ Store Store }

func (j Journal) path() string { return j.Store.Prefix + "/unreported" }

// Write keeps an alert under <prefix>/unreported/<key>, split by its findings
// where one parameter can't hold it. No two alerts may have the same key.
func (j Journal) Write(ctx context.Context, key string, a alert.Alert) (names []string, err error) {
	values, err := split(a)
	if err != nil {
		return nil, fmt.Errorf("keep the alert for %s: %w", a.GroupID, err)
	}
	for i, value := range values {
		name := fmt.Sprintf("%s/%s/%d", j.path(), key, i+1)
		names = append(names, name)
		_, err := j.Store.Client.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString})
		if err != nil && awserr.ClassOf(err) != awserr.Duplicate { // that is this call's, whose answer was lost
			return names, fmt.Errorf("put parameter %s: %w", name, err)
		}
	}
	return names, nil
}

// split returns an alert as values that fit a standard parameter.
func split(a alert.Alert) ([]string, error) {
	data, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	value, parts, err := pack(Storable(data))
	switch {
	case err != nil:
		return nil, err
	case parts == nil:
		return []string{value}, nil
	case len(a.Findings) < 2:
		return nil, fmt.Errorf("it takes more than the %d bytes of a parameter", maxParameter)
	}
	first, second := a, a
	middle := len(a.Findings) / 2
	first.Findings, second.Findings = a.Findings[:middle], a.Findings[middle:]
	values, err := split(first)
	if err != nil {
		return nil, err
	}
	rest, err := split(second)
	return append(values, rest...), err
}

// Erase deletes what Write returned. What isn't there is no error.
func (j Journal) Erase(ctx context.Context, names []string) error {
	for call := range slices.Chunk(names, namesPerCall) {
		if _, err := j.Store.Client.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: call}); err != nil {
			return fmt.Errorf("delete parameters %s ...: %w", call[0], err)
		}
	}
	return nil
}

// Unreported reads all alerts that are kept. A parameter that holds none comes
// as an error, and the others after it; an error of SSM comes last.
func (j Journal) Unreported(ctx context.Context) iter.Seq2[alert.Record, error] {
	return func(yield func(alert.Record, error) bool) {
		pages := ssm.NewGetParametersByPathPaginator(j.Store.Client, &ssm.GetParametersByPathInput{
			Path: aws.String(j.path()), Recursive: aws.Bool(true), MaxResults: aws.Int32(namesPerCall),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(alert.Record{}, fmt.Errorf("get the parameters under %s: %w", j.path(), err))
				return
			}
			for _, p := range page.Parameters {
				if strings.HasPrefix(aws.ToString(p.Name), j.path()+"/") && !yield(recordOf(p)) {
					return
				}
			}
		}
	}
}

// maxRecordValues is more than a record has. Each finding is some ten values, and a
// group has at most 1,000 rules a direction. It is checked before anything is built:
// a small parameter may unpack to a megabyte of values.
const maxRecordValues = 30_000

func recordOf(p types.Parameter) (alert.Record, error) {
	record := alert.Record{Name: aws.ToString(p.Name), WrittenAt: aws.ToTime(p.LastModifiedDate)}
	value := []byte(aws.ToString(p.Value))
	if h, packed := headOf(value); packed {
		data, err := h.unpack(h.Data)
		if err != nil {
			return record, fmt.Errorf("parameter %s holds no alert, look at it and delete it: %w", record.Name, err)
		}
		value = data
	}
	if err := baseline.CheckSize(value, maxRecordValues); err != nil {
		return record, fmt.Errorf("parameter %s holds no alert, look at it and delete it: %w", record.Name, err)
	}
	if err := json.Unmarshal(value, &record.Alert); err != nil {
		return record, fmt.Errorf("parameter %s holds no alert, look at it and delete it: %w", record.Name, err)
	}
	if !rule.IsGroupID(record.Alert.GroupID) || len(record.Alert.Findings) == 0 {
		return record, fmt.Errorf("parameter %s holds no alert, look at it and delete it: no group or no findings", record.Name)
	}
	return record, nil
}
