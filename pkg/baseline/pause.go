package baseline

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// pauseTime is the longest that a pause lasts after it is written.
const pauseTime = 24 * time.Hour

// Pause says until when nothing is changed in EC2.
type Pause struct {
	Until  time.Time // in UTC
	Reason string
}

// Active reports whether the pause holds at a time: a pause ends the moment that
// it says.
func (p *Pause) Active(now time.Time) bool { return now.Before(p.Until) }

// DecodePause reads a pause from the JSON that SSM holds, as strictly as Decode
// reads a baseline. at is when the parameter was written: the pause may end at
// most 24 hours later. A pause that has ended is a valid one. The error is an
// *Error.
func DecodePause(data []byte, at time.Time) (*Pause, error) {
	return decodePause(readJSON, data, ahead{from: at, written: true})
}

func decodePause(read reader, data []byte, when ahead) (*Pause, error) {
	return decodeAs(read, data, func(d *decoder, root node) *Pause {
		f, ok := d.fields("", root, "schema", "until", "reason")
		if !ok {
			return nil
		}
		d.schema(f)
		when.most, when.mostText, when.what = pauseTime, "24 hours", "the pause"
		return &Pause{Until: d.moment(f, "until", when), Reason: d.reason(f)}
	})
}

// EncodePause returns a pause as JSON, for SSM; DecodePause reads the JSON back.
// The error says why DecodePause would refuse the JSON. How far ahead the end lies
// is left to DecodePause, since that depends on when the JSON is written.
func EncodePause(p *Pause) ([]byte, error) {
	data, err := json.Marshal(struct {
		Schema int       `json:"schema"`
		Until  time.Time `json:"until"`
		Reason string    `json:"reason"`
	}{SchemaVersion, p.Until.UTC(), p.Reason})
	if p.Until.IsZero() {
		err = errors.Join(err, errors.New("it has no end"))
	}
	if err == nil {
		_, err = decodePause(readJSON, data, ahead{from: p.Until, written: true})
	}
	if err != nil {
		return nil, fmt.Errorf("encode the pause: %w", err)
	}
	return data, nil
}
