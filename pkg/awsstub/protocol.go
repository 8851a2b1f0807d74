package awsstub

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Request is one call as it reached the stub.
type Request struct {
	Action string
	Form   url.Values     // the parameters of EC2 and SNS, such as SecurityGroupRuleId.1; without Action and Version
	JSON   map[string]any // the parameters of SSM
	Region string         // for which the call is signed; empty where it is not signed
	// Wave counts sequential round trips: 1 + the highest wave among the calls
	// that had been answered (or dropped) before this one arrived.
	Wave int
}

// regionOf reads the credential scope of a signature: KEY/DATE/REGION/SERVICE/aws4_request
// (IAM User Guide, "Elements of an AWS API request signature").
func regionOf(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if parts := strings.Split(scope, "/"); len(parts) > 2 {
		return parts[2]
	}
	return ""
}

// List returns the values of a list parameter: prefix.1, prefix.2 and so on.
func (r Request) List(prefix string) []string {
	var values []string
	for i := 1; r.Form.Has(fmt.Sprintf("%s.%d", prefix, i)); i++ {
		values = append(values, r.Form.Get(fmt.Sprintf("%s.%d", prefix, i)))
	}
	return values
}

// Error is an API error. Status is the HTTP status, 400 if it is 0. Without a
// Code it is a bare HTTP error, as a load balancer between would answer.
type Error struct {
	Code    string
	Message string
	Status  int
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// protocol is how a service writes its answers.
type protocol int

const (
	ec2Query protocol = iota // XML: <ActionResponse>
	awsQuery                 // XML: <ActionResponse><ActionResult>; SNS, STS and IAM
	awsJSON                  // JSON 1.1; SSM
)

// queryVersions are the API versions of the services that speak awsQuery: SNS, STS and IAM.
var queryVersions = []string{"2010-03-31", "2011-06-15", "2010-05-08"}

func decode(r *http.Request) (Request, protocol, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Request{}, 0, fmt.Errorf("read the request: %w", err)
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		call := Request{Region: regionOf(r), Action: target[strings.LastIndex(target, ".")+1:]}
		err := json.Unmarshal(body, &call.JSON)
		return call, awsJSON, err
	}
	form, err := url.ParseQuery(string(body))
	call := Request{Region: regionOf(r), Action: form.Get("Action"), Form: form}
	p := ec2Query
	if slices.Contains(queryVersions, form.Get("Version")) {
		p = awsQuery
	}
	form.Del("Action")
	form.Del("Version")
	return call, p, err
}

func (p protocol) encode(action string, answer any) (status int, body []byte) {
	var err error
	switch {
	case p == awsJSON && answer == nil:
		body = []byte("{}")
	case p == awsJSON:
		body, err = json.Marshal(answer)
	case p == awsQuery:
		body, err = element(action+"Response", result{action + "Result", answer})
	default:
		body, err = element(action+"Response", answer)
	}
	if err != nil {
		return p.encodeError(fmt.Errorf("encode the answer to %s: %w", action, err))
	}
	return http.StatusOK, body
}

func element(name string, content any) ([]byte, error) {
	if content == nil {
		content = struct{}{}
	}
	var b bytes.Buffer
	err := xml.NewEncoder(&b).EncodeElement(content, xml.StartElement{Name: xml.Name{Local: name}})
	return b.Bytes(), err
}

// result puts an answer of the AWS query protocol into its inner element.
type result struct {
	name    string
	content any
}

// MarshalXML writes the outer element, which EncodeElement names.
func (r result) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	inner, err := element(r.name, r.content)
	if err != nil {
		return err
	}
	return e.EncodeElement(struct {
		Inner []byte `xml:",innerxml"`
	}{inner}, start)
}

func (p protocol) encodeError(err error) (status int, body []byte) {
	var api *Error
	if !errors.As(err, &api) {
		api = &Error{Code: "InternalError", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	if status = api.Status; status == 0 {
		status = http.StatusBadRequest
	}
	if api.Code == "" {
		return status, []byte(http.StatusText(status))
	}
	if p == awsJSON {
		body, err = json.Marshal(map[string]string{"__type": api.Code, "message": api.Message})
	} else if p == awsQuery {
		body, err = element("ErrorResponse", queryError{Error: api})
	} else {
		body, err = element("Response", ec2Error{Errors: []*Error{api}})
	}
	if err != nil {
		panic(err) // strings always marshal
	}
	return status, body
}

type queryError struct{ Error *Error }

type ec2Error struct {
	Errors []*Error `xml:"Errors>Error"`
}

func (p protocol) write(w http.ResponseWriter, status int, body []byte) {
	contentType := "text/xml;charset=UTF-8"
	if p == awsJSON {
		contentType = "application/x-amz-json-1.1"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away has its own error
}
