package doctor

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// trails plays CloudTrail. Each error is of the call of that name.
type trails struct {
	all                        []types.Trail
	stopped                    bool
	selectors                  *cloudtrail.GetEventSelectorsOutput
	listErr, statusErr, selErr error
}

func (f trails) DescribeTrails(context.Context, *cloudtrail.DescribeTrailsInput, ...func(*cloudtrail.Options)) (*cloudtrail.DescribeTrailsOutput, error) {
	return &cloudtrail.DescribeTrailsOutput{TrailList: f.all}, f.listErr
}

func (f trails) GetTrailStatus(_ context.Context, _ *cloudtrail.GetTrailStatusInput, options ...func(*cloudtrail.Options)) (*cloudtrail.GetTrailStatusOutput, error) {
	if err := f.askedAtHome(options); err != nil {
		return nil, err
	}
	return &cloudtrail.GetTrailStatusOutput{IsLogging: aws.Bool(!f.stopped)}, f.statusErr
}

func (f trails) GetEventSelectors(_ context.Context, _ *cloudtrail.GetEventSelectorsInput, options ...func(*cloudtrail.Options)) (*cloudtrail.GetEventSelectorsOutput, error) {
	if err := f.askedAtHome(options); err != nil {
		return nil, err
	}
	if f.selectors == nil {
		return &cloudtrail.GetEventSelectorsOutput{}, f.selErr
	}
	return f.selectors, f.selErr
}

// askedAtHome refuses a call that another region than the trail's own gets, as the local AWS does.
func (f trails) askedAtHome(options []func(*cloudtrail.Options)) error {
	at := cloudtrail.Options{Region: "us-east-1"}
	for _, set := range options {
		set(&at)
	}
	if home := aws.ToString(f.all[0].HomeRegion); at.Region != home {
		return fmt.Errorf("asked in %s about a trail of %s", at.Region, home)
	}
	return nil
}

func aTrail(multi, organisation bool) []types.Trail {
	return []types.Trail{{
		Name: aws.String("all"), TrailARN: aws.String("arn:aws:cloudtrail:eu-west-1:1:trail/all"), HomeRegion: aws.String("eu-west-1"),
		IsMultiRegionTrail: &multi, IsOrganizationTrail: &organisation,
	}}
}

func TestTrail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		client trails
		status Status
		found  string
		hint   string
	}{
		"a trail of the region":       {trails{all: aTrail(false, false)}, OK, "trail all logs management write events in us-east-1", ""},
		"a trail of all regions":      {trails{all: aTrail(true, false)}, OK, "trail all for all regions logs management write events in us-east-1", ""},
		"a trail of the organisation": {trails{all: aTrail(true, true)}, OK, "trail all of the organisation logs management write events in us-east-1", ""},
		"no trail": {
			trails{},
			Fail, "there is no trail in us-east-1, so no change of a security group is heard of until the next sweep",
			"aws cloudtrail create-trail --name management-events --s3-bucket-name BUCKET --is-multi-region-trail --region us-east-1 && aws cloudtrail start-logging --name management-events --region us-east-1",
		},
		"a trail that is stopped": {
			trails{all: aTrail(true, false), stopped: true},
			Fail, "no trail logs management write events in us-east-1: trail all for all regions is stopped",
			"aws cloudtrail start-logging --name arn:aws:cloudtrail:eu-west-1:1:trail/all --region eu-west-1",
		},
		"a trail that only reads": {
			trails{all: aTrail(true, false), selectors: basic(types.ReadWriteTypeReadOnly, true)},
			Fail, "no trail logs management write events in us-east-1: trail all for all regions logs only read events",
			"have it log management write events; what it logs now: aws cloudtrail get-event-selectors --trail-name arn:aws:cloudtrail:eu-west-1:1:trail/all --region eu-west-1",
		},
		"no permission to list": {
			trails{listErr: denied},
			Unknown, "could not be checked: these credentials may not call cloudtrail:DescribeTrails",
			"have cloudtrail:DescribeTrails added to their permissions, or use others",
		},
		"a trail of the organisation whose selectors a member is not given": {
			trails{all: aTrail(true, true), selErr: denied},
			Unknown, "could not be checked: these credentials may not call cloudtrail:GetEventSelectors",
			"have cloudtrail:GetEventSelectors added to their permissions, or use others",
		},
		"no permission to ask for the status": {
			trails{all: aTrail(true, true), statusErr: denied},
			Unknown, "could not be checked: these credentials may not call cloudtrail:GetTrailStatus",
			"have cloudtrail:GetTrailStatus added to their permissions, or use others",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, Trail(t.Context(), c.client, "us-east-1"), Check{"trail", c.status, c.found, c.hint})
		})
	}
}

