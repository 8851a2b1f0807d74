package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// Sources: SSM API reference, PutParameter, GetParameters, GetParametersByPath,
// GetParameterHistory, DeleteParameter, DeleteParameters; Systems Manager User Guide,
// "Managing parameter tiers".
var parameterPromises = []promise{
	{"a parameter begins at version 1 and each write counts one more", func(ctx context.Context, a AWS) error {
		for want := int64(1); want <= 3; want++ {
			got, err := a.put(ctx, "/counts", "v", want > 1)
			if err != nil || got != want {
				return fmt.Errorf("the write has version %d, want %d: %w", got, want, orNone(err))
			}
		}
		return nil
	}},
	{"to create a parameter that exists is a duplicate error and changes nothing", func(ctx context.Context, a AWS) error {
		if _, err := a.put(ctx, "/exists", "first", false); err != nil {
			return err
		}
		_, err := a.put(ctx, "/exists", "second", false)
		return errors.Join(isClass(err, awserr.Duplicate), a.holds(ctx, "/exists", "first", 1))
	}},
	{"of calls that create the same parameter at a time, one succeeds", func(ctx context.Context, a AWS) error {
		for round := range 20 {
			if err := a.createAtATime(ctx, fmt.Sprintf("/race-%d", round)); err != nil {
				return err
			}
		}
		return nil
	}},
	{"a read of several parameters leaves out those that do not exist", func(ctx context.Context, a AWS) error {
		if _, err := a.put(ctx, "/there", "v", false); err != nil {
			return err
		}
		answer, err := a.SSM.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{a.Prefix + "/there", a.Prefix + "/missing"}, WithDecryption: aws.Bool(true)})
		if err == nil && (len(answer.Parameters) != 1 || !slices.Equal(answer.InvalidParameters, []string{a.Prefix + "/missing"})) {
			err = fmt.Errorf("the answer has %d parameters and names %q as missing", len(answer.Parameters), answer.InvalidParameters)
		}
		return err
	}},
	{"a parameter says when it was written and of which type it is", func(ctx context.Context, a AWS) error {
		if _, err := a.put(ctx, "/dated", "v", false); err != nil {
			return err
		}
		answer, err := a.SSM.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{a.Prefix + "/dated"}})
		if err != nil {
			return err
		}
		if p := answer.Parameters[0]; aws.ToTime(p.LastModifiedDate).IsZero() || p.Type != types.ParameterTypeString {
			return fmt.Errorf("it was written at %v and has the type %q", p.LastModifiedDate, p.Type)
		}
		return nil
	}},
	{"the history of a parameter has all versions, oldest first, and who wrote them", func(ctx context.Context, a AWS) error {
		for i, value := range []string{"a", "b", "c"} {
			if _, err := a.put(ctx, "/history", value, i > 0); err != nil {
				return err
			}
		}
		versions, err := a.store().History(ctx, a.Prefix+"/history")
		if err != nil {
			return err
		}
		got := ""
		for i, v := range versions {
			got += string(v.Value)
			if v.Version != int64(i)+1 || v.ModifiedBy == "" || v.ModifiedAt.IsZero() {
				return fmt.Errorf("version %d in place %d was written by %q at %s", v.Version, i+1, v.ModifiedBy, v.ModifiedAt)
			}
		}
		if got != "abc" {
			return fmt.Errorf("the values are %q, want abc", got)
		}
		return nil
	}},
	{"the history comes in pages of the size that is asked for", func(ctx context.Context, a AWS) error {
		for i := range 3 {
			if _, err := a.put(ctx, "/pages-of-history", "v", i > 0); err != nil {
				return err
			}
		}
		pages := ssm.NewGetParameterHistoryPaginator(a.SSM, &ssm.GetParameterHistoryInput{Name: aws.String(a.Prefix + "/pages-of-history"), MaxResults: aws.Int32(2)})
		var sizes []int
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			sizes = append(sizes, len(page.Parameters))
		}
		return same("pages", sizes, []int{2, 1})
	}},
	{"the history of a parameter that does not exist is a gone error", func(ctx context.Context, a AWS) error {
		_, err := a.SSM.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: aws.String(a.Prefix + "/missing")})
		return isClass(err, awserr.NotFound)
	}},
	{"the history has the description of each version", func(ctx context.Context, a AWS) error {
		for i, text := range []string{"first", "second"} {
			_, err := a.SSM.PutParameter(ctx, &ssm.PutParameterInput{
				Name: aws.String(a.Prefix + "/described"), Value: aws.String("v"), Type: types.ParameterTypeString, Overwrite: aws.Bool(i > 0), Description: &text,
			})
			if err != nil {
				return err
			}
		}
		versions, err := a.store().History(ctx, a.Prefix+"/described")
		if err != nil || len(versions) != 2 {
			return fmt.Errorf("%d versions: %w", len(versions), orNone(err))
		}
		return same("descriptions", []string{versions[0].Description, versions[1].Description}, []string{"first", "second"})
	}},
	{"a path has what lies under it and not what only begins like it", func(ctx context.Context, a AWS) error {
		for _, name := range []string{"/tree/a", "/tree/b/c", "/trees/d", "/tree"} {
			if _, err := a.put(ctx, name, "v", false); err != nil {
				return err
			}
		}
		flat, err := a.under(ctx, "/tree", false, 10)
		deep, deepErr := a.under(ctx, "/tree", true, 10)
		return errors.Join(err, deepErr, same("flat", flat, []string{"/tree/a"}), same("recursive", deep, []string{"/tree/a", "/tree/b/c"}))
	}},
	{"a path comes in pages of the size that is asked for", func(ctx context.Context, a AWS) error {
		var want []string
		for i := range 12 {
			name := fmt.Sprintf("/pages/%02d", i)
			want = append(want, name)
			if _, err := a.put(ctx, name, "v", false); err != nil {
				return err
			}
		}
		got, err := a.under(ctx, "/pages", true, 5)
		return errors.Join(err, same("names", got, want))
	}},
	{"to delete several parameters, one of which does not exist, is no error", func(ctx context.Context, a AWS) error {
		if _, err := a.put(ctx, "/deleted", "v", false); err != nil {
			return err
		}
		if err := a.store().Delete(ctx, []string{a.Prefix + "/deleted", a.Prefix + "/missing"}); err != nil {
			return err
		}
		return a.isMissing(ctx, "/deleted")
	}},
	{"to delete one parameter that does not exist is a gone error", func(ctx context.Context, a AWS) error {
		_, err := a.SSM.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(a.Prefix + "/missing")})
		return isClass(err, awserr.NotFound)
	}},
	{"a parameter that was deleted begins again without a history", func(ctx context.Context, a AWS) error {
		for i := range 2 {
			if _, err := a.put(ctx, "/again", "old", i > 0); err != nil {
				return err
			}
		}
		if err := a.store().Delete(ctx, []string{a.Prefix + "/again"}); err != nil {
			return err
		}
		version, err := a.put(ctx, "/again", "new", false)
		if err != nil || version != 1 {
			return fmt.Errorf("the new one has version %d: %w", version, orNone(err))
		}
		versions, err := a.store().History(ctx, a.Prefix+"/again")
		return errors.Join(err, same("versions", len(versions), 1))
	}},
	{"a standard parameter holds 4,096 bytes and no more", func(ctx context.Context, a AWS) error {
		if _, err := a.put(ctx, "/holds", strings.Repeat("x", 4096), false); err != nil {
			return err
		}
		_, err := a.put(ctx, "/too-long", strings.Repeat("x", 4097), false)
		return isClass(err, awserr.Invalid)
	}},
}

