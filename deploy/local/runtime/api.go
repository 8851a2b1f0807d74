package runtime

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// maxPayloadBytes is the most a synchronous answer may have. See
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
const maxPayloadBytes = 6 << 20

// invocation is one event on its way through an instance.
type invocation struct {
	id      string // a UUID, as Lambda's request ids
	payload []byte
	done    chan outcome // holds one
}

// outcome is what the function answered: payload, with err when it failed.
type outcome struct {
	payload []byte
	err     *FunctionError
}

func newInvocation(payload []byte) *invocation {
	return &invocation{id: cloudtrail.NewID(), payload: payload, done: make(chan outcome, 1)}
}

// api is the Runtime API of one instance.
type api struct {
	config Config
	work   chan *invocation

	mu      sync.Mutex
	current *invocation
	initErr *FunctionError
}

func newAPI(config Config) *api {
	return &api{config: config, work: make(chan *invocation)}
}

func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initFailure)
	return mux
}

func (a *api) next(w http.ResponseWriter, r *http.Request) {
	select {
	case inv := <-a.work:
		a.mu.Lock()
		a.current = inv
		a.mu.Unlock()
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(a.config.Timeout).UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", a.config.ARN)
		_, _ = w.Write(inv.payload) // a process that is gone is noticed by its end
	case <-r.Context().Done():
	}
}

func (a *api) response(w http.ResponseWriter, r *http.Request) {
	inv := a.take(w, r)
	if inv == nil {
		return
	}
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayloadBytes))
	if err != nil {
		cause := &FunctionError{Type: "Function.ResponseSizeTooLarge", Message: "Response payload size exceeded maximum allowed payload size (6291556 bytes)."}
		inv.done <- outcome{err: cause}
		refuse(w, http.StatusRequestEntityTooLarge, cause.Type)
		return
	}
	inv.done <- outcome{payload: payload}
	accept(w)
}

func (a *api) failure(w http.ResponseWriter, r *http.Request) {
	inv := a.take(w, r)
	if inv == nil {
		return
	}
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayloadBytes))
	if err != nil {
		payload = []byte("{}")
	}
	inv.done <- outcome{payload: payload, err: functionError(r.Header.Get("Lambda-Runtime-Function-Error-Type"), payload)}
	accept(w)
}

func (a *api) initFailure(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayloadBytes))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidErrorDocument")
		return
	}
	a.mu.Lock()
	a.initErr = functionError(r.Header.Get("Lambda-Runtime-Function-Error-Type"), payload)
	a.mu.Unlock()
	accept(w)
}

func (a *api) initError() *FunctionError {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.initErr
}

// take is the invocation under way, if it is the one the request names; otherwise it refuses the request.
func (a *api) take(w http.ResponseWriter, r *http.Request) *invocation {
	a.mu.Lock()
	inv := a.current
	if inv != nil && inv.id == r.PathValue("id") {
		a.current = nil
		a.mu.Unlock()
		return inv
	}
	a.mu.Unlock()
	refuse(w, http.StatusBadRequest, "InvalidRequestID")
	return nil
}

// functionError reads an error document; kind, from the request's header, stands in for a type that is missing there.
func functionError(kind string, document []byte) *FunctionError {
	cause := FunctionError{}
	if err := json.Unmarshal(document, &cause); err != nil {
		cause.Message = string(document)
	}
	if cause.Type == "" {
		cause.Type = kind
	}
	if cause.Type == "" {
		cause.Type = "Runtime.Unknown"
	}
	return &cause
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(FunctionError{Type: kind, Message: kind})
}
