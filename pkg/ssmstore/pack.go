package ssmstore

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	maxParameter = 4096 // bytes of a standard parameter
	maxDocument  = 1 << 20
	encoding     = "gzip+base64"
)

// head is what the group's parameter holds instead of a large document.
type head struct {
	Schema   int    `json:"schema"`
	Encoding string `json:"encoding"`
	SHA256   string `json:"sha256"`         // of the document, in hexadecimal
	Parts    int    `json:"parts"`          // 0 where Data has it all
	Data     string `json:"data,omitempty"` // compressed, in base64
}

// Storable writes JSON so that SSM takes it. SSM refuses a value with {{…}}, which
// would refer to another parameter (SSM API reference, PutParameter), and a
// description may have braces (EC2 API reference, IpRange.Description). In JSON two
// opening braces stand side by side only inside a string.
func Storable(document []byte) []byte {
	return bytes.ReplaceAll(document, []byte("{{"), []byte(`{\u007b`))
}

// pack returns the value of the group's parameter and of the parts, if any.
func pack(document []byte) (value string, parts []string, err error) {
	if len(document) <= maxParameter {
		return string(document), nil, nil
	}
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return "", nil, err
	}
	if _, err = w.Write(document); err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", nil, fmt.Errorf("compress: %w", err)
	}
	sum := sha256.Sum256(document)
	h := head{Schema: 1, Encoding: encoding, SHA256: hex.EncodeToString(sum[:]), Data: base64.StdEncoding.EncodeToString(compressed.Bytes())}
	if value = h.String(); len(value) <= maxParameter {
		return value, nil, nil
	}
	for data := h.Data; data != ""; {
		n := min(maxParameter, len(data))
		parts, data = append(parts, data[:n]), data[n:]
	}
	h.Data, h.Parts = "", len(parts)
	return h.String(), parts, nil
}

func (h head) String() string {
	text, err := json.Marshal(h)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return string(text)
}

// headOf reads the value of a group's parameter; ok is false for a document that
// is kept as it is, broken ones included.
func headOf(value []byte) (h head, ok bool) {
	if !bytes.Contains(value, []byte(`"`+encoding+`"`)) {
		return h, false
	}
	err := json.Unmarshal(value, &h)
	return h, err == nil && h.Encoding == encoding && len(h.SHA256) == 2*sha256.Size && h.Parts >= 0 && h.Parts <= maxParts
}

// maxParts hold a document of the greatest size that doesn't compress at all.
const maxParts = maxDocument/maxParameter*4/3 + 2

// unpack returns the document of compressed data in base64.
func (h head) unpack(data string) ([]byte, error) {
	compressed, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil, fmt.Errorf("decode base64: %w", err)
	}
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	document, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if sum := sha256.Sum256(document); hex.EncodeToString(sum[:]) != h.SHA256 {
		return nil, errors.New("the checksum is wrong")
	}
	return document, nil
}
