package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// Trails is CloudTrail in one region.
type Trails interface {
	DescribeTrails(context.Context, *cloudtrail.DescribeTrailsInput, ...func(*cloudtrail.Options)) (*cloudtrail.DescribeTrailsOutput, error)
	GetTrailStatus(context.Context, *cloudtrail.GetTrailStatusInput, ...func(*cloudtrail.Options)) (*cloudtrail.GetTrailStatusOutput, error)
	GetEventSelectors(context.Context, *cloudtrail.GetEventSelectorsInput, ...func(*cloudtrail.Options)) (*cloudtrail.GetEventSelectorsOutput, error)
}

// coverage says whether some trail gives a region's EventBridge the calls that change
// security groups.
type coverage struct {
	by     string   // the trail that does so; empty where none does
	not    []string // why each other trail does not
	hint   string   // what to do about the last of those
	err    error    // why nothing certain is known of some trail; nil where by is known
	action string   // the call that failed
}

// Trail checks that a trail logs management write events in the region. Without such a trail
// EventBridge gets no call (EventBridge User Guide, "AWS service events delivered via AWS
// CloudTrail").
func Trail(ctx context.Context, client Trails, region string) []Check {
	const name = "trail"
	found := coverageOf(ctx, client)
	switch {
	case found.by != "":
		return []Check{passed(name, "%s logs management write events in %s", found.by, region)}
	case found.err != nil:
		c := unknown(name, found.action, found.err)
		if len(found.not) > 0 {
			c.Found += "; " + strings.Join(found.not, "; ")
		}
		return []Check{c}
	case len(found.not) == 0:
		return []Check{{
			name, Fail, fmt.Sprintf("there is no trail in %s, so no change of a security group is heard of until the next sweep", region),
			fmt.Sprintf("aws cloudtrail create-trail --name management-events --s3-bucket-name BUCKET --is-multi-region-trail --region %s && aws cloudtrail start-logging --name management-events --region %s", region, region),
		}}
	}
	return []Check{{
		name, Fail, fmt.Sprintf("no trail logs management write events in %s: %s", region, strings.Join(found.not, "; ")),
		found.hint,
	}}
}

// coverageOf asks about all trails of a region. Shadow trails are among them: those of other
// regions that log in all regions, and those of the organisation (CloudTrail API reference,
// DescribeTrails).
func coverageOf(ctx context.Context, client Trails) coverage {
	answer, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	if err != nil {
		return coverage{err: err, action: "cloudtrail:DescribeTrails"}
	}
	var all coverage
	for _, t := range answer.TrailList {
		not, hint, action, err := refusalOf(ctx, client, t)
		switch {
		case err != nil:
			all.err, all.action = errors.Join(all.err, err), action
		case not == "":
			return coverage{by: trailText(t)}
		default:
			all.not, all.hint = append(all.not, not), hint
		}
	}
	return all
}

// refusalOf returns why a trail does not log the calls, and what to do; empty where it logs
// them. A member account may see a trail of its organisation and yet not get its
// selectors: the documentation does not say. Then the error says so.
func refusalOf(ctx context.Context, client Trails, t types.Trail) (not, hint, action string, err error) {
	// Trails of other regions and accounts are known by their ARN only (CloudTrail API
	// reference, GetTrailStatus), and changed in their home region.
	// Asked there too, as deploy.sh does: no page says that another region answers the selectors.
	arn, at := aws.ToString(t.TrailARN), aws.ToString(t.HomeRegion)
	home := func(o *cloudtrail.Options) { o.Region = cmp.Or(at, o.Region) }
	status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn}, home)
	if err != nil {
		return "", "", "cloudtrail:GetTrailStatus", fmt.Errorf("ask whether %s logs: %w", trailText(t), err)
	}
	if !aws.ToBool(status.IsLogging) {
		return trailText(t) + " is stopped", fmt.Sprintf("aws cloudtrail start-logging --name %s --region %s", arn, at), "", nil
	}
	selectors, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &arn}, home)
	if err != nil {
		return "", "", "cloudtrail:GetEventSelectors", fmt.Errorf("ask what %s logs: %w", trailText(t), err)
	}
	if why := leavesOut(selectors); why != "" {
		return trailText(t) + " " + why, fmt.Sprintf("have it log management write events; what it logs now: aws cloudtrail get-event-selectors --trail-name %s --region %s", arn, at), "", nil
	}
	return "", "", "", nil
}

func trailText(t types.Trail) string {
	kind := ""
	switch {
	case aws.ToBool(t.IsOrganizationTrail):
		kind = " of the organisation"
	case aws.ToBool(t.IsMultiRegionTrail):
		kind = " for all regions"
	}
	return fmt.Sprintf("trail %s%s", aws.ToString(t.Name), kind)
}
