package moto

import (
	"io"
	"sync"
)

const tailBytes = 8 << 10

// output keeps the end of what a process printed, for errors, and passes everything on.
type output struct {
	mu      sync.Mutex
	tail    []byte
	forward io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tail = append(o.tail, p...)
	if excess := len(o.tail) - tailBytes; excess > 0 {
		o.tail = append(o.tail[:0], o.tail[excess:]...)
	}
	if o.forward == nil {
		return len(p), nil
	}
	return o.forward.Write(p)
}

// Tail is the last few kilobytes printed.
func (o *output) Tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.tail)
}
