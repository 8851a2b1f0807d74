package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrNoFunction is what Config.Invoke answers for a function that isn't there.
var ErrNoFunction = errors.New("there is no such function")

const (
	functionsPath   = "/2015-03-31/functions/"
	invocationsPath = "/invocations"
)

// invokes says whether the call is Lambda's Invoke, for which moto needs Docker.
func (c *call) invokes() bool {
	path := c.request.URL.Path
	return c.service == "lambda" && c.request.Method == http.MethodPost &&
		strings.HasPrefix(path, functionsPath) && strings.HasSuffix(path, invocationsPath)
}

// invoke answers Invoke, which waits for the function or hands it the payload later:
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (p *Proxy) invoke(w http.ResponseWriter, c *call) {
	defer p.config.Bus.Begin()()
	payload := c.body
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	switch kind := c.request.Header.Get("X-Amz-Invocation-Type"); {
	case kind == "" || kind == "RequestResponse":
	case kind == "Event":
		p.invokeLater(w, c.functionName(), payload)
		return
	default:
		lambdaError(w, http.StatusBadRequest, "InvalidParameterValueException", "the local AWS doesn't know the invocation type "+kind)
		return
	}
	result, err := p.config.Invoke(c.request.Context(), c.functionName(), payload)
	switch {
	case errors.Is(err, ErrNoFunction):
		lambdaError(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+c.functionName())
		return
	case err != nil:
		p.config.Failed(fmt.Errorf("invoke %s: %w", c.functionName(), err))
		lambdaError(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if result.Error != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	_, _ = w.Write(result.Payload) // a client that is gone doesn't undo the invocation
}

func (p *Proxy) invokeLater(w http.ResponseWriter, function string, payload []byte) {
	if !p.config.InvokeLater(function, payload) {
		lambdaError(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+function)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// functionName is the function's name, which a call may also give as an ARN or a part of it, and with a qualifier.
func (c *call) functionName() string {
	name := strings.TrimSuffix(strings.TrimPrefix(c.request.URL.Path, functionsPath), invocationsPath)
	if _, after, isARN := strings.Cut(name, "function:"); isARN {
		name = after
	}
	name, _, _ = strings.Cut(name, ":")
	return name
}

func lambdaError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": message}) // as above
}
