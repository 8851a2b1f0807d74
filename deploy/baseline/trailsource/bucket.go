package trailsource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// objects is what is read from S3.
type objects interface {
	s3.ListObjectsV2APIClient
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// clientOf is a client for the region of a bucket, which may be another than the configuration's.
func clientOf(ctx context.Context, cfg aws.Config, bucket string) (objects, error) {
	client := s3.NewFromConfig(cfg, pathStyle)
	region, err := regionOf(ctx, client, bucket)
	if err != nil {
		return nil, err
	}
	return s3.NewFromConfig(cfg, pathStyle, func(o *s3.Options) { o.Region = cmp.Or(region, o.Region) }), nil
}

// pathStyle puts the bucket into the path of the URL where an endpoint was given: names of buckets below a local address
// don't resolve.
func pathStyle(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }

// regionHeader is the region of a bucket, which S3 says to whoever asks, also with a refusal and with a redirect (S3 API
// reference, HeadBucket).
const regionHeader = "X-Amz-Bucket-Region"

// regionOf asks for the region of a bucket; empty where S3 does not say. That HeadBucket is refused says nothing yet:
// a policy may permit to list a part of the bucket only.
func regionOf(ctx context.Context, client s3.HeadBucketAPIClient, bucket string) (string, error) {
	found, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if err == nil {
		return aws.ToString(found.BucketRegion), nil
	}
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) || answer.Response == nil {
		return "", fmt.Errorf("ask S3 for the bucket %s: %w", bucket, err)
	}
	switch status := answer.HTTPStatusCode(); {
	case status == http.StatusNotFound:
		return "", fmt.Errorf("there is no bucket %s: look at the name (aws s3 ls)", bucket)
	case answer.Response.Header.Get(regionHeader) != "", status == http.StatusForbidden:
		return answer.Response.Header.Get(regionHeader), nil
	}
	return "", fmt.Errorf("ask S3 for the bucket %s: %w", bucket, err)
}

// refusedList explains an error of listing a location.
func refusedList(location Location, err error) error {
	err = fmt.Errorf("list %s: %w", location, err)
	if awserr.ClassOf(err) == awserr.Denied {
		return fmt.Errorf("%w\n  needed is s3:ListBucket on arn:aws:s3:::%s and s3:GetObject on arn:aws:s3:::%s/%s*", err, location.Bucket, location.Bucket, location.Prefix)
	}
	return err
}

// refusedRead explains an error of reading an object.
func refusedRead(location Location, err error) error {
	err = fmt.Errorf("read %s: %w", location, err)
	if awserr.ClassOf(err) == awserr.Denied {
		return fmt.Errorf("%w (needed is s3:GetObject on the object, and kms:Decrypt on its key where the trail has one)", err)
	}
	return err
}
