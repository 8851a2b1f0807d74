package integration

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// poisons are parameters of at most 4 KB that unpack to a megabyte.
func poisons(t *testing.T, groupID string) map[string]string {
	head := fmt.Sprintf(`{"schema":1,"groupId":%q,"ingress":[`, groupID)
	fill := func(unit, tail string) string {
		return packed(t, head+strings.Repeat(unit, (1<<20-len(head)-len(tail)-8)/len(unit))+tail)
	}
	return map[string]string{
		"numbers":        fill("0,", "0]}"),
		"empty objects":  fill("{},", "{}]}"),
		"lists in lists": fill("[", ""),
		"one string":     fill("x", ""),
		"unknown fields": packed(t, "{"+strings.Repeat(`"a":1,`, 170_000)+`"b":1}`),
	}
}

// packed is what a group's parameter holds instead of a large document.
func packed(t *testing.T, document string) string {
	t.Helper()
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(document)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	value := fmt.Sprintf(`{"schema":1,"encoding":"gzip+base64","sha256":"%x","parts":0,"data":%q}`, sha256.Sum256([]byte(document)), base64.StdEncoding.EncodeToString(compressed.Bytes()))
	if len(value) > 4096 {
		t.Fatalf("the poison takes %d bytes", len(value))
	}
	return value
}

const goodDocument = `{"schema":1,"groupId":"sg-0000000000000000f","ingress":[]}`

func TestAPoisonedBaselineFitsTheRemediatorsMemoryAndIsReported(t *testing.T) {
	t.Parallel()
	const groupID = "sg-0a1b2c3d4e5f60718"
	for name, poison := range poisons(t, groupID) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &ward{groups: []string{groupID}, parameters: map[string]string{prefix + "/groups/" + groupID: poison}}
			result, peak := invokeWatched(t, "remediator", w.start(t), authorizeEvent(groupID))
			var reported struct{ Kind, Severity string }
			if err := json.Unmarshal(result.Payload, &reported); err != nil || result.Error != nil || reported.Kind != "baseline-error" || reported.Severity != "critical" {
				t.Errorf("got %s, %v", result.Payload, result.Error)
			}
			if len(w.revoked) != 0 || w.published != 1 {
				t.Errorf("revoked %v, published %d", w.revoked, w.published)
			}
			t.Logf("peak %d MB", peak>>20)
			if peak == 0 || peak > functionMemory {
				t.Errorf("peak %d MB of %d", peak>>20, functionMemory>>20)
			}
		})
	}
}

func authorizeEvent(groupID string) []byte {
	return []byte(fmt.Sprintf(`{"detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","detail":{"eventSource":"ec2.amazonaws.com",
		"eventName":"AuthorizeSecurityGroupIngress","eventID":"e-1","eventTime":"2026-11-25T12:00:00Z","requestParameters":{"groupId":%q}}}`, groupID))
}

// Among many poisoned baselines and records, one group's good baseline is kept.
func TestPoisonedParametersFitTheSweepersMemoryAndKeepNoGroupFromBeingSwept(t *testing.T) {
	t.Parallel()
	const good = "sg-0000000000000000f"
	w := &ward{groups: []string{good}, parameters: map[string]string{prefix + "/groups/" + good: goodDocument}}
	for n := range 6 {
		groupID := fmt.Sprintf("sg-%017x", n)
		w.groups = append(w.groups, groupID)
		for name, poison := range poisons(t, groupID) {
			w.parameters[fmt.Sprintf("%s/unreported/%s/%s", prefix, groupID, strings.ReplaceAll(name, " ", "-"))] = poison
			w.parameters[prefix+"/groups/"+groupID] = poison // any of them
		}
	}
	result, peak := invokeWatched(t, "sweeper", w.start(t), []byte(`{}`))
	// The records are nothing that a sweep could deal with, and say so.
	if result.Error == nil || !strings.Contains(result.Error.Message, "holds no alert, look at it and delete it") {
		t.Errorf("got %s, %v", result.Payload, result.Error)
	}
	if diff := cmp.Diff([]string{good}, w.revoked); diff != "" {
		t.Errorf("revoked: %s", diff)
	}
	if w.published != 7 {
		t.Errorf("%d alerts, want one for each of six broken baselines and one of the good", w.published)
	}
	t.Logf("peak %d MB", peak>>20)
	if peak == 0 || peak > functionMemory {
		t.Errorf("peak %d MB of %d", peak>>20, functionMemory>>20)
	}
}
