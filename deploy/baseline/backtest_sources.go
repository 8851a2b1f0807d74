package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
)

// historyHelp is the part of the help on where a history may be.
const historyHelp = `HISTORY is a file or a folder of logs as CloudTrail writes them to S3 (JSON, or JSON in gzip).`

// history says which history is asked for.
type history struct {
	arguments []string // paths
	from, to  time.Time
}

// addHistoryFlags adds the flags that say more of the history.
func (a *app) addHistoryFlags(*cobra.Command, *history) {}

// historyOf returns the pieces of the history that is asked for.
func (a *app) historyOf(_ context.Context, h history) (traillog.Sources, error) {
	if len(h.arguments) == 0 {
		return nil, misused("say which history: a file or a folder of CloudTrail's logs")
	}
	return traillog.Files(h.arguments), nil
}
