package proxy

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// The most bytes that a template may have in a request and in S3. Source: AWS CloudFormation User Guide, "Understand
// CloudFormation quotas": 51,200 bytes and 1 MB, which cfn-lint takes for 1,000,000 bytes.
const (
	maxTemplateBody   = 51_200
	maxTemplateObject = 1_000_000
)

// errTemplate says what CloudFormation would not like about a call's template, in its words.
type errTemplate string

func (e errTemplate) Error() string { return string(e) }

// adaptTemplate lets Config.Template adapt the template that a CloudFormation call brings along. A template that the call
// only names, by its URL in S3, is fetched and sent along instead. The error is an errTemplate where the call is at fault.
func (p *Proxy) adaptTemplate(c *call) error {
	form := maps.Clone(c.form)
	if address := form.Get("TemplateURL"); address != "" {
		text, err := p.templateAt(c, address)
		if err != nil {
			return err
		}
		form.Del("TemplateURL")
		form.Set("TemplateBody", text)
	} else if len(form.Get("TemplateBody")) > maxTemplateBody {
		return errTemplate(fmt.Sprintf("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", maxTemplateBody))
	}
	if form.Get("TemplateBody") != "" {
		c.body = []byte(p.config.Template(form).Encode())
	}
	return nil
}

// templateAt reads a template from moto's S3 with the caller's key, as CloudFormation does.
func (p *Proxy) templateAt(c *call, address string) (string, error) {
	path, ok := objectPath(address)
	if !ok {
		return "", errTemplate("TemplateURL must be a supported URL.")
	}
	request, err := http.NewRequestWithContext(c.request.Context(), http.MethodGet, p.moto.Scheme+"://"+p.moto.Host+path, nil)
	if err != nil {
		return "", fmt.Errorf("read template %s: %w", address, err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.accessKey+"/20260101/"+region(c)+"/s3/aws4_request, SignedHeaders=host, Signature=0")
	response, err := p.client.RoundTrip(request)
	if err != nil {
		return "", fmt.Errorf("read template %s: %w", address, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return "", fmt.Errorf("read template %s: %w", address, err)
	case response.StatusCode != http.StatusOK:
		return "", errTemplate("S3 error: " + s3Message(text))
	case len(text) > maxTemplateObject:
		return "", errTemplate(fmt.Sprintf("Template may not exceed %d bytes in size.", maxTemplateObject))
	}
	return string(text), nil
}

// objectPath returns /BUCKET/KEY of an object's URL, which may name the bucket in its path
// (https://s3.REGION.amazonaws.com/BUCKET/KEY) or in its host (https://BUCKET.s3.REGION.amazonaws.com/KEY).
func objectPath(address string) (path string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return "", false
	}
	host, isAWS := strings.CutSuffix(strings.TrimSuffix(u.Host, ".cn"), ".amazonaws.com")
	if !isAWS {
		return "", false
	}
	if host == "s3" || strings.HasPrefix(host, "s3.") {
		return u.EscapedPath(), true
	}
	end := strings.LastIndex(host+".", ".s3.") // the last one: a bucket may be called my.s3.bucket
	if end < 0 {
		return "", false
	}
	return "/" + host[:end] + u.EscapedPath(), true
}

func s3Message(body []byte) string {
	var answer struct{ Message string }
	if err := xml.Unmarshal(body, &answer); err != nil {
		return "Internal Error"
	}
	return answer.Message
}

// templateError answers a CloudFormation call whose template is not to be had.
func (p *Proxy) templateError(w http.ResponseWriter, c *call, err error) {
	var fault errTemplate
	if !errors.As(err, &fault) {
		p.config.Failed(fmt.Errorf("pass on %s %s: %w", c.service, c.action, err))
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	type detail struct{ Type, Code, Message string }
	answer := struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Error   detail
		ID      string `xml:"RequestId"`
	}{Error: detail{"Sender", "ValidationError", fault.Error()}, ID: p.config.NewID()}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusBadRequest)
	_ = xml.NewEncoder(w).Encode(answer) // a client that is gone doesn't need it
}
