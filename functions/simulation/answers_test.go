package simulation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// apiError is an error that a service answers. Without a code it is a bare HTTP
// error, as a load balancer between would answer.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func apiErrorf(status int, code, format string, args ...any) *apiError {
	return &apiError{status, code, fmt.Sprintf(format, args...)}
}

// answer is what goes back over the wire, or the error of a connection that was
// dropped.
type answer struct {
	status  int
	code    string // of an error
	body    string
	dropped error
	// received notes what the function now knows; it runs when the answer has
	// reached it.
	received func()
}

func (a answer) response(r *http.Request) (*http.Response, error) {
	if a.dropped != nil {
		return nil, a.dropped
	}
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(a.body))), ContentLength: int64(len(a.body)), Request: r,
	}, nil
}

// refuse writes an error as the service does.
func (c *call) refuse(err *apiError) answer {
	body := ""
	switch {
	case err.code == "":
		body = "<html>" + http.StatusText(err.status) + "</html>"
	case c.service == "ssm":
		body = mustEncode(map[string]string{"__type": err.code, "message": err.message})
	case c.service == "sns":
		body = fmt.Sprintf("<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", err.code, escape(err.message))
	default:
		body = fmt.Sprintf("<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors></Response>", err.code, escape(err.message))
	}
	return answer{status: err.status, code: err.code, body: body}
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace

// ec2Answer writes the XML of an EC2 answer (EC2 API reference, the "Response
// Elements" of each action).
func (c *call) ec2Answer(content string) answer {
	return answer{status: http.StatusOK, body: fmt.Sprintf("<%[1]sResponse>%s</%[1]sResponse>", c.action, content)}
}

func ruleItem(group string, o owned) string {
	r := naive.Universe[o.rule]
	peer := fmt.Sprintf([]string{
		"<cidrIpv4>%s</cidrIpv4>", "<cidrIpv6>%s</cidrIpv6>",
		"<referencedGroupInfo><groupId>%s</groupId><userId>" + account + "</userId></referencedGroupInfo>", "<prefixListId>%s</prefixListId>",
	}[r.PeerKind()], r.Peer)
	return fmt.Sprintf("<item><securityGroupRuleId>%s</securityGroupRuleId><groupId>%s</groupId><groupOwnerId>%s</groupOwnerId>"+
		"<isEgress>%t</isEgress><ipProtocol>%s</ipProtocol><fromPort>%d</fromPort><toPort>%d</toPort>%s</item>",
		o.id, group, account, r.Egress, r.EC2Protocol, r.FromPort, r.ToPort, peer)
}

// revokedContent lists the ids that the answer owns up to.
func revokedContent(group string, egress bool, ids []string) string {
	var b strings.Builder
	b.WriteString("<return>true</return><revokedSecurityGroupRuleSet>")
	for _, id := range ids {
		fmt.Fprintf(&b, "<item><securityGroupRuleId>%s</securityGroupRuleId><groupId>%s</groupId><isEgress>%t</isEgress></item>", id, group, egress)
	}
	b.WriteString("</revokedSecurityGroupRuleSet>")
	return b.String()
}

func jsonAnswer(v any) (answer, error) {
	body, err := json.Marshal(v)
	return answer{status: http.StatusOK, body: string(body)}, err
}
