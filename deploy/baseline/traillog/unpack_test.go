package traillog

import (
	"bytes"
	stdgzip "compress/gzip"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// BenchmarkUnpack compares the two readers of gzip: unpacker uses the faster one.
func BenchmarkUnpack(b *testing.B) {
	var packed bytes.Buffer
	w := stdgzip.NewWriter(&packed)
	file := manyRecords(false, 8<<20)
	if _, err := w.Write(file); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	for name, open := range map[string]func(io.Reader) (io.ReadCloser, error){
		"compress/gzip":  func(r io.Reader) (io.ReadCloser, error) { return stdgzip.NewReader(r) },
		"klauspost/gzip": func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				r, err := open(bytes.NewReader(packed.Bytes()))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
