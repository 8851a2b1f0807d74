package trailsource

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// tears is how often in a row a download may break without a byte more than before.
const tears = 5

// download reads an object. Where the connection breaks, the next request continues at the byte where it broke, of the same
// version of the object.
type download struct {
	ctx      context.Context // of the whole reading, as io.Reader has none
	client   objects
	location Location
	etag     string // of the object that was opened
	body     io.ReadCloser
	done     int64
	size     int64 // -1: S3 did not say
	broken   int   // in a row
}

// open begins a download.
func open(ctx context.Context, client objects, location Location) (io.ReadCloser, error) {
	answer, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &location.Bucket, Key: &location.Prefix})
	if err != nil {
		return nil, refusedRead(location, err)
	}
	d := &download{ctx: ctx, client: client, location: location, etag: aws.ToString(answer.ETag), body: answer.Body, size: -1}
	if answer.ContentLength != nil {
		d.size = *answer.ContentLength
	}
	return d, nil
}

func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.done += int64(n)
		if n > 0 {
			d.broken = 0
		}
		whole := errors.Is(err, io.EOF) && (d.size < 0 || d.done >= d.size)
		switch {
		case err == nil, whole:
			return n, err
		case n > 0:
			return n, nil // the error comes again with the next read
		case d.ctx.Err() != nil:
			return 0, d.ctx.Err()
		}
		if err := d.goOn(err); err != nil {
			return 0, err
		}
	}
}

// goOn asks for the rest of the object.
func (d *download) goOn(cause error) error {
	if d.broken++; d.broken > tears || d.etag == "" || d.size >= 0 && d.done >= d.size {
		return fmt.Errorf("read %s: broke off at byte %d of %d: %w", d.location, d.done, d.size, cause)
	}
	_ = d.body.Close() // it is broken
	d.body = io.NopCloser(noBytes{cause})
	answer, err := d.client.GetObject(d.ctx, &s3.GetObjectInput{
		Bucket: &d.location.Bucket, Key: &d.location.Prefix,
		Range: aws.String(fmt.Sprintf("bytes=%d-", d.done)), IfMatch: &d.etag,
	})
	if err != nil {
		return refusedRead(d.location, fmt.Errorf("go on at byte %d: %w", d.done, err))
	}
	d.body = answer.Body
	return nil
}

func (d *download) Close() error { return d.body.Close() }

// noBytes is the body while there is none.
type noBytes struct{ error }

func (n noBytes) Read([]byte) (int, error) { return 0, n.error }
