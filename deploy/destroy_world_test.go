package deploy_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/moto"
)

// meddled is moto behind an endpoint that plays what moto's CloudFormation cannot: stacks that are busy, stuck or
// protected.
type meddled struct {
	moto *moto.Server
	url  string

	mu       sync.Mutex
	status   string // what DescribeStacks says instead of CREATE_COMPLETE
	deletion string // what DeleteStack does: "" delete, "none" nothing, anything else a refusal with that in it
}

func startMeddled(t *testing.T) *meddled {
	t.Helper()
	server := localtest.Moto(t)
	w := &meddled{moto: server}
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(w.handler(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(answer *http.Response) error {
			if strings.Contains(answer.Request.Header.Get("Meddle"), "Action=DescribeStacks&") {
				return w.rewrite(answer)
			}
			return nil
		},
	}))
	w.url = front.URL
	t.Cleanup(front.Close)
	return w
}

func (w *meddled) meddle(status, deletion string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status, w.deletion = status, deletion
}

func (w *meddled) handler(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.Header.Del("Meddle")
		if r.Header.Get("Content-Type") != "" && len(body) < 2000 {
			r.Header.Set("Meddle", strings.ReplaceAll(string(body), "\n", ""))
		}
		w.mu.Lock()
		status, deletion := w.status, w.deletion
		w.mu.Unlock()
		text := string(body)
		switch {
		case strings.Contains(text, "Action=DeleteStack&") && deletion == "none":
			_, _ = io.WriteString(answer, `<DeleteStackResponse><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DeleteStackResponse>`)
		case strings.Contains(text, "Action=DeleteStack&") && deletion != "":
			answer.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(answer, `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack cannot be deleted while `+deletion+` is enabled</Message></Error></ErrorResponse>`)
		case status == "DELETE_FAILED" && strings.Contains(text, "Action=DescribeStackEvents&"):
			_, _ = io.WriteString(answer, failedEvents)
		case status == "DELETE_FAILED" && strings.Contains(text, "Action=ListStackResources&"):
			_, _ = io.WriteString(answer, failedResources)
		default:
			forward.ServeHTTP(answer, r)
		}
	})
}

// rewrite puts another status into what DescribeStacks answers.
func (w *meddled) rewrite(answer *http.Response) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status != "" {
		body = bytes.ReplaceAll(body, []byte("CREATE_COMPLETE"), []byte(w.status))
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// The newest event comes first, as CloudFormation's do.
const failedEvents = `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>
  <member><LogicalResourceId>stuck</LogicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType><ResourceStatus>DELETE_FAILED</ResourceStatus><ResourceStatusReason>The following resource(s) failed to delete: [CanaryGroup].</ResourceStatusReason></member>
  <member><LogicalResourceId>CanaryGroup</LogicalResourceId><ResourceType>AWS::EC2::SecurityGroup</ResourceType><ResourceStatus>DELETE_FAILED</ResourceStatus><ResourceStatusReason>resource sg-1 has a dependent object</ResourceStatusReason></member>
</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>`

const failedResources = `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>
  <member><LogicalResourceId>CanaryGroup</LogicalResourceId><ResourceType>AWS::EC2::SecurityGroup</ResourceType><ResourceStatus>DELETE_FAILED</ResourceStatus></member>
  <member><LogicalResourceId>AlertTopic</LogicalResourceId><ResourceType>AWS::SNS::Topic</ResourceType><ResourceStatus>DELETE_COMPLETE</ResourceStatus></member>
</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`
