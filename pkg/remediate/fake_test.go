package remediate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

const (
	group = "sg-0a1b2c3d4e5f60718"
	empty = `{"schema":1,"groupId":"` + group + `","ingress":[],"egress":[]}`
)

// eventTime is that of the sample events' first one; the clock stands 20 seconds later.
var (
	eventTime = time.Date(2026, 11, 21, 19, 52, 31, 0, time.UTC)
	now       = eventTime.Add(20400 * time.Millisecond)
)

// aws is a stateful fake of the three services. Each call is recorded; an
// injected error is used up by one call.
type aws struct {
	mu        sync.Mutex
	live      []secgroup.LiveRule
	document  string
	guardrail string
	approvals map[string]string // by name
	pause     string
	trust     string
	tag       string    // of the group
	changedAt time.Time // when the document was written; zero for long ago
	history   map[string][]baseline.Version
	calls     []string
	faults    map[string][]error
	messages  []alert.Message
	journal   map[string]alert.Alert
	nextID    int
}

func (a *aws) fault(call string) error {
	a.calls = append(a.calls, call)
	errs := a.faults[call]
	if len(errs) == 0 {
		return nil
	}
	a.faults[call] = errs[1:]
	return errs[0]
}

func (a *aws) fail(call string, errs ...error) {
	if a.faults == nil {
		a.faults = map[string][]error{}
	}
	a.faults[call] = append(a.faults[call], errs...)
}

func (a *aws) Rules(context.Context, string) ([]secgroup.LiveRule, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.live), a.fault("rules")
}

func (a *aws) Read(_ context.Context, groupID string) (baseline.Documents, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault("baseline"); err != nil {
		return baseline.Documents{}, err
	}
	d := baseline.Documents{
		Group: stored("/sg-baseline/groups/"+groupID, a.document), Guardrail: stored("/sg-baseline/guardrail", a.guardrail),
		Pause: stored("/sg-baseline/pause", a.pause), Trust: stored("/sg-baseline/trust", a.trust),
	}
	d.Group.ModifiedAt = a.changedAt
	for _, name := range slices.Sorted(maps.Keys(a.approvals)) {
		d.Approvals = append(d.Approvals, stored("/sg-baseline/approvals/"+groupID+"/"+name, a.approvals[name]))
	}
	return d, nil
}

func (a *aws) PutApproval(_ context.Context, _ string, approval *baseline.Approval) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault("approve " + approval.Name); err != nil {
		return err
	}
	value, err := baseline.EncodeApproval(approval)
	if err != nil {
		return err
	}
	if a.approvals == nil {
		a.approvals = map[string]string{}
	}
	if _, exists := a.approvals[approval.Name]; !exists {
		a.approvals[approval.Name] = string(value)
	}
	return nil
}

func stored(parameter, document string) baseline.Stored {
	if document == "" {
		return baseline.Stored{}
	}
	return baseline.Stored{Parameter: parameter, Version: 7, Value: []byte(document), ModifiedAt: now.Add(-time.Hour)}
}

func (a *aws) History(_ context.Context, parameter string) ([]baseline.Version, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.history[parameter], a.fault("history")
}

func (a *aws) Group(_ context.Context, groupID string) (secgroup.Group, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault("group"); err != nil {
		return secgroup.Group{}, err
	}
	return secgroup.Group{ID: groupID, Name: "ecs-front", VpcID: "vpc-0f1e2d3c4b5a69788", Tag: a.tag}, nil
}

// peerName is that of every group that a rule refers to.
const peerName = "ecs-back"

func (a *aws) Interfaces(context.Context, string) (secgroup.Interfaces, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return secgroup.Interfaces{Total: 3, Public: 1}, a.fault("interfaces")
}

func (a *aws) GroupNames(_ context.Context, ids []string) (map[string]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault("names"); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, id := range ids {
		names[id] = peerName
	}
	return names, nil
}

func (a *aws) DefaultGroup(_ context.Context, vpcID string) (secgroup.Group, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault("default group of " + vpcID); err != nil {
		return secgroup.Group{}, err
	}
	return secgroup.Group{ID: group, Name: "default", VpcID: vpcID}, nil
}

func (a *aws) GroupByName(_ context.Context, name string) (secgroup.Group, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return secgroup.Group{ID: group, Name: name}, a.fault("group " + name)
}

