package traillog

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog/made"
)

func TestProgressGrowsUpToWhatTheFilesHold(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	written, err := made.Options{Seed: 5, Calls: 600, Others: 2, PerFile: 200}.Write(folder)
	if err != nil {
		t.Fatal(err)
	}
	var reports []Progress // Report is not called by two goroutines at the same time: the race detector would report that
	mustRead(t, Files([]string{folder}), Options{Workers: 4, Report: func(p Progress) { reports = append(reports, p) }})
	var before Progress
	for _, p := range reports {
		if p.BytesDone < before.BytesDone || p.Sources < before.Sources || p.Records < before.Records || p.Events < before.Events {
			t.Errorf("%+v comes after %+v", p, before)
		}
		before = p
	}
	want := Progress{
		Sources: written.Files, BytesDone: sizeBelow(t, folder), BytesTotal: sizeBelow(t, folder), Records: written.Records, Events: 600,
	}
	if before != want {
		t.Errorf("at the end %+v instead of %+v", before, want)
	}
}

func sizeBelow(t *testing.T, folder string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
