package trailsource

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
)

// S3 returns the log files below a location that the selection wants. Listing goes on while the first files are read. keep
// may be nil.
func S3(ctx context.Context, cfg aws.Config, location Location, selection Selection, keep *Keep) (traillog.Sources, error) {
	client, err := clientOf(ctx, cfg, location.Bucket)
	if err != nil {
		return nil, err
	}
	first, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &location.Bucket, Prefix: &location.Prefix, MaxKeys: aws.Int32(1)})
	if err != nil {
		return nil, refusedList(location, err)
	}
	if len(first.Contents) == 0 {
		return nil, fmt.Errorf("there is nothing below %s: look at the prefix (aws s3 ls %s)", location, location.at(""))
	}
	return bucketSources(ctx, client, location, selection, keep), nil
}

func bucketSources(ctx context.Context, client objects, location Location, selection Selection, keep *Keep) traillog.Sources {
	return func(yield func(traillog.Source, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		found := make(chan object)
		go list(ctx, client, location, selection, found)
		defer func() { // the listing ends before this function does
			cancel()
			for range found {
			}
		}()
		any := false
		for o := range found {
			any = true
			if !yield(keep.source(client, o), o.err) {
				return
			}
		}
		if !any && ctx.Err() == nil {
			yield(traillog.Source{Name: location.String()}, fmt.Errorf("%s holds no log files of CloudTrail for %s", location, selection))
		}
	}
}

// sourceOf is the source of an object.
func sourceOf(client objects, o object) traillog.Source {
	return traillog.Source{Name: o.String(), Size: o.size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return open(ctx, client, o.Location)
	}}
}
