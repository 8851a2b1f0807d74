package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

type credentials struct{ id, secret, token string }

// sign returns the headers of a POST to / with a signature (IAM User Guide, "Create a signed AWS API request").
func (c credentials) sign(now time.Time, region, service, host string, header [][2]string, body string) [][2]string {
	at := now.UTC().Format("20060102T150405Z")
	day := at[:8]
	header = append(header, [2]string{"x-amz-date", at}, [2]string{"x-amz-security-token", c.token})
	signed := append(slices.Clone(header), [2]string{"host", host})
	slices.SortFunc(signed, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	var canonical strings.Builder
	var names []string
	canonical.WriteString("POST\n/\n\n")
	for _, field := range signed {
		canonical.WriteString(field[0] + ":" + field[1] + "\n")
		names = append(names, field[0])
	}
	list := strings.Join(names, ";")
	canonical.WriteString("\n" + list + "\n" + digest(body))
	scope := day + "/" + region + "/" + service + "/aws4_request"
	key := []byte("AWS4" + c.secret)
	for _, part := range []string{day, region, service, "aws4_request", "AWS4-HMAC-SHA256\n" + at + "\n" + scope + "\n" + digest(canonical.String())} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return append(header, [2]string{"authorization", "AWS4-HMAC-SHA256 Credential=" + c.id + "/" + scope + ", SignedHeaders=" + list + ", Signature=" + hex.EncodeToString(key)})
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
