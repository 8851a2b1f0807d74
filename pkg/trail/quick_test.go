package trail

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
)

// FuzzParseReadsWhatEncodingJSONReads compares parse with encoding/json, byte for byte: what parse accepts, encoding/json
// reads in the same way.
func FuzzParseReadsWhatEncodingJSONReads(f *testing.F) {
	for _, name := range events.Names() {
		f.Add(events.MustRead(name))
	}
	for _, message := range oddJSON {
		f.Add([]byte(message))
	}
	f.Fuzz(func(t *testing.T, message []byte) { mustReadAlike(t, message) })
}

func mustReadAlike(t *testing.T, message []byte) {
	t.Helper()
	got, ok := parse(string(message))
	if !ok {
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatalf("parse reads what encoding/json refuses: %v: %q", err, message)
	}
	if diff := gocmp.Diff(sorted(valueOf(decoded)), sorted(got), gocmp.AllowUnexported(value{}, member{})); diff != "" {
		t.Fatalf("%q: encoding/json (-) and parse (+) differ:\n%s", message, diff)
	}
}

// sorted orders the members of objects by name, the last of each name alone.
func sorted(v value) value {
	var members []member
	for i, m := range v.members {
		later := v.kind == kindObject && slices.ContainsFunc(v.members[i+1:], func(o member) bool { return o.name == m.name })
		if !later {
			members = append(members, member{m.name, sorted(m.value)})
		}
	}
	if v.kind == kindObject {
		slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	}
	v.members = members
	return v
}

var oddJSON = []string{
	`{}`, `{"a":1,"a":2}`, `{"a":{"b":[1,-0.5e+3,true,false,null,"x"]}} rest`, "{\"a\":\"\xff\"}", `{"a":"\ud800x\u0041\n"}`,
	`{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":.5}`, `{"a":"` + "\n" + `"}`, `{"a":[1,]}`, `{,}`, `{"a"}`, `{"a":tru}`, `{"a":"\x"}`,
	`{"a":"日本"}`, "{\"a\xff\":1}", ` { "a" : [ ] , "b" : { } } `, `{"a":"\"`, `{`, `{"a":1e5}`, `{"a":1E-5,"b":0}`, `{"a":1]`, `[1}`,
	strings.Repeat(`{"a":`, 250) + "1" + strings.Repeat("}", 250),
}

func TestParseReadsOddJSONAsEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	read := 0
	for _, message := range oddJSON {
		mustReadAlike(t, []byte(message))
		if _, ok := parse(message); ok {
			read++
		}
	}
	if read < 10 {
		t.Errorf("parse reads only %d of them", read)
	}
}

func TestParseReadsEverySampleItself(t *testing.T) {
	t.Parallel()
	for _, name := range events.Names() {
		if _, ok := parse(string(events.MustRead(name))); !ok {
			t.Errorf("%s is left to encoding/json", name)
		}
		mustReadAlike(t, events.MustRead(name))
	}
}

func TestWhatParseGivesUpOnIsReadAllTheSame(t *testing.T) {
	t.Parallel()
	deep := `{"x":` + strings.Repeat(`[`, 300) + strings.Repeat(`]`, 300) + `,"eventName":"CreateVpc","eventSource":"ec2.amazonaws.com"}`
	if _, ok := parse(deep); ok {
		t.Fatal("parse reads what lies too deep; the test needs a deeper one")
	}
	if trigger, nothing := ParseRecord([]byte(deep)); trigger.EventName != "CreateVpc" || nothing == nil || nothing.Cause != UnknownGroup {
		t.Errorf("%+v, %+v", trigger, nothing)
	}
}
