package advice

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/flowlog"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// The kinds of hints that flow logs give.
const (
	noTrafficSeen  = "no-traffic-seen"
	widerThanSeen  = "wider-than-seen"
	flowsNotJudged = "flows-not-judged"
	flowGaps       = "flow-gaps"
	trafficSeen    = "traffic-seen" // of a FlowRule only: there is no hint
)

// FlowKinds are the kinds of hints that flow logs give: what each id means.
var FlowKinds = []struct{ ID, About string }{
	{noTrafficSeen, "the flow logs have no traffic of the rule in their period"},
	{widerThanSeen, "much narrower rules would have covered the traffic of the period"},
	{flowsNotJudged, "a remark: why the flow logs say nothing of a group or rule"},
	{flowGaps, "a remark: which interfaces and times of a group the flow logs lack"},
}

// FlowRule is what flow logs say of one approved rule, for machines.
type FlowRule struct {
	Position
	GroupID string `json:"groupId"`
	Rule    string `json:"rule"` // rule text
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"` // of flows-not-judged
	// Doubtful says that some of the traffic seen may have been another rule's, or a reply.
	Doubtful bool `json:"doubtful,omitempty"`
	// Rejected says that traffic which the rule permits was rejected.
	Rejected bool `json:"rejected,omitempty"`
	// Narrower are rules in rule text that would have covered the traffic seen.
	Narrower []string `json:"narrower,omitempty"`
}

// Flows answers what flow logs say of groups.
type Flows interface {
	Verdict(groupID string, r rule.Rule) flowlog.Verdict
	Coverage(groupID string) flowlog.Coverage
}

// OnFlows holds what a document approves against flow logs. It returns the advice, the remarks, and what the logs say
// of each rule, without the file and in the document's order.
func (a Adviser) OnFlows(doc *baseline.Document, flows Flows) (advised, remarks []Hint, all []FlowRule) {
	o := onFlows{doc: doc, coverage: flows.Coverage(doc.GroupID)}
	why := o.coverage.NotJudged()
	if why != "" {
		o.remark(flowsNotJudged, "the flow logs say nothing of "+doc.GroupID+": "+why)
	} else if absent := o.absent(); len(absent) > 0 {
		o.remark(flowGaps, fmt.Sprintf("gaps of the flow logs of %s: the logs %s", doc.GroupID, strings.Join(absent, ", ")))
	}
	for _, e := range newSubject(doc, a.Now).entries {
		var verdicts []flowlog.Verdict
		for _, r := range e.Rules() {
			verdicts = append(verdicts, flows.Verdict(doc.GroupID, r))
		}
		o.rules(e, verdicts)
		if why == "" {
			o.entry(e, verdicts)
		}
	}
	return o.advised, o.remarks, o.all
}

// onFlows gathers what there is to say of one document.
type onFlows struct {
	doc              *baseline.Document
	coverage         flowlog.Coverage
	advised, remarks []Hint
	all              []FlowRule
}

// remark remarks on the document as a whole.
func (o *onFlows) remark(id, text string) {
	line, column := o.doc.Position()
	o.remarks = append(o.remarks, Hint{Position{Line: line, Column: column}, Advice{id, text}})
}

func (o *onFlows) rules(e entry, verdicts []flowlog.Verdict) {
	position := e.hint("", "").Position
	for _, v := range verdicts {
		one := FlowRule{
			Position: position, GroupID: o.doc.GroupID, Rule: v.Rule.String(), Verdict: verdictID(v), Reason: v.NotJudged,
			Doubtful: v.Doubtful, Rejected: v.Rejected,
		}
		for _, r := range v.Narrower {
			one.Narrower = append(one.Narrower, r.String())
		}
		o.all = append(o.all, one)
	}
}

func verdictID(v flowlog.Verdict) string {
	switch {
	case v.NotJudged != "":
		return flowsNotJudged
	case !v.Seen:
		return noTrafficSeen
	case len(v.Narrower) > 0:
		return widerThanSeen
	}
	return trafficSeen
}

