package standin

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Record is what was called since Forget.
type Record struct {
	Calls       []Call
	Connections int // that were opened
}

// First returns the first call of an action.
func (r Record) First(action string) (Call, bool) {
	at := slices.IndexFunc(r.Calls, func(c Call) bool { return c.Action == action })
	if at < 0 {
		return Call{}, false
	}
	return r.Calls[at], true
}

// Record returns what was called since Forget. It fails where an action had no answer, since a function that is refused
// what it asks for doesn't do its usual work.
func (c *Cloud) Record() (Record, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.unknown) > 0 {
		return Record{}, fmt.Errorf("the stand-in of AWS has no answer for %s: add one to the benchmark's answers", strings.Join(c.unknown, ", "))
	}
	return Record{Calls: slices.Clone(c.calls), Connections: c.connections}, nil
}

// Forget begins a new record, at wave 1. No call may be under way.
func (c *Cloud) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls, c.answered, c.connections, c.unknown = nil, 0, 0, nil
}

func (c *Cloud) serve(w http.ResponseWriter, r *http.Request) {
	wave := c.arrived() + 1
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	action, kind := actionOf(r.Header.Get("X-Amz-Target"), body)
	status, answer := http.StatusOK, []byte(nil)
	make, known := c.options.Answers[action]
	if known {
		answer = make(body)
	} else {
		status = http.StatusBadRequest
	}
	time.Sleep(c.options.Hold)
	c.note(Call{Action: action, Wave: wave, Answered: time.Now()}, known)
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(status)
	_, _ = w.Write(answer) // a client that went away has its own error
}

// actionOf returns the action of a call, and the content type of its answer.
func actionOf(target string, body []byte) (action, contentType string) {
	if _, name, found := strings.Cut(target, "."); found { // AWS JSON, such as AmazonSSM.GetParameters
		return name, "application/x-amz-json-1.1"
	}
	const xml = "text/xml;charset=UTF-8"
	for field := range bytes.SplitSeq(body, []byte("&")) { // the query protocols
		if name, found := bytes.CutPrefix(field, []byte("Action=")); found {
			return string(name), xml
		}
	}
	return "a call without an action", xml
}

func (c *Cloud) arrived() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answered
}

// note is called just before the answer is written: once the client has it, its next call must find the wave counted.
func (c *Cloud) note(call Call, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
	c.answered = max(c.answered, call.Wave)
	if !known {
		c.unknown = append(c.unknown, call.Action)
	}
}
