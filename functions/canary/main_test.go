package main

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/canary"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

const groupID, ruleID, queueURL = "sg-0c", "sgr-0c", "/111122223333/canary"

// guard is an AWS in which the rule is reverted at once and the alert waits in
// the queue, unless it sleeps.
type guard struct {
	sleeps bool
	mu     sync.Mutex
	live   []types.SecurityGroupRule
	queue  []string
}

func (g *guard) start(t *testing.T) *awsstub.Stub {
	t.Helper()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules": func(awsstub.Request) (any, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			return awsstub.RulesAnswer{Rules: slices.Clone(g.live)}, nil
		},
		"AuthorizeSecurityGroupIngress": g.authorize,
		"RevokeSecurityGroupIngress": func(q awsstub.Request) (any, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.live = slices.DeleteFunc(g.live, func(r types.SecurityGroupRule) bool {
				return slices.Contains(q.List("SecurityGroupRuleId"), *r.SecurityGroupRuleId)
			})
			return awsstub.RevokeAnswer{Return: true}, nil
		},
		"ReceiveMessage": g.receive,
		"DeleteMessage": func(awsstub.Request) (any, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.queue = g.queue[1:]
			return nil, nil
		},
	})
	if g.sleeps { // SQS waits for a message
		s.Inject("ReceiveMessage", 10, awsstub.Fault{Delay: time.Second})
	}
	t.Cleanup(s.Close)
	return s
}

func (g *guard) authorize(q awsstub.Request) (any, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.live) > 0 {
		return nil, &awsstub.Error{Code: "InvalidPermission.Duplicate", Message: "the specified rule already exists"}
	}
	r := types.SecurityGroupRule{
		GroupId: aws.String(q.Form.Get("GroupId")), SecurityGroupRuleId: aws.String(ruleID), IsEgress: aws.Bool(false),
		IpProtocol: aws.String(q.Form.Get("IpPermissions.1.IpProtocol")), FromPort: aws.Int32(9), ToPort: aws.Int32(9),
		CidrIpv4: aws.String(q.Form.Get("IpPermissions.1.IpRanges.1.CidrIp")), Description: aws.String(q.Form.Get("IpPermissions.1.IpRanges.1.Description")),
	}
	if g.sleeps {
		g.live = append(g.live, r)
	} else {
		answered, err := json.Marshal(alert.Alert{
			Kind: alert.CanaryKind, Outcome: alert.Reverted, GroupID: groupID, Event: alert.Event{Name: "AuthorizeSecurityGroupIngress"},
			Findings: []alert.Finding{{RuleID: ruleID}},
		})
		if err != nil {
			return nil, err
		}
		g.queue = append(g.queue, string(answered))
	}
	return awsstub.AuthorizeAnswer{Return: true, Rules: []types.SecurityGroupRule{r}}, nil
}

func (g *guard) receive(awsstub.Request) (any, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	type message struct{ MessageId, ReceiptHandle, Body, MD5OfBody string }
	var messages []message
	for _, body := range g.queue[:min(1, len(g.queue))] {
		sum := md5.Sum([]byte(body))
		messages = append(messages, message{"m", "r", body, hex.EncodeToString(sum[:])})
	}
	return map[string]any{"Messages": messages}, nil
}

// fly lets a canary fly that waits for a second.
func fly(t *testing.T, s *awsstub.Stub) (canary.Result, error) {
	t.Helper()
	env := settings.Settings{Enforce: true, LogLevel: slog.LevelError, CanaryGroup: groupID}
	return wire(env, settings.Canary{QueueURL: s.URL + queueURL, Within: time.Second}, s.Config()).Run(t.Context())
}

func TestTheCanaryOpensItsRuleAndReadsTheAlert(t *testing.T) {
	t.Parallel()
	g := &guard{}
	s := g.start(t)
	got, err := fly(t, s)
	if err != nil || got.Outcome != alert.Reverted || got.RuleID != ruleID {
		t.Fatalf("got %+v, %v", got, err)
	}
	asked := s.Requests("AuthorizeSecurityGroupIngress")
	if len(asked) != 1 {
		t.Fatalf("%d calls", len(asked))
	}
	want := map[string]string{
		"GroupId": groupID, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "9", "IpPermissions.1.ToPort": "9",
		"IpPermissions.1.IpRanges.1.CidrIp": "192.0.2.1/32", "IpPermissions.1.IpRanges.1.Description": "sgwarden canary: reverted within minutes",
	}
	for name, v := range want {
		if diff := cmp.Diff(v, asked[0].Form.Get(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if n := len(s.Requests("RevokeSecurityGroupIngress")); n != 0 || len(g.queue) != 0 {
		t.Errorf("%d revokes of its own, and %d messages left", n, len(g.queue))
	}
}

func TestTheCanaryFailsAndCleansUpWhenTheGuardSleeps(t *testing.T) {
	t.Parallel()
	g := &guard{sleeps: true}
	if got, err := fly(t, g.start(t)); err == nil || !strings.Contains(err.Error(), "not revoked and not reported") {
		t.Fatalf("got %+v, %v", got, err)
	}
	if len(g.live) != 0 {
		t.Errorf("it left %v", g.live)
	}
}

func TestTheCanaryKnowsItsRuleAgainWhenAnAnswerWasLost(t *testing.T) {
	t.Parallel()
	g := &guard{sleeps: true}
	s := g.start(t)
	s.Inject("AuthorizeSecurityGroupIngress", 1, awsstub.Fault{DropAfter: true})
	if _, err := fly(t, s); err == nil || !strings.Contains(err.Error(), "canary "+ruleID+" on "+groupID) {
		t.Fatal(err)
	}
	if n := len(s.Requests("AuthorizeSecurityGroupIngress")); n != 2 || len(g.live) != 0 {
		t.Errorf("%d calls; it left %v", n, g.live)
	}
}

func TestTheCanarySaysWhatAWSSays(t *testing.T) {
	t.Parallel()
	for action, says := range map[string]string{
		"DescribeSecurityGroupRules":    "describe the rules of " + groupID,
		"AuthorizeSecurityGroupIngress": "open ingress tcp 9 192.0.2.1/32 on " + groupID,
		"ReceiveMessage":                "receive alerts from ",
		"DeleteMessage":                 "delete alert m from ",
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			s := (&guard{}).start(t)
			s.Inject(action, awsstub.Attempts, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDenied", Message: "no"}})
			if _, err := fly(t, s); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "AccessDenied") {
				t.Errorf("got %v, want %q", err, says)
			}
		})
	}
}

func TestAMessageThatIsNoAlertIsAnErrorOnce(t *testing.T) {
	t.Parallel()
	g := &guard{queue: []string{"{"}}
	s := g.start(t)
	if _, err := fly(t, s); err == nil || !strings.Contains(err.Error(), "read alert m") {
		t.Fatal(err)
	}
	if _, err := fly(t, s); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestTheClientOutlastsTheLongestPoll(t *testing.T) {
	t.Parallel()
	client, ok := awserr.HTTPClient().(*awshttp.BuildableClient)
	if !ok || client.GetTimeout() < 2*canary.LongestPoll {
		t.Errorf("an attempt may take %v, and SQS is asked to wait %v", client.GetTimeout(), canary.LongestPoll)
	}
}