func (a *aws) Revoke(_ context.Context, _ string, rules []secgroup.LiveRule) []error {
	a.mu.Lock()
	defer a.mu.Unlock()
	errs := make([]error, len(rules))
	for i, r := range rules {
		isThere := slices.ContainsFunc(a.live, func(l secgroup.LiveRule) bool { return l.ID == r.ID })
		if errs[i] = a.fault("revoke " + r.Rule.String()); errs[i] == nil && !isThere {
			errs[i] = secgroup.ErrNotFound
		} else if errs[i] == nil {
			a.live = slices.DeleteFunc(a.live, func(l secgroup.LiveRule) bool { return l.ID == r.ID })
		}
	}
	return errs
}

func (a *aws) Authorize(_ context.Context, _ string, rules []secgroup.ApprovedRule) []error {
	a.mu.Lock()
	defer a.mu.Unlock()
	errs := make([]error, len(rules))
	for i, r := range rules {
		if errs[i] = a.fault("authorize " + r.Rule.String()); errs[i] == nil {
			a.open(r.Rule.String(), r.Description)
		}
	}
	return errs
}

func (a *aws) AuthorizeEach(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error {
	return a.Authorize(ctx, groupID, rules)
}

func (a *aws) open(text, description string) {
	r, err := rule.Parse(text)
	if err != nil {
		panic(err)
	}
	a.nextID++
	id := fmt.Sprintf("sgr-%d", a.nextID)
	if known, ok := sampleIDs[text]; ok {
		id = known
	}
	a.live = append(a.live, secgroup.LiveRule{ID: id, Rule: r, Description: description})
}

// sampleIDs are the ids under which the sample events authorize-ingress-ipv4 and
// modify-one-rule know their rules.
var sampleIDs = map[string]string{ssh: "sgr-0d28aecb82750f866", modified: "sgr-09782d2dbcf36e108", "egress tcp 443 0.0.0.0/0": "sgr-09782d2dbcf36e108"}

const modified = "ingress tcp 443 0.0.0.0/0" // what the sample modify-one-rule makes of its rule

func (a *aws) Publish(_ context.Context, m alert.Message) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := a.fault("publish")
	if err == nil {
		a.messages = append(a.messages, m)
	}
	return err
}

func (a *aws) Write(_ context.Context, key string, kept alert.Alert) ([]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fault("record"); err != nil {
		return []string{key}, err
	}
	if a.journal == nil {
		a.journal = map[string]alert.Alert{}
	}
	a.journal[key] = kept
	return []string{key}, nil
}

func (a *aws) Erase(_ context.Context, names []string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := a.fault("erase")
	for _, name := range names {
		if err == nil {
			delete(a.journal, name)
		}
	}
	return err
}

// alerts decodes what was delivered.
func (a *aws) alerts(t *testing.T) []alert.Alert {
	t.Helper()
	var alerts []alert.Alert
	for _, m := range a.messages {
		var body map[string]string
		if err := json.Unmarshal([]byte(m.Body), &body); err != nil {
			t.Fatal(err)
		}
		var got alert.Alert
		if err := json.Unmarshal([]byte(body["default"]), &got); err != nil {
			t.Fatal(err)
		}
		alerts = append(alerts, got)
	}
	return alerts
}

func (a *aws) remediator() *remediate.Remediator {
	return &remediate.Remediator{
		Rules: a, Groups: a, Around: a, Writer: a, Baselines: a, History: a, Approvals: a, Alerts: a, Journal: a,
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) {}, Enforce: true, Prefix: "/sg-baseline",
	}
}

// newAWS opens the rules, written as rule text, and stores a baseline that
// permits those in the second list.
func newAWS(live []string, approved ...string) *aws {
	a := &aws{document: document(approved...)}
	for _, text := range live {
		a.open(text, "")
	}
	return a
}

func document(approved ...string) string {
	entries := map[string][]string{}
	for _, text := range approved {
		w := strings.Fields(text)
		peers := map[string]string{"ingress": "sources", "egress": "destinations"}[w[0]]
		entries[w[0]] = append(entries[w[0]], fmt.Sprintf(`{"protocol":%q,"ports":%q,%q:[%q],"description":"approved"}`, w[1], w[2], peers, w[3]))
	}
	return fmt.Sprintf(`{"schema":1,"groupId":%q,"ingress":[%s],"egress":[%s]}`, group,
		strings.Join(entries["ingress"], ","), strings.Join(entries["egress"], ","))
}

func (a *aws) liveTexts() []string {
	var texts []string
	for _, l := range a.live {
		texts = append(texts, l.Rule.String())
	}
	return texts
}

// writes are the calls that change rules.
func (a *aws) writes() []string {
	return slices.DeleteFunc(slices.Clone(a.calls), func(call string) bool {
		return !strings.HasPrefix(call, "revoke ") && !strings.HasPrefix(call, "authorize ")
	})
}
