package proxy

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
)

// call is a request to an AWS API.
type call struct {
	request                    *http.Request
	body                       []byte
	accessKey, region, service string     // as signed for: ec2, ssm, sns …; "" for a request that isn't signed
	action                     string     // "" for REST
	form                       url.Values // of a query
}

func readCall(r *http.Request) (*call, error) {
	c := &call{request: r}
	c.accessKey, c.region, c.service = credential(r.Header.Get("Authorization"))
	var err error
	if c.body, err = io.ReadAll(r.Body); err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	if _, operation, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), "."); isJSON {
		c.action = operation
	} else if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		if c.form, err = url.ParseQuery(string(c.body)); err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		c.action = c.form.Get("Action")
	}
	return c, nil
}

// credential reads access key, region and service from a Signature Version 4 header:
// AWS4-HMAC-SHA256 Credential=AKIA…/20261121/us-east-1/ec2/aws4_request, SignedHeaders=…, Signature=…
func credential(authorization string) (accessKey, region, service string) {
	_, rest, _ := strings.Cut(authorization, "Credential=")
	scope, _, _ := strings.Cut(rest, ",")
	if parts := strings.Split(scope, "/"); len(parts) == 5 {
		return parts[0], parts[2], parts[3]
	}
	return "", awsconfig.Region, ""
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
