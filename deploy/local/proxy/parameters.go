package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

var parameterWrites = map[string]bool{
	"PutParameter": true, "DeleteParameter": true, "DeleteParameters": true, "LabelParameterVersion": true,
}

// parameterWrite passes on a write to Parameter Store and puts a "Parameter Store Change" for each parameter that it
// changed on the bus. Other writes wait from the look at the parameters before to that after, so that of many writes at
// once one is reported as the creation, and the events come in the order of the writes. moto learns from a header who
// wrote a version.
func (p *Proxy) parameterWrite(w http.ResponseWriter, c *call) {
	defer p.config.Bus.Begin()()
	var request struct {
		Name  string
		Names []string
	}
	if err := json.Unmarshal(c.body, &request); err != nil {
		p.config.Failed(fmt.Errorf("read the request of %s: %w", c.action, err))
	}
	names := request.Names
	if request.Name != "" {
		names = append(names, request.Name)
	}
	p.writing.Lock()
	defer p.writing.Unlock()
	ctx := c.request.Context()
	before, err := p.parameters(ctx, names)
	if err != nil {
		p.config.Failed(fmt.Errorf("make the event of %s: %w", c.action, err))
	}
	called, who := time.Now(), p.principal(c)
	if c.action == "PutParameter" {
		c.request.Header.Set("X-Local-Principal", who.Identity.ARN)
	}
	answer, ok := p.forward(w, c)
	if !ok {
		return
	}
	if answer.succeeded() && !who.Unrecorded {
		after, err := p.parameters(ctx, names)
		if err != nil {
			p.config.Failed(fmt.Errorf("make the event of %s: %w", c.action, err))
		}
		for _, name := range names {
			change, changed := parameterChange(c.action, before[name], after[name])
			if !changed {
				continue
			}
			change.Name, change.Time, change.EnvelopeID = name, called, cloudtrail.NewID()
			change.Account, change.Region = p.config.Account, c.region
			event, err := cloudtrail.ParameterChange(change)
			if err != nil {
				p.config.Failed(err)
				continue
			}
			p.config.Bus.Put(event)
		}
	}
	answer.writeTo(w)
}

func parameterChange(action string, before, after *types.ParameterMetadata) (change cloudtrail.Parameter, changed bool) {
	subject := after
	switch {
	case action == "LabelParameterVersion" && after != nil:
		change.Operation = "LabelParameterVersion"
	case action == "PutParameter" && after != nil && before == nil:
		change.Operation = "Create"
	case action == "PutParameter" && after != nil:
		change.Operation = "Update"
	case before != nil && after == nil:
		change.Operation, subject = "Delete", before
	default:
		return change, false
	}
	change.Type, change.Description = string(subject.Type), aws.ToString(subject.Description)
	return change, true
}

// parameters describes those of the parameters that exist.
func (p *Proxy) parameters(ctx context.Context, names []string) (map[string]*types.ParameterMetadata, error) {
	found := map[string]*types.ParameterMetadata{}
	if len(names) == 0 {
		return found, nil
	}
	pages := ssm.NewDescribeParametersPaginator(p.ssm, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Name"), Option: aws.String("Equals"), Values: names}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, fmt.Errorf("describe parameters %q: %w", names, err)
		}
		for i := range page.Parameters {
			found[aws.ToString(page.Parameters[i].Name)] = &page.Parameters[i]
		}
	}
	return found, nil
}
