package ec2groups_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func approved(t *testing.T, texts ...string) []secgroup.ApprovedRule {
	t.Helper()
	rules := make([]secgroup.ApprovedRule, len(texts))
	for i, text := range texts {
		rules[i] = secgroup.ApprovedRule{Rule: parse(t, text), Description: "by the baseline"}
	}
	return rules
}

// authorized answers as EC2 does: one rule that is there already rejects the
// whole call. It knows rules of the form "ingress tcp PORT 10.0.0.0/8" by port.
type authorized struct {
	mu    sync.Mutex
	ports []string
	quota *int // nil for none
}

func (a *authorized) authorize(call awsstub.Request) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ports []string
	for i := 1; call.Form.Has(fmt.Sprintf("IpPermissions.%d.IpProtocol", i)); i++ {
		port := call.Form.Get(fmt.Sprintf("IpPermissions.%d.FromPort", i))
		if slices.Contains(a.ports, port) {
			return nil, &awsstub.Error{Code: "InvalidPermission.Duplicate", Message: "port " + port + " is there already"}
		}
		ports = append(ports, port)
	}
	if a.quota != nil && len(a.ports)+len(ports) > *a.quota {
		return nil, &awsstub.Error{Code: "RulesPerSecurityGroupLimitExceeded", Message: "The maximum number of rules per security group has been reached."}
	}
	a.ports = append(a.ports, ports...)
	return awsstub.AuthorizeAnswer{Return: true}, nil
}

func (a *authorized) start(t *testing.T, delay time.Duration) (*awsstub.Stub, ec2groups.Groups) {
	t.Helper()
	return start(t, delay, map[string]awsstub.Handler{"AuthorizeSecurityGroupIngress": a.authorize, "AuthorizeSecurityGroupEgress": a.authorize})
}

