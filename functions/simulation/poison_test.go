package simulation

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// The texts that are no baseline, and yet are where a baseline should be.

// brokenTexts are what people write by mistake.
func brokenTexts(group string) []string {
	return []string{
		"{", "soon", `{"schema": 1, "groupId": "` + naive.PartnerGroup + `", "ingress": [], "egress": []}`,
		`{"schema": 1, "groupId": "` + group + `", "ingres": []}`,
		`{"schema": 1, "groupId": "` + group + `"}`, // neither of the lists
		`{"schema": 1, "groupId": "` + group + `", "egress": [], "exceptions": [{"direction": "ingress", "protocol": "tcp", "ports": "22",
			"sources": ["10.0.0.0/8"], "expires": "2030-01-01T00:00:00Z", "reason": "its direction is not guarded"}]}`,
	}
}

// poisons are what somebody writes who wants the functions to choke. All of them
// fit an advanced parameter of 8 KB.
var poisons = sync.OnceValue(func() []string {
	const megabyte = 1 << 20
	nested := func(depth int) string { return `{"schema": 1, "ingress": ` + strings.Repeat("[", depth) }
	return []string{
		strings.Repeat(" ", 8<<10),
		nested(8000),
		pack(strings.Repeat(" ", megabyte)),
		pack(strings.Repeat(" ", 3*megabyte)),
		pack(nested(megabyte / 2)),
		pack(fmt.Sprintf(`{"schema": 1, %q: []}`, strings.Repeat("egress", megabyte/8))),
		pack(fmt.Sprintf(`{"schema": 1, "groupId": %q, "ingress": [], "egress": []}`, strings.Repeat("sg-", megabyte/4))),
		pack(`{"schema": 1, "ingress": [` + strings.Repeat(`{"protocol":"udp?"},`, 5000) + `{}], "egress": []}`),
		`{"schema": 1, "encoding": "gzip+base64", "sha256": "` + strings.Repeat("00", sha256.Size) + `", "parts": 340}`,
	}
})

// pack writes a text as the store keeps a large document: compressed, in base64,
// under its checksum.
func pack(text string) string {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	sum := sha256.Sum256([]byte(text))
	return mustEncode(map[string]any{
		"schema": 1, "encoding": "gzip+base64", "sha256": hex.EncodeToString(sum[:]), "parts": 0,
		"data": base64.StdEncoding.EncodeToString(compressed.Bytes()),
	})
}

// ciphertext is what Parameter Store gives instead of a SecureString that is not
// decrypted.
func ciphertext(of string) string {
	sum := sha256.Sum256([]byte(of))
	return "AQICAH" + base64.StdEncoding.EncodeToString(sum[:])
}
