package proxy

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// call is a request to an AWS API.
type call struct {
	request   *http.Request
	body      []byte // read only where the request's type says that it is a query or JSON
	service   string // as signed for: ec2, ssm, sns …
	action    string // "" for REST
	form      url.Values
	accessKey string
}

// readCall finds out what a request asks for, and leaves it as if its body hadn't been read.
func readCall(r *http.Request) (*call, error) {
	c := &call{request: r}
	c.accessKey, c.service = credential(r.Header.Get("Authorization"))
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	query := kind == "application/x-www-form-urlencoded"
	_, operation, targeted := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !query && !targeted && c.service != "lambda" {
		return c, nil
	}
	if c.body, err = io.ReadAll(r.Body); err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	if targeted {
		c.action = operation
	} else if query {
		if c.form, err = url.ParseQuery(string(c.body)); err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		c.action = c.form.Get("Action")
	}
	return c, nil
}

// credential reads access key and service from a Signature Version 4 header:
// AWS4-HMAC-SHA256 Credential=AKIA…/20261121/us-east-1/ec2/aws4_request, SignedHeaders=…, Signature=…
func credential(authorization string) (accessKey, service string) {
	_, rest, found := strings.Cut(authorization, "Credential=")
	if !found {
		return "", ""
	}
	scope, _, _ := strings.Cut(rest, ",")
	parts := strings.Split(scope, "/")
	if len(parts) != 5 {
		return "", ""
	}
	return parts[0], parts[3]
}

// deploys says whether the call may change which functions there are or what they are invoked for.
func (c *call) deploys() bool {
	switch c.service {
	case "cloudformation":
		switch c.action {
		case "CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet":
			return true
		}
	case "events":
		switch c.action {
		case "PutRule", "DeleteRule", "EnableRule", "DisableRule", "PutTargets", "RemoveTargets":
			return true
		}
	case "lambda":
		return c.request.Method != http.MethodGet && !c.invokes()
	}
	return false
}