func basic(kind types.ReadWriteType, management bool, excluded ...string) *cloudtrail.GetEventSelectorsOutput {
	return &cloudtrail.GetEventSelectorsOutput{EventSelectors: []types.EventSelector{{
		ReadWriteType: kind, IncludeManagementEvents: &management, ExcludeManagementEventSources: excluded,
	}}}
}

// advanced makes one selector of each list of fields.
func advanced(selectors ...[]types.AdvancedFieldSelector) *cloudtrail.GetEventSelectorsOutput {
	out := &cloudtrail.GetEventSelectorsOutput{}
	for _, fields := range selectors {
		out.AdvancedEventSelectors = append(out.AdvancedEventSelectors, types.AdvancedEventSelector{FieldSelectors: fields})
	}
	return out
}

func equals(field string, values ...string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: &field, Equals: values}
}

func differs(field string, values ...string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: &field, NotEquals: values}
}

func TestWhatSelectorsLeaveOut(t *testing.T) {
	t.Parallel()
	type fields = []types.AdvancedFieldSelector
	management, category := equals("eventCategory", "Management"), "does not log AuthorizeSecurityGroupIngress, or not always: its selectors limit "
	for name, c := range map[string]struct {
		selectors *cloudtrail.GetEventSelectorsOutput
		want      string
	}{
		"no selectors are all management events":    {&cloudtrail.GetEventSelectorsOutput{}, ""},
		"all management events":                     {basic(types.ReadWriteTypeAll, true), ""},
		"write events":                              {basic(types.ReadWriteTypeWriteOnly, true), ""},
		"read events":                               {basic(types.ReadWriteTypeReadOnly, true), "logs only read events"},
		"data events alone":                         {basic(types.ReadWriteTypeAll, false), "logs no management events"},
		"all but KMS":                               {basic(types.ReadWriteTypeAll, true, "kms.amazonaws.com"), ""},
		"all but EC2":                               {basic(types.ReadWriteTypeAll, true, "ec2.amazonaws.com"), "excludes the calls of EC2"},
		"advanced: all management events":           {advanced(fields{management}), ""},
		"advanced: write events":                    {advanced(fields{management, equals("readOnly", "false")}), ""},
		"advanced: read events":                     {advanced(fields{management, equals("readOnly", "true")}), category + "readOnly"},
		"advanced: data events alone":               {advanced(fields{equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")}), "logs no management events"},
		"advanced: all but KMS":                     {advanced(fields{management, differs("eventSource", "kms.amazonaws.com", "rdsdata.amazonaws.com")}), ""},
		"advanced: all but EC2":                     {advanced(fields{management, differs("eventSource", "ec2.amazonaws.com")}), category + "eventSource"},
		"advanced: EC2 alone":                       {advanced(fields{management, equals("eventSource", "ec2.amazonaws.com")}), ""},
		"advanced: IAM alone":                       {advanced(fields{management, equals("eventSource", "iam.amazonaws.com")}), category + "eventSource"},
		"advanced: one call alone":                  {advanced(fields{management, equals("eventName", "AuthorizeSecurityGroupIngress")}), "does not log AuthorizeSecurityGroupEgress, or not always: its selectors limit eventName"},
		"advanced: nobody's but one caller's":       {advanced(fields{management, equals("userIdentity.arn", "x")}), category + "userIdentity.arn"},
		"advanced: two selectors for reads, writes": {advanced(fields{management, equals("readOnly", "true")}, fields{management, equals("readOnly", "false")}), ""},
		"advanced: names that begin so":             {advanced(fields{management, {Field: aws.String("eventName"), StartsWith: []string{"Authorize", "Revoke"}}}), "does not log ModifySecurityGroupRules, or not always: its selectors limit eventName"},
		"advanced: names that do not end so":        {advanced(fields{management, {Field: aws.String("eventName"), NotEndsWith: []string{"Rules"}}}), "does not log ModifySecurityGroupRules, or not always: its selectors limit eventName"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := leavesOut(c.selectors); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
