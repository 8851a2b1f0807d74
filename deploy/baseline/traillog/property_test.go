package traillog

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyFile draws a file of CloudTrail's in all ways that JSON permits.
func anyFile(t *rapid.T) string {
	records := make([]string, rapid.IntRange(0, 5).Draw(t, "records"))
	for i := range records {
		records[i] = anyRecord(t)
	}
	list := "[" + strings.Join(records, ","+space(t)) + space(t) + "]"
	return join(t, anyMember(t, 1), anyString(t, "Records")+space(t)+":"+space(t)+list, anyMember(t, 1))
}

func anyRecord(t *rapid.T) string {
	source := rapid.SampledFrom([]string{"ec2.amazonaws.com", "s3.amazonaws.com", "ec2.amazonaws.com.cn", `a"},{"b`}).Draw(t, "source")
	name := rapid.SampledFrom([]string{"AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "RunInstances", "ModifyManagedPrefixList", `\`}).Draw(t, "name")
	members := []string{
		anyString(t, "eventSource") + space(t) + ":" + space(t) + anyString(t, source),
		anyString(t, "eventName") + ":" + anyString(t, name),
		anyMember(t, 3), anyMember(t, 3),
		anyString(t, "decoy") + ":" + anyString(t, authorize+`\`),
	}
	if rapid.Bool().Draw(t, "twice") {
		members = append(members, anyString(t, "eventName")+":"+anyValue(t, 1))
	}
	return join(t, rapid.Permutation(members).Draw(t, "order")...)
}

func join(t *rapid.T, members ...string) string {
	return space(t) + "{" + space(t) + strings.Join(members, space(t)+",") + space(t) + "}"
}

// anyMember draws a member with a name that often means something elsewhere.
func anyMember(t *rapid.T, depth int) string {
	name := rapid.SampledFrom([]string{"a", "", `"`, `\`, "EventName", "eventTime", "records", "日本", "detail-type"}).Draw(t, "name")
	return anyString(t, name) + space(t) + ":" + space(t) + anyValue(t, depth)
}

func anyValue(t *rapid.T, depth int) string {
	kinds := 4
	if depth > 0 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "false", "0", "-1.5e+3", "12345678901234567890"}).Draw(t, "scalar")
	case 4:
		return "[" + anyValue(t, depth-1) + "," + anyValue(t, depth-1) + space(t) + "]"
	case 5:
		return "{" + anyString(t, "eventName") + ":" + anyValue(t, depth-1) + `,"Records":[` + authorize + "]}"
	case 6:
		return rapid.SampledFrom([]string{"{}", "[]", "[ ]", "{ }"}).Draw(t, "empty")
	}
	return anyString(t, rapid.SampledFrom([]string{"", `\`, `\\`, `"`, `"}]}`, `{"[`, "ü\u2028", "ec2.amazonaws.com", "x"}).Draw(t, "text"))
}

// anyString writes a text with any of its letters escaped.
func anyString(t *rapid.T, text string) string {
	var b strings.Builder
	escape := rapid.IntRange(0, 3).Draw(t, "escape") == 0
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case escape && r < 0x10000 && rapid.Bool().Draw(t, "escaped"):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

func space(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "\r "}).Draw(t, "space")
}

func TestTheScannerNeverMissesWhatAFullDecodeFinds(t *testing.T) {
	t.Parallel()
	found, files := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		file := anyFile(t)
		_, want, ok := decodedCompletely([]byte(file))
		if !ok {
			t.Fatalf("the file is drawn wrongly: %s", file)
		}
		files++
		found += len(want)
		mustAgree(t, file)
	})
	// With -short there are 20 files, and chance may leave a few of them without such a record.
	if found == 0 {
		t.Errorf("only %d records concern us in %d files", found, files)
	}
}
