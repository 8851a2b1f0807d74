package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// describedPerCall is the most parameters that DescribeParameters gives at once (SSM API
// reference, DescribeParameters, MaxResults), and the most values that a filter takes.
const describedPerCall = 50

// Authors returns the ARNs of who wrote the baselines of groups and prefix lists last, by
// id; nil ids are all. An author that SSM does not name is not in it. note says that these
// credentials may not ask.
func (a *Account) Authors(ctx context.Context, store ssmstore.Store, ids []string) (authors map[string]string, note string, err error) {
	authors = map[string]string{}
	p := a.Progress("asking who wrote the baselines", 0)
	defer p.Clear()
	pages := ssm.NewDescribeParametersPaginator(store.Client, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{baselinesFilter(store, ids)}, MaxResults: aws.Int32(describedPerCall),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.ClassOf(err) == awserr.Denied {
			return authors, fmt.Sprintf("who wrote the baselines is not known, since these credentials may not ask (ssm:DescribeParameters): %v", err), nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("describe the parameters under %s: %w", store.Parameter(""), awserr.WithSentinel(err))
		}
		for _, found := range page.Parameters {
			name := aws.ToString(found.Name)
			id := name[strings.LastIndex(name, "/")+1:]
			if author := aws.ToString(found.LastModifiedUser); strings.HasPrefix(author, "arn:") {
				authors[id] = author
			}
			p.Step()
		}
	}
	return authors, "", nil
}

func baselinesFilter(store ssmstore.Store, ids []string) types.ParameterStringFilter {
	if len(ids) > 0 && len(ids) <= describedPerCall {
		names := make([]string, len(ids))
		for i, id := range ids {
			names[i] = Parameter(store, id)
		}
		return types.ParameterStringFilter{Key: aws.String("Name"), Option: aws.String("Equals"), Values: names}
	}
	return types.ParameterStringFilter{Key: aws.String("Path"), Option: aws.String("OneLevel"), Values: []string{strings.TrimSuffix(store.Parameter(""), "/"), strings.TrimSuffix(store.PrefixList(""), "/")}}
}