// entry makes the hints of one entry.
func (o *onFlows) entry(e entry, verdicts []flowlog.Verdict) {
	var silent, rejected []rule.Rule
	reasons := map[string][]rule.Rule{}
	var order []string
	for _, v := range verdicts {
		switch verdictID(v) {
		case flowsNotJudged:
			if reasons[v.NotJudged] == nil {
				order = append(order, v.NotJudged)
			}
			reasons[v.NotJudged] = append(reasons[v.NotJudged], v.Rule)
		case noTrafficSeen:
			if v.Rejected {
				rejected = append(rejected, v.Rule)
			} else {
				silent = append(silent, v.Rule)
			}
		case widerThanSeen:
			o.advised = append(o.advised, e.hint(widerThanSeen, o.widerText(v)))
		}
	}
	if len(silent) > 0 {
		o.advised = append(o.advised, e.hint(noTrafficSeen, fmt.Sprintf("%s: no traffic seen %s", trafficText(silent), o.periodText())))
	}
	if len(rejected) > 0 {
		o.advised = append(o.advised, e.hint(noTrafficSeen, fmt.Sprintf("%s: no traffic seen that was accepted, %s. Traffic for this rule was rejected: "+
			"see whether the rule is live and what the network ACL says", trafficText(rejected), o.periodText())))
	}
	for _, why := range order {
		o.remarks = append(o.remarks, e.hint(flowsNotJudged, fmt.Sprintf("%s: not judged by the flow logs: %s", trafficText(reasons[why]), why)))
	}
}

func (o *onFlows) widerText(v flowlog.Verdict) string {
	text := fmt.Sprintf("%s: wider than the traffic seen %s. All of this traffic would have been covered by %s",
		trafficText([]rule.Rule{v.Rule}), o.periodText(), entriesText(o.doc.GroupID, v.Narrower))
	if v.Doubtful {
		text += ". Some records do not say whose traffic they are, and count as this rule's: the true need may be narrower"
	}
	return text
}

// periodText says from when to when there are logs, and whether they leave something out.
func (o *onFlows) periodText() string {
	text := o.coverage.Period.Text()
	if len(o.absent()) > 0 {
		text += ", with gaps"
	}
	return text
}

// absent says what the logs leave out.
func (o *onFlows) absent() []string {
	var absent []string
	if len(o.coverage.Silent) > 0 {
		absent = append(absent, "have nothing of "+someOf(o.coverage.Silent))
	}
	for i, p := range o.coverage.Parts {
		if i == mostParts && len(o.coverage.Parts) > mostParts+1 {
			absent = append(absent, fmt.Sprintf("have %d more interfaces in part only", len(o.coverage.Parts)-i))
			break
		}
		part := fmt.Sprintf("have %s only %s", p.Interface, p.Period.Text())
		if p.Gaps > 0 {
			part += " and with " + words.Count(p.Gaps, "gap") + " of more than an hour"
		}
		absent = append(absent, part)
	}
	if o.coverage.Skipped > 0 {
		absent = append(absent, fmt.Sprintf("lack some traffic of %s (SKIPDATA)", words.Count(o.coverage.Skipped, "window")))
	}
	return absent
}

// mostParts is how many interfaces a hint names.
const mostParts = 3

func someOf(ids []string) string {
	if len(ids) <= mostParts+1 {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more interfaces", strings.Join(ids[:mostParts], ", "), len(ids)-mostParts)
}

// entriesText writes rules as entries of a baseline, on one line.
func entriesText(groupID string, rules []rule.Rule) string {
	described := make([]baseline.Described, len(rules))
	for i, r := range rules {
		described[i].Rule = r
	}
	doc := baseline.Compose(groupID, "", described)
	var texts []string
	for _, e := range append(doc.Ingress, doc.Egress...) {
		fields := []string{"protocol: " + e.Protocol}
		if e.Ports != "" {
			fields = append(fields, fmt.Sprintf("ports: %q", e.Ports))
		}
		name, peers := "sources", e.Sources
		if len(e.Destinations) > 0 {
			name, peers = "destinations", e.Destinations
		}
		quoted := make([]string, len(peers))
		for i, p := range peers {
			quoted[i] = p
			if strings.ContainsAny(p, ": ") { // of IPv6, and names
				quoted[i] = fmt.Sprintf("%q", p)
			}
		}
		texts = append(texts, fmt.Sprintf("{%s, %s: [%s]}", strings.Join(fields, ", "), name, strings.Join(quoted, ", ")))
	}
	return cmp.Or(strings.Join(texts, ", "), "no entry")
}
