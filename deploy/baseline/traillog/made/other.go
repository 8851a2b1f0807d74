package made

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/events"
)

// otherShape is a record about something else: the position of its text in otherRecords.
type otherShape int

//go:embed others.json
var othersFile []byte

// otherRecords are records that don't concern sgwarden: many of them look as if they did. Some are samples of events/.
var otherRecords = func() []json.RawMessage {
	var all []json.RawMessage
	if err := json.Unmarshal(othersFile, &all); err != nil {
		panic(fmt.Sprintf("read the embedded others.json: %v", err)) // fixed
	}
	for i := range all {
		all[i] = []byte(strings.NewReplacer(
			`"T"`, `"`+markers[slotTime]+`"`, `"E"`, `"`+markers[slotEvent]+`"`, `"G"`, `"`+markers[slotGroup]+`"`,
			`"R"`, `"`+markers[slotRegion]+`"`, `.R.`, `.`+markers[slotRegion]+`.`, `"A"`, `"`+markers[slotAccount]+`"`,
			`:A:`, `:`+markers[slotAccount]+`:`,
		).Replace(string(all[i])))
	}
	for _, name := range []string{
		"foreign-run-instances", "foreign-s3-put-bucket-policy", "foreign-modify-network-interface-attribute",
		"describe-groups", "describe-rules",
	} {
		all = append(all, marked(events.MustRead(name)))
	}
	return all
}()

// marked is the record in a sample, with the markers in it.
func marked(sample []byte) json.RawMessage {
	var event struct {
		Detail map[string]any `json:"detail"`
	}
	if err := json.Unmarshal(sample, &event); err != nil {
		panic(fmt.Sprintf("read a sample event: %v", err)) // samples are fixed
	}
	event.Detail["eventTime"], event.Detail["eventID"] = markers[slotTime], markers[slotEvent]
	event.Detail["awsRegion"], event.Detail["recipientAccountId"] = markers[slotRegion], markers[slotAccount]
	text, err := json.Marshal(event.Detail)
	if err != nil {
		panic(fmt.Sprintf("write a sample event: %v", err)) // what was JSON can be written as JSON
	}
	return text
}
