package main

import (
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// lintReading reads files of every kind of document. Of what is no baseline it
// returns what is wrong and no contents: there is no advice on those.
func lintReading(now time.Time) basefile.Reading {
	return func(data []byte) (basefile.Contents, error) {
		var err error
		switch yamlfile.KindOf(data) {
		case baseline.KindGuardrail:
			_, err = yamlfile.DecodeGuardrail(data)
		case baseline.KindApproval:
			_, err = yamlfile.DecodeApproval(data, anyName, now)
		case baseline.KindPause:
			_, err = yamlfile.DecodePause(data, now)
		case baseline.KindTrust:
			_, err = yamlfile.DecodeTrust(data)
		default:
			return basefile.WithNames(data)
		}
		return basefile.Contents{}, err
	}
}

// anyName stands for the name of an approval, which a file does not say.
const anyName = "approval"
