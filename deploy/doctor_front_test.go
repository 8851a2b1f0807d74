package deploy_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// front stands before the local AWS and answers the calls of the doctor that moto does not
// know: the simulation of policies, the mapping that the local AWS makes up itself, and a
// subscription that is not confirmed.
type front struct {
	*httptest.Server
	mailTopic string
	broken    atomic.Bool // the sweeper is denied a call, and the mail topic's subscription waits
}

func newFront(t *testing.T, endpoint, mailTopic string) *front {
	t.Helper()
	at, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{mailTopic: mailTopic}
	behind := httputil.NewSingleHostReverseProxy(at)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer := f.answer(r); answer != "" {
			_, _ = io.WriteString(w, answer) // a client that went away has its own error
			return
		}
		behind.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// answer returns nothing for what the local AWS knows.
func (f *front) answer(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, "/2015-03-31/event-source-mappings") {
		return `{"EventSourceMappings": [{"UUID": "1", "State": "Enabled"}]}`
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, formErr := url.ParseQuery(string(body))
	switch {
	case err != nil, formErr != nil:
		return ""
	case form.Get("Action") == "SimulatePrincipalPolicy":
		return f.simulated(form)
	case form.Get("Action") == "ListSubscriptionsByTopic" && form.Get("TopicArn") == f.mailTopic && f.broken.Load():
		return `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member>
			<SubscriptionArn>PendingConfirmation</SubscriptionArn><Endpoint>ana@example.com</Endpoint>
			</member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`
	}
	return ""
}

// simulated permits all, but for one call while something is broken.
func (f *front) simulated(form url.Values) string {
	var results strings.Builder
	for n := 1; form.Has(fmt.Sprintf("ActionNames.member.%d", n)); n++ {
		action, decision := form.Get(fmt.Sprintf("ActionNames.member.%d", n)), "allowed"
		if f.broken.Load() && action == "sns:GetTopicAttributes" {
			decision = "implicitDeny"
		}
		fmt.Fprintf(&results, "<member><EvalActionName>%s</EvalActionName><EvalDecision>%s</EvalDecision></member>", action, decision)
	}
	return "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>" +
		results.String() + "</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
}
