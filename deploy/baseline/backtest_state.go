package main

import (
	"fmt"
	"os"

	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
)

// descriptions reads saved answers of EC2, each of a time: at, or else when the file was written.
func descriptions(paths []string, at string) ([]replay.Description, error) {
	if len(paths) == 0 && at != "" {
		return nil, misused("--state-at is the time of --state FILE, which is not there")
	}
	var all []replay.Description
	for _, path := range paths {
		d, err := describedIn(path)
		if err != nil {
			return nil, fmt.Errorf("read the rules of --state %s: %w", path, err)
		}
		given, err := momentOf("--state-at", at, false)
		if err != nil {
			return nil, err
		}
		if !given.IsZero() {
			d.At = given
		}
		all = append(all, d)
	}
	return all, nil
}

func describedIn(path string) (replay.Description, error) {
	info, err := os.Stat(path)
	if err != nil {
		return replay.Description{}, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return replay.Description{}, err
	}
	groups, err := replay.ReadAnswer(data)
	return replay.Description{At: info.ModTime().UTC(), Groups: groups}, err
}
