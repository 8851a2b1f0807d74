package reference

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Baseline is the document that permits the group's rules and those in extra (rule text) besides, as JSON for Parameter
// Store.
func (g Group) Baseline(extra ...string) ([]byte, error) {
	document := baseline.Document{
		Schema: baseline.SchemaVersion, GroupID: g.ID, GroupName: g.Name,
		Ingress: []baseline.Entry{}, Egress: []baseline.Entry{},
	}
	for _, e := range g.entries {
		add(&document, e.direction, baseline.Entry{
			Protocol: "tcp", Ports: strconv.Itoa(int(e.port)), Description: e.why,
		}, g.peer(e))
	}
	for _, text := range extra {
		r, err := rule.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("write the baseline of %s: %w", g.Name, err)
		}
		added := baseline.Entry{Protocol: r.Protocol.String()}
		if r.Protocol.HasPorts() {
			added.Ports = rule.PortsText(r.Protocol, r.Ports)
		}
		add(&document, r.Direction, added, r.Peer.String())
	}
	data, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("write the baseline of %s: %w", g.Name, err)
	}
	return data, nil
}

func add(document *baseline.Document, direction rule.Direction, e baseline.Entry, peer string) {
	if direction == rule.Egress {
		e.Destinations = []string{peer}
		document.Egress = append(document.Egress, e)
		return
	}
	e.Sources = []string{peer}
	document.Ingress = append(document.Ingress, e)
}

// Push puts the group's baseline, with extra rules as for Baseline, into Parameter Store under the prefix, and returns
// the parameter's new version.
func (g Group) Push(ctx context.Context, client *ssm.Client, prefix string, extra ...string) (version int64, err error) {
	document, err := g.Baseline(extra...)
	if err != nil {
		return 0, err
	}
	put, err := client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(prefix + "/groups/" + g.ID), Value: aws.String(string(document)),
		Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return 0, fmt.Errorf("push the baseline of %s: %w", g.Name, err)
	}
	return put.Version, nil
}

// RulesAnd are the group's rules and extra ones, sorted: what a group may have whose baseline was pushed with them.
func (g Group) RulesAnd(extra ...string) []string {
	rules := append(g.Rules(), extra...)
	slices.Sort(rules)
	return rules
}
