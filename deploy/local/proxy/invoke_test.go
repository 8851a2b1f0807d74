package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

func TestLambdasInvokeRunsTheFunctionItself(t *testing.T) {
	t.Parallel()
	failed := 0
	var later []string
	p := start(t, proxy.Config{Bus: &events{}, Failed: func(error) { failed++ }, Invoke: func(_ context.Context, function string, payload []byte) (runtime.Result, error) {
		switch function {
		case "sweeper":
			return runtime.Result{Payload: fmt.Appendf(nil, `{"got":%s}`, payload)}, nil
		case "failing":
			return runtime.Result{Payload: []byte(`{"errorType":"E"}`), Error: &runtime.FunctionError{Type: "E"}}, nil
		case "stuck":
			return runtime.Result{}, errors.New("it doesn't answer")
		}
		return runtime.Result{}, fmt.Errorf("invoke %s: %w", function, proxy.ErrNoFunction)
	}, InvokeLater: func(function string, payload []byte) bool {
		later = append(later, function+" "+string(payload))
		return function == "sweeper"
	}})
	tests := []struct {
		name, function, kind, payload string
		status                        int
		body, functionError           string
	}{
		{"by name", "sweeper", "", `{"a":1}`, 200, `{"got":{"a":1}}`, ""},
		{"by ARN, without a payload", "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Asweeper", "RequestResponse", "", 200, `{"got":{}}`, ""},
		{"with a qualifier", "sweeper:$LATEST", "", "1", 200, `{"got":1}`, ""},
		{"one that fails", "failing", "", "", 200, `{"errorType":"E"}`, "Unhandled"},
		{"one that is not there", "other", "", "", 404, `Function not found: other`, ""},
		{"one that can't be asked", "stuck", "", "", 500, `doesn't answer`, ""},
		{"without waiting", "sweeper", "Event", `{"b":2}`, 202, "", ""},
		{"one that is not there, without waiting", "other", "Event", "", 404, `Function not found: other`, ""},
		{"only to try", "sweeper", "DryRun", "", 400, `DryRun`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
				p.URL+"/2015-03-31/functions/"+test.function+"/invocations", strings.NewReader(test.payload))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0")
			request.Header.Set("X-Amz-Invocation-Type", test.kind)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || !strings.Contains(string(body), test.body) || response.Header.Get("X-Amz-Function-Error") != test.functionError {
				t.Errorf("answer %s %v %s", response.Status, response.Header, body)
			}
		})
	}
	if diff := cmp.Diff([]string{`sweeper {"b":2}`, "other {}"}, later); diff != "" {
		t.Errorf("without waiting: %s", diff)
	}
	if failed != 1 {
		t.Errorf("%d failures reported, want that of the function which can't be asked", failed)
	}
}
