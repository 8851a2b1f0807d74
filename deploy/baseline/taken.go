package main

import (
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/deploy/baseline/taken"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// note notes on this machine that a file was made from the baseline with a digest. A note
// that can't be written is reported and is no error, since the file is there.
func (a *app) note(where account.Identity, parameter, file, digest string) {
	copied := taken.Copy{Account: where.Account, Region: where.Region, Parameter: parameter, File: file}
	if err := taken.Of(a.Getenv).Note(copied, digest); err != nil {
		fmt.Fprintf(a.Errs, "note: %v\n", err)
	}
}

// isTaken reports whether a file was made from the baseline that is in force, by a pull or
// a capture on this machine: who edited the file since saw what is in force. A note that
// can't be read is none.
func (a *app) isTaken(where account.Identity, parameter, file string, inForce *baseline.Document) bool {
	copied := taken.Copy{Account: where.Account, Region: where.Region, Parameter: parameter, File: file}
	isTaken, err := taken.Of(a.Getenv).Has(copied, lineage.Digest(inForce))
	return err == nil && isTaken
}
