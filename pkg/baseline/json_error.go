package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// notJSON returns what is wrong with data that is not valid JSON, or nested too
// deep. The position is where the last token ends that was right.
func notJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err := skipValue(decoder, 0)
	switch {
	case err == nil:
		err = errors.New("there is something after the end of the document")
		_, _ = decoder.Token() // so that the position is where that ends
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	line, column := positionOf(data, int(decoder.InputOffset()))
	return &Error{Problems: []Problem{{Line: line, Column: column, Message: "not JSON: " + err.Error()}}}
}

// skipValue reads a value and keeps nothing of it.
func skipValue(decoder *json.Decoder, depth int) error {
	t, err := decoder.Token()
	if err != nil {
		return err
	}
	if depth > MaxDepth {
		return fmt.Errorf("nested more than %d deep", MaxDepth)
	}
	if _, isComposite := t.(json.Delim); !isComposite {
		return nil
	}
	for decoder.More() {
		if t == json.Delim('{') {
			if _, err := decoder.Token(); err != nil {
				return err
			}
		}
		if err := skipValue(decoder, depth+1); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}
