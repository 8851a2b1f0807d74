package mail

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestLinksLeadToTheConsoleOfThePartition(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		region, arn, want string
	}{
		"commercial":         {"us-east-1", "", "https://console.aws.amazon.com"},
		"China":              {"cn-north-1", "arn:aws-cn:iam::1:user/ana", "https://console.amazonaws.cn"},
		"GovCloud":           {"us-gov-west-1", "", "https://console.amazonaws-us-gov.com"},
		"European Sovereign": {"eusc-de-east-1", "", "https://console.amazonaws-eusc.eu"},
		"isolated":           {"us-iso-east-1", "", ""},
		"isolated in Europe": {"eu-isoe-west-1", "", ""},
		"a new partition":    {"xx-north-1", "arn:aws-new:iam::1:user/ana", ""},
		"no region":          {"", "arn:aws:iam::1:user/ana", ""},
		"a forged region":    {"us-east-1.example.com/", "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := drift(alert.Reverted)
			a.Region, a.Actor = c.region, &alert.Actor{ARN: c.arn}
			if got := console(a); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, link := range []string{groupLink(a), eventLink(a), parameterLink(a)} {
				if (link == "") != (c.want == "") || !strings.HasPrefix(link, c.want) {
					t.Errorf("the link is %q", link)
				}
			}
		})
	}
}

func TestALinkIsLeftOutWhereItWouldLeadNowhere(t *testing.T) {
	t.Parallel()
	a := drift(alert.Reverted)
	a.GroupID, a.Event.ID, a.Baseline.Parameter = "sg-\nx", "c409", ""
	for _, link := range []string{groupLink(a), eventLink(a), parameterLink(a)} {
		if link != "" {
			t.Errorf("got %q", link)
		}
	}
	a.Event = alert.Event{ID: eventID, Name: parameterEvent}
	if got := eventLink(a); got != "" {
		t.Errorf("CloudTrail does not know the events of EventBridge: %q", got)
	}
	a.Baseline.Parameter = "/sg baseline/x?y#z"
	if got, want := parameterLink(a), "https://console.aws.amazon.com/systems-manager/parameters/%252Fsg%2520baseline%252Fx%253Fy%2523z/description?region=us-east-1&tab=Table"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
