package baseline

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
)

// maxPendingHours is a week.
const maxPendingHours = 168

// Trust names the principals whose changes wait for approval.
type Trust struct{ Principals []Principal }

// Principal is an IAM role or an IAM user.
type Principal struct {
	ARN     string        // such as arn:aws:iam::111122223333:role/terraform-ci
	Pending time.Duration // how long a change waits: whole hours, 1 to 168
}

// Find returns the principal with an ARN, and whether there is one. Only the very
// same ARN counts. The ARN of a role's session is never the role's: take the ARN
// of who issued the session.
func (t *Trust) Find(arn string) (Principal, bool) {
	for _, p := range t.Principals {
		if p.ARN == arn {
			return p, true
		}
	}
	return Principal{}, false
}

// DecodeTrust reads the trusted principals from the JSON that SSM holds, as
// strictly as Decode reads a baseline. The error is an *Error.
func DecodeTrust(data []byte) (*Trust, error) {
	return decodeAs(readJSON, data, (*decoder).trust)
}

func (d *decoder) trust(root node) *Trust {
	f, ok := d.fields("", root, "schema", "principals")
	if !ok {
		return nil
	}
	d.schema(f)
	if !f.has("principals") {
		d.wrong(f, "principals", "is missing: where no principal is trusted, write principals: []")
	}
	paths := map[string]string{} // of the ARNs that were read so far
	return &Trust{each(d, f, "principals", func(path string, n node) Principal { return d.principal(path, n, paths) })}
}

func (d *decoder) principal(path string, n node, paths map[string]string) Principal {
	f, ok := d.fields(path, n, "arn", "pendingHours")
	if !ok {
		return Principal{}
	}
	arn := d.arn(f)
	if other, twice := paths[arn]; twice {
		d.wrong(f, "arn", "is the same as in %s", other)
	} else if arn != "" {
		paths[arn] = path
	}
	return Principal{arn, time.Duration(d.wholeNumber(f, "pendingHours", 1, maxPendingHours)) * time.Hour}
}

// arn reads the ARN of a principal; the result is empty where that is wrong.
func (d *decoder) arn(f fields) string {
	n := f.get("arn")
	if n.kind != text {
		d.wrong(f, "arn", "must be the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/terraform-ci")
		return ""
	}
	arn := shortened(n.scalar, principal.MaxLength)
	if err := principal.Check(arn); err != nil {
		d.wrong(f, "arn", "%v", err)
		return ""
	}
	return arn
}

// EncodeTrust returns the trusted principals as JSON, for SSM; DecodeTrust reads
// the JSON back. The error says why DecodeTrust would refuse the JSON.
func EncodeTrust(t *Trust) ([]byte, error) {
	type entry struct {
		ARN          string `json:"arn"`
		PendingHours int    `json:"pendingHours"`
	}
	entries := make([]entry, len(t.Principals))
	var wrong []error
	for i, p := range t.Principals {
		entries[i] = entry{p.ARN, int(p.Pending / time.Hour)}
		if p.Pending%time.Hour != 0 {
			wrong = append(wrong, fmt.Errorf("principals[%d] waits for %s, which is not a whole number of hours", i, p.Pending))
		}
	}
	data, err := json.Marshal(struct {
		Schema     int     `json:"schema"`
		Principals []entry `json:"principals"`
	}{SchemaVersion, entries})
	if err == nil {
		_, err = DecodeTrust(data)
	}
	if err = errors.Join(append(wrong, err)...); err != nil {
		return nil, fmt.Errorf("encode the trusted principals: %w", err)
	}
	return data, nil
}
