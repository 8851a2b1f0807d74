package simulation

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// trustName is the parameter that names the trusted principals.
const trustName = prefix + "/trust"

// The roles of people. The pipeline's role may be trusted. The intern names sessions
// after the pipeline.
const (
	pipelineRole = "terraform-ci"
	internRole   = "intern"
	roleARN      = "arn:aws:iam::" + account + ":role/"
)

// trust is a trust document as its author means it. A change of a trusted principal
// waits for an hour.
type trust struct {
	roles  []string
	broken bool
}

func (l *trust) trusts(principal string) bool {
	return l != nil && !l.broken && slices.ContainsFunc(l.roles, func(role string) bool { return roleARN+role == principal })
}

func (l *trust) text() string {
	principals := []any{}
	for _, role := range l.roles {
		principals = append(principals, map[string]any{"arn": roleARN + role, "pendingHours": 1})
	}
	if l.broken {
		principals = append(principals, map[string]any{"arn": roleARN + "*", "pendingHours": 1})
	}
	return mustEncode(map[string]any{"schema": 1, "principals": principals})
}

// changeTrust trusts the pipeline, or nobody any more.
func (w *world) changeTrust(t throw) {
	switch {
	case t.chance(0.2):
		w.unwrite(trustName)
	default:
		l := &trust{broken: t.chance(0.15)}
		if t.chance(0.8) {
			l.roles = []string{pipelineRole}
		}
		w.write(trustName, w.papers.addTrust(l), false)
	}
}

// pickIdentity decides who makes a call: a person, the pipeline, or the intern.
func (w *world) pickIdentity(action string) (who cloudtrail.Identity, principal string) {
	ana := cloudtrail.Identity{Type: "IAMUser", ARN: "arn:aws:iam::" + account + ":user/ana", AccountID: account, UserName: "ana"}
	if w.limits != nil {
		return ana, ana.ARN
	}
	switch n := w.dice.throw(time.Now(), "who "+action, w.events).IntN(100); {
	case n < 30:
		return session(pipelineRole, "ana"), roleARN + pipelineRole
	case n < 50:
		return session(internRole, pipelineRole), roleARN + internRole
	}
	return ana, ana.ARN
}

func session(role, name string) cloudtrail.Identity {
	return cloudtrail.Identity{
		Type: "AssumedRole", ARN: "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + name, AccountID: account,
		SessionContext: &cloudtrail.SessionContext{SessionIssuer: &cloudtrail.SessionIssuer{Type: "Role", ARN: roleARN + role, AccountID: account, UserName: role}},
	}
}

// waits says whether a rule waits for approval: a principal that a document trusts
// opened the rule by the call that the invocation's event reports.
func (w *world) waits(i *invocation, group string, rule int, text string) bool {
	e := i.delivery.event
	return w.trusted(i, group, text) && !naive.Universe[rule].IsHighSeverity() && slices.ContainsFunc(e.rules, func(o owned) bool { return o.rule == rule })
}

// trusted says whether a document trusts who made the call of the invocation's
// event, for an hour from then on.
func (w *world) trusted(i *invocation, group, text string) bool {
	e := i.delivery.event
	return e != nil && e.group == group && w.papers.trusts[text].trusts(e.principal) && i.started.Before(e.at.Truncate(time.Second).Add(time.Hour))
}

// leaves says whether a run leaves a rule to others: its event is of a trusted
// principal, and the rule has no high severity and is of another call.
func (w *world) leaves(i *invocation, group string, o owned, text string) bool {
	return w.trusted(i, group, text) && !naive.Universe[o.rule].IsHighSeverity() && !i.opened(o)
}

// judgePending: a function approves by itself only what waits for approval, and for
// an hour. The judge knows the approval from now on.
func (w *world) judgePending(by *invocation, r ssmRequest, at time.Time) {
	path, isApproval := strings.CutPrefix(r.Name, approvalsPath)
	if !isApproval {
		return
	}
	group, name, _ := strings.Cut(path, "/")
	var written struct {
		Rules   []string
		Expires time.Time
	}
	if err := json.Unmarshal([]byte(r.Value), &written); err != nil || !strings.HasPrefix(name, "pending-") || r.Overwrite {
		w.broken("safety", "%v wrote %s, which is no pending approval: %s", by, r.Name, r.Value)
		return
	}
	a := &approval{expires: written.Expires}
	for _, text := range written.Rules {
		rule := naive.Index(text)
		a.rules = append(a.rules, rule)
		inForce := func(h heldValue) bool { return w.waits(by, group, rule, h.value) }
		if !slices.ContainsFunc(w.ssm.during(trustName, by.judgesFrom(group, at), at), inForce) {
			w.broken("safety", "%v approved %s of %s, which nobody trusted opened, or which is grave", by, text, group)
		}
	}
	if end := by.delivery.event.at.Truncate(time.Second).Add(time.Hour); !written.Expires.Equal(end) {
		w.broken("safety", "%v approved %s until %v, which is not an hour after the call", by, r.Name, written.Expires)
	}
	w.tally.counts[countPending]++
	w.papers.approvals[r.Value] = a
}

// judgeWaiting: a run does not revoke what waits for approval, unless the approval
// could not be written.
func (w *world) judgeWaiting(by *invocation, group string, c change, at time.Time) {
	trustedAllTheTime := !slices.ContainsFunc(w.ssm.during(trustName, by.judgesFrom(group, at), at), func(h heldValue) bool {
		return !w.waits(by, group, c.before, h.value)
	})
	switch {
	case !trustedAllTheTime || by.excuses.record > 0 || !by.opened(owned{c.id, c.before}):
	case by.stale: // a rule that EC2 did not show is taken for not live, and revoked by its id
		w.tally.counts[countProbedPending]++
	default:
		w.broken("safety", "%v revoked %s (%s) of %s, which a trusted principal opened", by, c.id, naive.Universe[c.before].Text, group)
	}
}

var (
	sessionName = regexp.MustCompile(`:assumed-role/[^/"]+/([^"]+)"`)
	issuer      = regexp.MustCompile(`:role/[^"]+"`)
)

// trustsSessionNames takes the name of a session for its role.
func trustsSessionNames(message json.RawMessage) json.RawMessage {
	named := sessionName.FindSubmatch(message)
	if named == nil {
		return message
	}
	return issuer.ReplaceAll(message, []byte(":role/"+string(named[1])+`"`))
}
