package traillog

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// decodedCompletely finds by a full decode what the scanner finds without: the number of records in a file of CloudTrail's
// and those that concern us, as they are written. It returns false for what is no such file.
func decodedCompletely(file []byte) (records int, concerning []string, ok bool) {
	list, ok := decodedRecords(file)
	if !ok {
		return 0, nil, false
	}
	for _, raw := range list {
		record, isRecord := decodedObject(raw)
		_, enveloped := decodedObject(record["detail"])
		if !isRecord || enveloped || record["eventName"] == nil && record["eventSource"] == nil {
			return 0, nil, false // other tests are about these
		}
		records++
		if decodedText(record["eventSource"]) == "ec2.amazonaws.com" && slices.Contains(trail.Names(), decodedText(record["eventName"])) {
			concerning = append(concerning, string(raw))
		}
	}
	return records, concerning, true
}

// decodedRecords returns the elements of "Records". Where that name comes twice, both lists count: nothing is to be missed.
func decodedRecords(file []byte) (all []json.RawMessage, ok bool) {
	if object, ok := decodedObject(file); !ok || object["Records"] == nil {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(file))
	_, _ = decoder.Token() // the {: the file is an object, as was just seen
	for decoder.More() {
		name, _ := decoder.Token()
		var value json.RawMessage
		_ = decoder.Decode(&value)
		if name != "Records" {
			continue
		}
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil {
			return nil, false
		}
		all = append(all, list...)
	}
	return all, true
}

// decodedObject decodes into a map, since encoding/json takes no heed of capitals in the names of a struct's fields.
func decodedObject(raw []byte) (map[string]json.RawMessage, bool) {
	var object map[string]json.RawMessage
	err := json.Unmarshal(raw, &object)
	return object, err == nil && object != nil
}

func decodedText(raw []byte) string {
	var text string
	_ = json.Unmarshal(raw, &text) // another type is no text
	return text
}

// scanned is what the scanner finds, with a first buffer of that many bytes.
func scanned(file []byte, buffer int) (records int, concerning []string, err error) {
	s := newSplitter(bytes.NewReader(file), make([]byte, 0, buffer))
	for {
		p, err := s.next()
		if errors.Is(err, io.EOF) {
			return records, concerning, nil
		}
		if err != nil {
			return records, concerning, err
		}
		aspect, _, at := p.judge()
		if aspect != foreign {
			records++
		}
		if aspect == concernsUs {
			concerning = append(concerning, string(at.of(p.raw)))
		}
	}
}