func TestAuthorizeSpellsEveryRuleAsEC2TakesIt(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		rule string
		want map[string]string // the permission
	}{
		"tcp from IPv4":         {"ingress tcp 22 10.0.0.0/8", map[string]string{"IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "IpRanges.1.CidrIp": "10.0.0.0/8"}},
		"udp range from IPv6":   {"ingress udp 53-54 2001:db8::/32", map[string]string{"IpProtocol": "udp", "FromPort": "53", "ToPort": "54", "Ipv6Ranges.1.CidrIpv6": "2001:db8::/32"}},
		"all tcp to a group":    {"egress tcp all sg-0bbb", map[string]string{"IpProtocol": "tcp", "FromPort": "0", "ToPort": "65535", "Groups.1.GroupId": "sg-0bbb"}},
		"tcp to a prefix list":  {"egress tcp 443 pl-0ccc", map[string]string{"IpProtocol": "tcp", "FromPort": "443", "ToPort": "443", "PrefixListIds.1.PrefixListId": "pl-0ccc"}},
		"all protocols":         {"egress all all 0.0.0.0/0", map[string]string{"IpProtocol": "-1", "IpRanges.1.CidrIp": "0.0.0.0/0"}},
		"a protocol number":     {"ingress 50 all 10.0.0.0/8", map[string]string{"IpProtocol": "50", "IpRanges.1.CidrIp": "10.0.0.0/8"}},
		"all ICMP":              {"ingress icmp all 10.0.0.0/8", map[string]string{"IpProtocol": "icmp", "FromPort": "-1", "ToPort": "-1", "IpRanges.1.CidrIp": "10.0.0.0/8"}},
		"an ICMP type":          {"ingress icmp 8 10.0.0.0/8", map[string]string{"IpProtocol": "icmp", "FromPort": "8", "ToPort": "-1", "IpRanges.1.CidrIp": "10.0.0.0/8"}},
		"an ICMP type and code": {"ingress icmp 3/4 10.0.0.0/8", map[string]string{"IpProtocol": "icmp", "FromPort": "3", "ToPort": "4", "IpRanges.1.CidrIp": "10.0.0.0/8"}},
		"ICMPv6 0/0":            {"ingress icmpv6 0/0 ::/0", map[string]string{"IpProtocol": "icmpv6", "FromPort": "0", "ToPort": "0", "Ipv6Ranges.1.CidrIpv6": "::/0"}},
	}
	for name, c := range cases {
		for _, description := range []string{"", "for the load balancer"} {
			t.Run(fmt.Sprintf("%s, description %q", name, description), func(t *testing.T) {
				t.Parallel()
				s, groups := (&authorized{}).start(t, 0)
				asked := approved(t, c.rule)
				asked[0].Description = description
				if errs := groups.Authorize(context.Background(), group, asked); len(errs) != 1 || errs[0] != nil {
					t.Errorf("got %v", errs)
				}
				want := map[string]string{"GroupId": group}
				for k, v := range c.want {
					want["IpPermissions.1."+k] = v
					if list, _, ok := strings.Cut(k, ".1."); ok && description != "" {
						want["IpPermissions.1."+list+".1.Description"] = description
					}
				}
				sent := s.Requests()
				got := map[string]string{}
				for k := range sent[0].Form {
					got[k] = sent[0].Form.Get(k)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				action := map[bool]string{true: "AuthorizeSecurityGroupIngress", false: "AuthorizeSecurityGroupEgress"}[strings.HasPrefix(c.rule, "ingress")]
				if len(sent) != 1 || sent[0].Action != action {
					t.Errorf("sent %v", sent)
				}
			})
		}
	}
}

func TestAuthorizeIsOneCallForEachDirectionSideBySide(t *testing.T) {
	t.Parallel()
	s, groups := (&authorized{}).start(t, 500*time.Millisecond) // so that calls side by side overlap on a busy machine too
	errs := groups.Authorize(context.Background(), group, approved(t, "ingress tcp 1 10.0.0.0/8", "egress tcp 2 10.0.0.0/8", "ingress tcp 3 10.0.0.0/8"))
	if errors.Join(errs...) != nil || len(errs) != 3 {
		t.Errorf("got %v", errs)
	}
	if diff := cmp.Diff(map[string][]int{"AuthorizeSecurityGroupIngress": {1}, "AuthorizeSecurityGroupEgress": {1}}, s.Waves()); diff != "" {
		t.Error(diff)
	}
}

func TestARuleThatIsThereAlreadyIsAuthorised(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ there, asked, want []string }{
		"the only one":    {there: []string{"1"}, asked: []string{"1"}, want: []string{"1"}},
		"one of five":     {there: []string{"3"}, asked: []string{"1", "2", "3", "4", "5"}, want: []string{"1", "2", "3", "4", "5"}},
		"all of them":     {there: []string{"1", "2", "3"}, asked: []string{"1", "2", "3"}, want: []string{"1", "2", "3"}},
		"none of them":    {asked: []string{"1", "2"}, want: []string{"1", "2"}},
		"all but the one": {there: []string{"1", "2", "4"}, asked: []string{"1", "2", "3", "4"}, want: []string{"1", "2", "3", "4"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := &authorized{ports: c.there}
			_, groups := live.start(t, 0)
			var texts []string
			for _, port := range c.asked {
				texts = append(texts, "ingress tcp "+port+" 10.0.0.0/8")
			}
			errs := groups.AuthorizeEach(context.Background(), group, approved(t, texts...))
			if len(errs) != len(c.asked) || errors.Join(errs...) != nil {
				t.Errorf("got %v", errs)
			}
			slices.Sort(live.ports)
			if diff := cmp.Diff(c.want, live.ports); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnAuthorizeWhoseAnswerIsLostIsStillSuccess(t *testing.T) {
	t.Parallel()
	live := &authorized{}
	s, groups := live.start(t, 0)
	s.Inject("AuthorizeSecurityGroupIngress", 1, awsstub.Fault{DropAfter: true})
	errs := groups.AuthorizeEach(context.Background(), group, approved(t, "ingress tcp 1 10.0.0.0/8", "ingress tcp 2 10.0.0.0/8"))
	if len(errs) != 2 || errors.Join(errs...) != nil || len(live.ports) != 2 {
		t.Errorf("got %v, live %v", errs, live.ports)
	}
}

func TestAuthorizeMakesOneCallWhateverEC2Says(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		there []string
		fault string
		want  error
	}{
		"one of them is there": {there: []string{"2"}, want: secgroup.ErrDuplicate},
		"they don't all fit":   {fault: "RulesPerSecurityGroupLimitExceeded", want: secgroup.ErrFull},
		"a peer is deleted":    {fault: "InvalidGroup.NotFound", want: secgroup.ErrNotFound},
		"it is invalid":        {fault: "InvalidParameterValue", want: secgroup.ErrRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, groups := (&authorized{ports: c.there}).start(t, 0)
			if c.fault != "" {
				s.Inject("AuthorizeSecurityGroupIngress", 99, awsstub.Fault{Error: &awsstub.Error{Code: c.fault, Message: "no"}})
			}
			errs := groups.Authorize(context.Background(), group, approved(t, "ingress tcp 1 10.0.0.0/8", "ingress tcp 2 10.0.0.0/8", "ingress tcp 3 10.0.0.0/8"))
			for _, err := range errs {
				if !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			}
			if calls := len(s.Requests()); calls != 1 || len(errs) != 3 {
				t.Errorf("%d calls, %d errors", calls, len(errs))
			}
		})
	}
}

// The quota leaves room for few of many.
func TestAsManyRulesAsFitAreAuthorisedInFewCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ quota, asked, mostCalls int }{{60, 255, 20}, {3, 255, 20}, {0, 255, 10}, {255, 255, 1}, {7, 8, 9}} {
		t.Run(fmt.Sprintf("%d of %d", c.quota, c.asked), func(t *testing.T) {
			t.Parallel()
			live := &authorized{quota: &c.quota}
			s, groups := live.start(t, 0)
			var texts []string
			for port := range c.asked {
				texts = append(texts, fmt.Sprintf("ingress tcp %d 10.0.0.0/8", port))
			}
			errs := groups.AuthorizeEach(context.Background(), group, approved(t, texts...))
			for i, err := range errs {
				if fits := i < c.quota; fits != (err == nil) || !fits && !errors.Is(err, secgroup.ErrFull) {
					t.Fatalf("rule %d: %v", i, err)
				}
			}
			if calls := len(s.Requests()); calls > c.mostCalls || len(live.ports) != c.quota {
				t.Errorf("%d calls, %d live", calls, len(live.ports))
			}
		})
	}
}

func TestAnAuthorizeThatIsRefusedSaysForEachRule(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"UnauthorizedOperation", "RulesPerSecurityGroupLimitExceeded", "InvalidGroup.NotFound"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			live := &authorized{}
			s, groups := live.start(t, 0)
			s.Inject("AuthorizeSecurityGroupIngress", 99, awsstub.Fault{Error: &awsstub.Error{Code: code, Message: "no"}})
			texts := []string{"ingress tcp 1 10.0.0.0/8", "ingress tcp 2 10.0.0.0/8", "ingress tcp 3 sg-0bbb"}
			errs := groups.Authorize(context.Background(), group, approved(t, texts...))
			if calls := len(s.Requests()); code == "UnauthorizedOperation" && calls != 1 {
				t.Errorf("%d calls for what all rules are refused for", calls)
			}
			if full := errors.Is(errs[0], secgroup.ErrFull); full != (code == "RulesPerSecurityGroupLimitExceeded") {
				t.Errorf("the quota is used up: %v", full)
			}
			if len(errs) != len(texts) {
				t.Fatalf("got %v", errs)
			}
			for i, err := range errs {
				if err == nil || !strings.HasPrefix(err.Error(), "authorize "+texts[i]+" on "+group+": ") || !strings.Contains(err.Error(), code) {
					t.Errorf("got %v", err)
				}
			}
			if len(live.ports) != 0 {
				t.Errorf("live %v", live.ports)
			}
		})
	}
}

func TestADescriptionNeverKeepsARuleFromBeingAuthorised(t *testing.T) {
	t.Parallel()
	s, groups := (&authorized{}).start(t, 0)
	rules := approved(t, "ingress tcp 1 10.0.0.0/8", "ingress tcp 2 sg-0bbb")
	rules[0].Description = "Ana's VPN: größer als \"alt\" " + strings.Repeat("x", 300)
	rules[1].Owner = "444455556666"
	if errs := groups.Authorize(context.Background(), group, rules); errors.Join(errs...) != nil {
		t.Fatal(errs)
	}
	form := s.Requests()[0].Form
	got := form.Get("IpPermissions.1.IpRanges.1.Description")
	if !strings.HasPrefix(got, "Ana_s VPN: gr__er als _alt_ xxx") || len(got) != 255 {
		t.Errorf("sent %q, %d characters", got, len(got))
	}
	if owner := form.Get("IpPermissions.2.Groups.1.UserId"); owner != "444455556666" {
		t.Errorf("sent the owner %q", owner)
	}
}
