package host

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// deadline of every invocation: the longest that Lambda allows (Lambda Developer Guide, "Lambda quotas").
const deadline = 15 * time.Minute

const requestID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd" // one at a time, so one is enough

// handler is the Runtime API (Lambda Developer Guide, "Using the Lambda runtime API").
func (h *Host) handler() http.Handler {
	const version = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+version+"invocation/next", h.next)
	mux.HandleFunc("POST "+version+"invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, "") })
	mux.HandleFunc("POST "+version+"invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, "error") })
	mux.HandleFunc("POST "+version+"init/error", func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, "error at init") })
	return mux
}

func (h *Host) next(w http.ResponseWriter, r *http.Request) {
	h.idle <- h.moment()
	select {
	case event := <-h.work:
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Content-Length", strconv.Itoa(len(event)))
		header.Set("Lambda-Runtime-Aws-Request-Id", requestID)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(deadline).UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:bench")
		h.handed <- h.moment()
		_, _ = w.Write(event) // a process that is gone is noticed by its end
	case <-r.Context().Done():
	}
}

func (h *Host) answer(w http.ResponseWriter, r *http.Request, failure string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		failure = "the answer can't be read: " + err.Error()
	}
	h.answers <- answer{h.moment(), body, failure}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusAccepted)
}

// moment is now. The processor time is zero where the process is gone, which is noticed by its end.
func (h *Host) moment() Moment {
	now := time.Now()
	used, _ := cpuTime(h.process.Pid())
	return Moment{At: now, CPU: used}
}
