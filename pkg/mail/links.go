package mail

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// mostLinks is how many groups a mail links to.
const mostLinks = 5

// consoles are the hosts of the AWS Management Console by partition ("Getting started
// with Amazon Web Services in China", "AWS GovCloud (US) User Guide", the announcement
// of the AWS European Sovereign Cloud). Those of the isolated partitions are not
// published: without a host there is no link.
var consoles = map[string]string{
	"aws":        "console.aws.amazon.com",
	"aws-cn":     "console.amazonaws.cn",
	"aws-us-gov": "console.amazonaws-us-gov.com",
	"aws-eusc":   "console.amazonaws-eusc.eu",
}

var (
	regionForm  = lazily(`^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$`)
	eventIDForm = lazily(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// partitionOf follows from the region; where the region could be of any partition,
// from an ARN of the same account.
func partitionOf(region, arn string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	case strings.Contains(region, "-iso"):
		return "aws-iso"
	}
	if parts := strings.SplitN(arn, ":", 3); len(parts) == 3 && parts[0] == "arn" {
		return parts[1]
	}
	return "aws"
}

// console is the beginning of a link, and nothing for an unknown partition.
func console(a alert.Alert) string {
	arn := ""
	if a.Actor != nil {
		arn = a.Actor.ARN
	}
	host := consoles[partitionOf(a.Region, arn)]
	if host == "" || !regionForm().MatchString(a.Region) {
		return ""
	}
	return "https://" + host
}

func listLink(a alert.Alert) string {
	base := console(a)
	if base == "" || !rule.IsPrefixListID(a.PrefixListID) {
		return ""
	}
	return fmt.Sprintf("%s/vpcconsole/home?region=%s#ManagedPrefixListDetails:prefixListId=%s", base, a.Region, a.PrefixListID)
}

func groupLink(a alert.Alert) string {
	base := console(a)
	if base == "" || !rule.IsGroupID(a.GroupID) {
		return ""
	}
	return fmt.Sprintf("%s/ec2/home?region=%s#SecurityGroup:groupId=%s", base, a.Region, a.GroupID)
}

// eventLink leads to CloudTrail's event history. The events of Parameter Store and of
// a sweep are not there.
func eventLink(a alert.Alert) string {
	base := console(a)
	if base == "" || !eventIDForm().MatchString(a.Event.ID) || strings.Contains(a.Event.Name, " ") {
		return ""
	}
	return fmt.Sprintf("%s/cloudtrailv2/home?region=%s#/events/%s", base, a.Region, a.Event.ID)
}

// parameterLink leads to a document. The console wants its name escaped twice.
func parameterLink(a alert.Alert) string {
	base := console(a)
	if base == "" || !strings.HasPrefix(a.Baseline.Parameter, "/") {
		return ""
	}
	return fmt.Sprintf("%s/systems-manager/parameters/%s/description?region=%s&tab=Table", base, url.PathEscape(url.PathEscape(a.Baseline.Parameter)), a.Region)
}

// linkSection leads to the groups, the events and the documents in the console.
func (v *view) linkSection() section {
	var s strings.Builder
	written := map[string]bool{}
	say := func(what, link string) {
		if link != "" && !written[link] {
			written[link] = true
			fmt.Fprintf(&s, "  %s:\n  %s\n", what, link)
		}
	}
	for _, b := range v.blocks[:min(len(v.blocks), mostLinks)] {
		for _, a := range b.alerts {
			say("Security group "+label(a), groupLink(a))
			say(capital(listLabel(a)), listLink(a))
		}
		for _, a := range b.alerts {
			say("The event in CloudTrail", eventLink(a))
			document := capital(string(kindOf(a.Baseline.Parameter)))
			say(document+either(a.Subject() == "", "", " of "+label(a)), parameterLink(a))
		}
	}
	if s.Len() == 0 {
		return section{}
	}
	return section{title: "the links", text: "In the AWS console\n" + s.String()}
}
