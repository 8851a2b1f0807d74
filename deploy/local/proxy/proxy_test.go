package proxy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

const account = "123456789012"

func TestMain(m *testing.M) { os.Exit(localtest.RunWithoutLeaks(m)) }

func TestRequestsAndAnswersPassUnchanged(t *testing.T) {
	t.Parallel()
	type seen struct {
		Method, URI, Host, Body string
		Header                  http.Header
	}
	var got seen
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.RequestURI, r.Host, string(body), r.Header.Clone()}
		w.Header().Set("X-Answer", "kept")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "<html>short and stout</html>")
	}))
	t.Cleanup(backend.Close)
	// What the proxy makes of the backend's odd answers is not the question here.
	p := start(t, proxy.Config{Moto: backend.URL, Bus: &events{}, Failed: func(error) {}})
	tests := []struct{ name, method, uri, service, kind, target, body string }{
		{"a describe", "POST", "/", "ec2", "application/x-www-form-urlencoded; charset=utf-8", "", "Action=DescribeVpcs&Version=2016-11-15"},
		{"a write to a group", "POST", "/", "ec2", "application/x-www-form-urlencoded", "", "Action=CreateSecurityGroup&GroupName=a%20b"},
		{"a parameter", "POST", "/", "ssm", "application/x-amz-json-1.1", "AmazonSSM.LabelParameterVersion", `{"Name":"/a"}`},
		{"a message", "POST", "/", "sns", "application/x-www-form-urlencoded", "", "Action=Publish&Message=m"},
		{"an upload", "PUT", "/bucket/a%2Fb?partNumber=1&uploadId=x%20y", "s3", "binary/octet-stream", "", "\x00\x01"},
		{"a function", "GET", "/2015-03-31/functions/", "lambda", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, p.URL+test.uri, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			authorization := "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/" + test.service + "/aws4_request, SignedHeaders=host, Signature=0"
			request.Host = test.service + ".example.com"
			request.Header.Set("Authorization", authorization)
			request.Header.Set("User-Agent", "test")
			request.Header.Set("Accept-Encoding", "identity")
			if test.kind != "" {
				request.Header.Set("Content-Type", test.kind)
			}
			if test.target != "" {
				request.Header.Set("X-Amz-Target", test.target)
			}
			want := seen{test.method, test.uri, request.Host, test.body, request.Header.Clone()}
			if test.body != "" {
				want.Header.Set("Content-Length", fmt.Sprint(len(test.body)))
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if response.StatusCode != http.StatusTeapot || response.Header.Get("X-Answer") != "kept" || string(body) != "<html>short and stout</html>" {
				t.Errorf("answer %s %v %s", response.Status, response.Header, body)
			}
		})
	}
}

func TestTheHookRunsAfterDeploymentsAndOnlyThen(t *testing.T) {
	t.Parallel()
	deployed := 0
	p := start(t, proxy.Config{Bus: &events{}, Deployed: func(context.Context) { deployed++ }})
	client := eventbridge.NewFromConfig(p.Client(awsconfig.Keys))
	if _, err := client.ListRules(t.Context(), &eventbridge.ListRulesInput{}); err != nil {
		t.Fatal(err)
	}
	if deployed != 0 {
		t.Errorf("the hook ran after ListRules")
	}
	if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{
		Name: aws.String("hook"), EventPattern: aws.String(`{"source":["aws.ec2"]}`),
	}); err != nil {
		t.Fatal(err)
	}
	if deployed != 1 {
		t.Errorf("the hook ran %d times after PutRule", deployed)
	}
}

func TestAnEndpointWhoseMotoIsGoneAnswersAndReports(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var errs []error
	p := start(t, proxy.Config{Moto: "http://127.0.0.1:1", Bus: &events{}, Failed: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}})
	for _, body := range []string{"Action=Publish", "Action=ListTopics"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/sns/aws4_request, Signature=0")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusBadGateway {
			t.Errorf("%s: %s", body, response.Status)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(errs) != 2 {
		t.Errorf("reported %v", errs)
	}
}

func TestNothingListensAfterClose(t *testing.T) {
	t.Parallel()
	p := start(t, proxy.Config{Bus: &events{}})
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://")); err == nil {
		_ = conn.Close()
		t.Error("the port still answers")
	}
}

func start(t *testing.T, config proxy.Config) *proxy.Proxy {
	t.Helper()
	if config.Moto == "" {
		config.Moto = localtest.SharedMoto(t)
	}
	if config.Failed == nil {
		config.Failed = func(err error) { t.Error(err) }
	}
	if config.Published == nil {
		config.Published = func(proxy.Publication) {}
	}
	if config.Deployed == nil {
		config.Deployed = func(context.Context) {}
	}
	config.Account = account
	p, err := proxy.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// events is a bus that keeps what is put on it.
type events struct {
	mu      sync.Mutex
	pending sync.WaitGroup
	got     []json.RawMessage
}

func (e *events) Begin() func() {
	e.pending.Add(1)
	return e.pending.Done
}

func (e *events) Put(event json.RawMessage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.got = append(e.got, event)
}

// take returns the events of all calls answered so far, and forgets them.
func (e *events) take(t *testing.T) []message {
	t.Helper()
	e.pending.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []message
	for _, event := range e.got {
		var m message
		if err := json.Unmarshal(event, &m); err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	e.got = nil
	return list
}

// message is what the tests look at in an event.
type message struct {
	Source     string
	DetailType string `json:"detail-type"`
	Account    string
	Region     string
	Detail     struct {
		EventName       string
		EventID         string
		SourceIPAddress string
		ErrorCode       string
		UserIdentity    struct {
			Type, ARN, UserName, AccessKeyID string
			SessionContext                   struct{ SessionIssuer struct{ ARN string } }
		}
		RequestParameters map[string]any
		ResponseElements  struct {
			RequestID            string
			GroupID              string
			SecurityGroupRuleSet struct{ Items []ruleItem }
			RevokedRules         struct{ Items []ruleItem } `json:"revokedSecurityGroupRuleSet"`
		}
		Operation, Name, Type string
	}
}

type ruleItem struct {
	SecurityGroupRuleID string
	GroupID             string
	FromPort            int
	CidrIpv4            string
}
