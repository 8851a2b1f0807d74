package flowlog

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// field is a column of a flow log that matters here.
type field uint8

const (
	unused field = iota
	fieldInterface
	fieldSource
	fieldTarget
	fieldSourcePort
	fieldTargetPort
	fieldProtocol
	fieldAction
	fieldStart
	fieldEnd
	fieldStatus
	fieldHeading
	fieldFlags
	fieldPacketSource
	fieldPacketTarget
	fieldCount
)

// fieldNames are the names of AWS (VPC User Guide, Flow log records, Available fields).
var fieldNames = map[string]field{
	"interface-id": fieldInterface, "srcaddr": fieldSource, "dstaddr": fieldTarget, "srcport": fieldSourcePort,
	"dstport": fieldTargetPort, "protocol": fieldProtocol, "action": fieldAction, "start": fieldStart, "end": fieldEnd,
	"log-status": fieldStatus, "flow-direction": fieldHeading, "tcp-flags": fieldFlags,
	"pkt-srcaddr": fieldPacketSource, "pkt-dstaddr": fieldPacketTarget,
}

// Format says which columns the lines of a log have.
type Format struct {
	columns   []field
	separator byte
}

// defaultFormat is version 2, whose lines begin with the version, the account and the interface
// (VPC User Guide, Flow log records, Default format).
var defaultFormat = Format{separator: ' ', columns: []field{
	unused, unused, fieldInterface, fieldSource, fieldTarget, fieldSourcePort, fieldTargetPort, fieldProtocol, unused,
	unused, fieldStart, fieldEnd, fieldAction, fieldStatus,
}}

// maxColumns is beyond what AWS has fields for.
const maxColumns = 128

// ParseFormat reads the format of a flow log as AWS writes it in LogFormat: ${interface-id} ${srcaddr} ...
// It also takes the bare names.
func ParseFormat(text string) (Format, error) {
	text = strings.NewReplacer("${", "", "}", "").Replace(text)
	return formatOf(strings.Fields(text), ' ')
}

// headerFormat returns the format that a line names, and whether the line names fields at all.
func headerFormat(line []byte) (Format, bool, error) {
	if !bytes.Contains(line, []byte("srcaddr")) {
		return Format{}, false, nil
	}
	if bytes.IndexByte(line, ',') < 0 {
		f, err := formatOf(strings.Fields(string(line)), ' ')
		return f, true, err
	}
	names := strings.Split(string(line), ",") // Athena's results
	for i, name := range names {
		names[i] = strings.ReplaceAll(strings.Trim(strings.TrimSpace(name), `"`), "_", "-")
	}
	f, err := formatOf(names, ',')
	return f, true, err
}

func formatOf(names []string, separator byte) (Format, error) {
	if len(names) > maxColumns {
		return Format{}, fmt.Errorf("%d fields are more than a flow log can have", len(names))
	}
	f := Format{separator: separator}
	has := [fieldCount]bool{}
	for _, name := range names {
		which := fieldNames[name]
		if which != unused && has[which] {
			return Format{}, fmt.Errorf("the field %s is there twice", name)
		}
		has[which] = true
		f.columns = append(f.columns, which)
	}
	var absent []error
	for _, name := range needed {
		if !has[fieldNames[name]] {
			absent = append(absent, errors.New(name))
		}
	}
	if len(absent) > 0 {
		return Format{}, fmt.Errorf("the log lacks fields that the advice needs: %s", strings.ReplaceAll(errors.Join(absent...).Error(), "\n", ", "))
	}
	return f, nil
}

// needed are the fields without which nothing can be said. Without log-status every line is one of traffic.
var needed = []string{"interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "action", "start", "end"}
