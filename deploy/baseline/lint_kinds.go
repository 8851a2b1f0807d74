package main

import (
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// lintReading reads files of every kind of document. Of what is no baseline it
// returns what is wrong and no document: there is no advice on those.
func lintReading(now time.Time) basefile.Reading {
	return func(data []byte) (*baseline.Document, error) {
		var err error
		switch baseline.KindOfFile(data) {
		case baseline.KindGuardrail:
			_, err = baseline.DecodeGuardrailYAML(data)
		case baseline.KindApproval:
			_, err = baseline.DecodeApprovalYAML(data, anyName, now)
		case baseline.KindPause:
			_, err = baseline.DecodePauseYAML(data, now)
		case baseline.KindTrust:
			_, err = baseline.DecodeTrustYAML(data)
		default:
			return basefile.WithNames(data)
		}
		return nil, err
	}
}

// anyName stands for the name of an approval, which a file does not say.
const anyName = "approval"