func (a AWS) put(ctx context.Context, name, value string, overwrite bool) (int64, error) {
	answer, err := a.SSM.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(a.Prefix + name), Value: &value, Type: types.ParameterTypeString, Overwrite: &overwrite,
	})
	if err != nil {
		return 0, err
	}
	return answer.Version, nil
}

// holds returns an error unless a parameter has this value and version.
func (a AWS) holds(ctx context.Context, name, value string, version int64) error {
	answer, err := a.SSM.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{a.Prefix + name}})
	if err != nil {
		return err
	}
	if len(answer.Parameters) != 1 || aws.ToString(answer.Parameters[0].Value) != value || answer.Parameters[0].Version != version {
		return fmt.Errorf("%s is %+v, want %q of version %d", name, answer.Parameters, value, version)
	}
	return nil
}

func (a AWS) isMissing(ctx context.Context, name string) error {
	answer, err := a.SSM.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{a.Prefix + name}})
	if err == nil && len(answer.Parameters) > 0 {
		err = fmt.Errorf("%s still exists", name)
	}
	return err
}

// under returns the names of the parameters under a path, sorted and without the prefix.
// More on a page than asked for is an error. A name on two pages
// comes twice.
func (a AWS) under(ctx context.Context, path string, recursive bool, most int32) ([]string, error) {
	pages := ssm.NewGetParametersByPathPaginator(a.SSM, &ssm.GetParametersByPathInput{Path: aws.String(a.Prefix + path), Recursive: &recursive, MaxResults: &most})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if len(page.Parameters) > int(most) {
			return nil, fmt.Errorf("a page has %d parameters, and %d were asked for", len(page.Parameters), most)
		}
		for _, p := range page.Parameters {
			names = append(names, strings.TrimPrefix(aws.ToString(p.Name), a.Prefix))
		}
	}
	slices.Sort(names)
	return names, nil
}

// same compares two small values.
func same[V any](what string, got, want V) error {
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		return fmt.Errorf("%s are %s, want %s", what, g, w)
	}
	return nil
}

func isCode(err error, want string) error {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != want {
		return fmt.Errorf("want the code %s: %w", want, orNone(err))
	}
	return nil
}

// createAtATime has eight calls create one parameter, each with its own value. The call that succeeds must be the one whose
// value is stored.
func (a AWS) createAtATime(ctx context.Context, name string) error {
	values := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	results := make([]error, len(values))
	var calls sync.WaitGroup
	for i, value := range values {
		calls.Go(func() { _, results[i] = a.put(ctx, name, value, false) })
	}
	calls.Wait()
	stored := ""
	for i, err := range results {
		switch {
		case err == nil && stored != "":
			return fmt.Errorf("two calls created %s", name)
		case err == nil:
			stored = values[i]
		case awserr.ClassOf(err) != awserr.Duplicate:
			return err
		}
	}
	return a.holds(ctx, name, stored, 1)
}
