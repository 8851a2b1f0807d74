package trailsource

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// listings is how many folders are listed at the same time.
const listings = 8

// object is an object of a bucket, or why it or a folder can't be listed.
type object struct {
	Location
	size int64
	etag string
	err  error
}

// walk lists the log files of a location that a selection wants. Each folder of an account and region is listed from the
// first day wanted to the last: keys come in the order of the alphabet (S3 API reference, ListObjectsV2), in which a
// region's folders of days stand in the order of time.
type walk struct {
	client    objects
	selection Selection
	found     chan<- object
	locations chan struct{} // holds a token for each listing under way
	running   sync.WaitGroup
}

// list sends all objects below a location to found, and closes found.
func list(ctx context.Context, client objects, location Location, selection Selection, found chan<- object) {
	w := &walk{client: client, selection: selection, found: found, locations: make(chan struct{}, listings)}
	w.folder(ctx, location, rootDepth)
	w.running.Wait()
	close(found)
}

// send hands an object over. It returns false where nobody wants more.
func (w *walk) send(ctx context.Context, o object) bool {
	select {
	case <-ctx.Done():
		return false
	case w.found <- o:
		return true
	}
}

// rootDepth is how many folders above AWSLogs are looked into: the prefix that a trail may have.
const rootDepth = 3

// folder lists a folder in a goroutine of its own.
func (w *walk) folder(ctx context.Context, location Location, depth int) {
	w.running.Go(func() {
		select {
		case <-ctx.Done():
			return
		case w.locations <- struct{}{}:
		}
		below, err := w.look(ctx, location, depth)
		<-w.locations
		if err != nil {
			w.send(ctx, object{Location: location, err: err})
		}
		for _, prefix := range below {
			w.folder(ctx, location.at(prefix), depth-1)
		}
	})
}

// look lists one folder and returns the folders below that are to be looked into.
func (w *walk) look(ctx context.Context, location Location, depth int) ([]string, error) {
	here := locate(location.Prefix)
	switch {
	case isLogFile(location.Prefix):
		return nil, w.objects(ctx, location)
	case here.level == otherLogs, here.account != "" && !w.selection.hasAccount(here.account), here.region != "" && !w.selection.hasRegion(here.region):
		return nil, nil
	case here.level == atAccount:
		return []string{location.Prefix + "CloudTrail/"}, nil
	case here.level == belowRegions:
		return nil, w.objects(ctx, location)
	case here.level == elsewhere:
		return w.lookForLogs(ctx, location, depth)
	}
	return w.folders(ctx, location)
}

// lookForLogs looks for the folder AWSLogs. A location that has no such folder is listed as it is.
func (w *walk) lookForLogs(ctx context.Context, location Location, depth int) ([]string, error) {
	roots, err := w.roots(ctx, location, depth)
	if err != nil || len(roots) > 0 {
		return roots, err
	}
	return nil, w.objects(ctx, location)
}

// roots are the folders AWSLogs at most depth folders below a location.
func (w *walk) roots(ctx context.Context, location Location, depth int) ([]string, error) {
	folders, err := w.folders(ctx, location)
	if err != nil || len(folders) > manyFolders {
		return nil, err
	}
	var roots []string
	for _, folder := range folders {
		if strings.HasSuffix(folder, "/"+logsFolder+"/") || folder == logsFolder+"/" {
			roots = append(roots, folder)
			continue
		}
		if depth > 1 && locate(folder).level == elsewhere {
			below, err := w.roots(ctx, location.at(folder), depth-1)
			if err != nil {
				return nil, err
			}
			roots = append(roots, below...)
		}
	}
	return roots, nil
}

// manyFolders is more folders than a bucket has above AWSLogs: beyond it, the folders are something else.
const manyFolders = 50

// folders are the folders directly below a location.
func (w *walk) folders(ctx context.Context, location Location) ([]string, error) {
	var folders []string
	pages := s3.NewListObjectsV2Paginator(w.client, &s3.ListObjectsV2Input{Bucket: &location.Bucket, Prefix: &location.Prefix, Delimiter: aws.String("/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, refusedList(location, err)
		}
		for _, folder := range page.CommonPrefixes {
			folders = append(folders, aws.ToString(folder.Prefix))
		}
	}
	return folders, nil
}

// objects sends the log files below a location, in whatever folder, that the selection wants.
func (w *walk) objects(ctx context.Context, location Location) error {
	input := &s3.ListObjectsV2Input{Bucket: &location.Bucket, Prefix: &location.Prefix}
	here := locate(location.Prefix)
	if first := w.selection.firstDay(); here.level == belowRegions && here.regionFolder+first > location.Prefix && first != "" {
		input.StartAfter = aws.String(here.regionFolder + first)
	}
	pages := s3.NewListObjectsV2Paginator(w.client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return refusedList(location, err)
		}
		for _, entry := range page.Contents {
			key := aws.ToString(entry.Key)
			if here.level == belowRegions && w.isLater(key) {
				return nil
			}
			if w.wants(key) && !w.send(ctx, objectOf(location.at(key), entry)) {
				return ctx.Err()
			}
		}
	}
	return nil
}

// isLater says whether a key is of a day after those of the selection.
func (w *walk) isLater(key string) bool {
	day := locate(folderOf(key)).day
	return isDay(day) && !w.selection.To.IsZero() && day > w.selection.lastDay()
}

// wants says whether an object may hold events of the selection. Of a key in another layout, nobody knows.
func (w *walk) wants(key string) bool {
	if !isLogFile(key) {
		return false
	}
	switch here := locate(folderOf(key)); here.level {
	case elsewhere:
		return true
	case belowRegions:
		return w.selection.hasAccount(here.account) && w.selection.hasRegion(here.region) && (!isDay(here.day) || w.selection.hasDay(here.day))
	}
	return false
}

// isDay reports whether a text is a whole day, and not the beginning of one.
func isDay(day string) bool { return len(day) == len(dayFolder) }

// folderOf is a key up to the last slash.
func folderOf(key string) string { return key[:strings.LastIndexByte(key, '/')+1] }

func objectOf(location Location, entry types.Object) object {
	o := object{Location: location, size: aws.ToInt64(entry.Size), etag: aws.ToString(entry.ETag)}
	switch entry.StorageClass {
	case types.ObjectStorageClassGlacier, types.ObjectStorageClassDeepArchive:
		// "You must first restore" (S3 User Guide, "Working with archived objects").
		o.err = fmt.Errorf("the object is archived (%s): restore the object first, or leave out its day", entry.StorageClass)
	}
	return o
}
