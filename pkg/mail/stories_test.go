package mail

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// stories are one of each kind of mail.
func stories() map[string]Story {
	all := ruleStories()
	for _, more := range []map[string]Story{documentStories(), listStories()} {
		for name, s := range more {
			all[name] = s
		}
	}
	return all
}

const (
	ssh   = "ingress tcp 22 0.0.0.0/0"
	web   = "ingress tcp 443 10.0.0.0/8"
	alb   = "egress tcp 80 sg-0bbbbbbbbbbbbbbb2"
	proxy = "ingress tcp 8080 198.51.100.0/24"
)

func ruleStories() map[string]Story {
	reverted := drift(alert.Reverted, finding(ssh, alert.ActionRevoked))
	reverted.Interfaces = &alert.Interfaces{Total: 3, Public: 1}
	reverted.Findings[0].Description = "temporary"

	both := drift(alert.Reverted, finding(alb, alert.ActionRevoked), finding(proxy, alert.ActionRevoked))
	both.Peers = map[string]string{"sg-0bbbbbbbbbbbbbbb2": "internal-alb"}
	both.Interfaces = &alert.Interfaces{}
	both = withActor(both, alert.Actor{Type: "AWSService", InvokedBy: "autoscaling.amazonaws.com", SourceIP: "autoscaling.amazonaws.com"})

	failing := finding(ssh, alert.ActionFailed)
	failing.Error = "revoke sgr-0d28aecb82750f866: UnauthorizedOperation: You are not authorized to perform this operation."
	partly := drift(alert.Partial, failing, finding(proxy, alert.ActionRevoked))
	partly.Interfaces = &alert.Interfaces{Total: 1000, Public: 12, More: true}

	pausedNow := drift(alert.WouldRevert, finding(ssh, alert.ActionNone))
	pausedNow.Reason = "sgwarden is paused until 2026-11-29T09:00:00Z (migration CHG-77) and changes nothing in EC2; to go on: aws ssm delete-parameter --region us-east-1 --name /sg-baseline/pause"

	managed := finding(proxy, alert.ActionNone)
	managed.Error = "the group is managed by an AWS service"

	pending := drift(alert.Pending, finding(proxy, alert.ActionPending))
	pending.Kind, pending.PendingName = alert.PendingKind, "pending-"+eventID

	expired := swept(drift(alert.Reverted, finding("ingress tcp 22 203.0.113.7/32", alert.ActionRevoked)))
	expired.Kind = alert.ExceptionExpired
	expired.Findings[0].Reason = "the exception (INC-1234, approved by ana) expired at 2026-11-29T07:00:00Z; no baseline rule permits tcp 22 from 203.0.113.7/32"

	removed := missingRule(web, alert.ActionNone)
	removed.OpenedByEvent = true
	missing := drift(alert.None, removed)
	missing.Event.Name, missing.RestoreOff = "RevokeSecurityGroupIngress", true

	putBack := missingRule(web, alert.ActionRestored)
	putBack.OpenedByEvent = true
	restored := drift(alert.Reverted, putBack)
	restored.Event.Name = "RevokeSecurityGroupIngress"

	notJudged := drift(alert.Failed)
	notJudged.Reason = "read the rules of " + front + ": AWS refuses the call: UnauthorizedOperation; not judged: " + ssh

	late := drift(alert.None, finding(ssh, alert.ActionAlreadyGone), finding(alb, alert.ActionNone))
	late.Late, late.Reason = true, "told late: the run that found this may have ended before it could tell"
	late.Findings[1].Reason += "; it is live, and judged by every sweep"

	guardrail := drift(alert.WouldRevert, finding(ssh, alert.ActionNone))
	guardrail.Kind, guardrail.Baseline = alert.GuardrailKind, alert.Baseline{Parameter: "/sg-baseline/guardrail", Version: 2}

	canary := drift(alert.Failed, finding(alert.CanaryRule.String(), alert.ActionFailed))
	canary.Kind, canary.GroupName, canary.Actor = alert.CanaryKind, "sgwarden-canary", nil
	canary.Findings[0].Error = failing.Error

	deletedGroup := drift(alert.None)
	deletedGroup.Event.Name, deletedGroup.VpcID = "DeleteSecurityGroup", ""
	deletedGroup.Reason = "the group was deleted and its baseline is still there; if that was meant, delete it too: aws ssm delete-parameter --name /sg-baseline/groups/" + front

	usedElsewhere := drift(alert.None)
	usedElsewhere.Event.Name = "AssociateSecurityGroupVpc"
	usedElsewhere.Reason = alert.UseText(usedElsewhere.Event.Name, "us-east-1", front, "vpc-0c2d3e4f5a6b71829")

	closing := swept(drift(alert.None))
	closing.MadeAt = at.Add(24 * time.Hour)
	closing.Closed = []alert.Closed{{How: "not live any more", Rule: ssh, Verdict: alert.Violation, Since: at}}
	closings := closing
	closings.Closed = append(closings.Closed, alert.Closed{How: "live again", Rule: web, Verdict: alert.Missing, Since: at})

	return map[string]Story{
		"reverted":                      storyOf(reverted),
		"reverted-both-by-a-service":    storyOf(both),
		"reverted-found-by-a-sweep":     storyOf(swept(drift(alert.Reverted, finding(ssh, alert.ActionRevoked)))),
		"reverted-30-rules-in-6-groups": thirtyRulesInSixGroups(),
		"reverted-by-root":              storyOf(withActor(drift(alert.Reverted, finding(ssh, alert.ActionRevoked)), alert.Actor{Type: "Root", ARN: "arn:aws:iam::123456789012:root", SourceIP: "203.0.113.7"})),
		"partly-reverted":               storyOf(partly),
		"not-reverted":                  storyOf(drift(alert.Failed, failing)),
		"mode-alert":                    storyOf(drift(alert.WouldRevert, finding(ssh, alert.ActionNone))),
		"mode-alert-reminder":           remembered(storyOf(swept(drift(alert.WouldRevert, finding(ssh, alert.ActionNone))))),
		"while-paused":                  storyOf(pausedNow),
		"managed-by-a-service":          storyOf(drift(alert.None, managed)),
		"already-gone":                  storyOf(drift(alert.AlreadyGone, finding(ssh, alert.ActionAlreadyGone))),
		"pending":                       storyOf(pending),
		"exception-expired":             storyOf(expired),
		"restored":                      storyOf(restored),
		"missing-restore-off":           storyOf(missing),
		"missing-reminder":              remembered(storyOf(swept(missing))),
		"not-judged":                    storyOf(notJudged),
		"late":                          storyOf(late),
		"guardrail":                     storyOf(guardrail),
		"canary-failing":                storyOf(canary),
		"group-deleted":                 storyOf(deletedGroup),
		"used-in-another-vpc":           storyOf(usedElsewhere),
		"closing":                       storyOf(closing),
		"closings":                      storyOf(closings),
	}
}

func documentStories() map[string]Story {
	changed := document(alert.BaselineChanged, "groups/"+front, "updated; mode: alert, was enforce")
	changed.Weakens = true
	changed.PermitsMore, changed.PermitsLess = []string{"ingress all all 0.0.0.0/0"}, []string{web}
	grace := document(alert.BaselineChanged, "groups/"+front, "updated")
	grace.PermitsLess, grace.Findings = []string{web}, []alert.Finding{inGrace(web)}

	given := document(alert.ApprovalChanged, "approvals/"+front+"/oncall-1", "the approval oncall-1 permits until 2026-11-29T15:10:00Z: INC-1234")
	given.PermitsMore = []string{"ingress tcp 22 203.0.113.7/32 until 2026-11-29T15:10:00Z"}
	withdrawn := deleted(document(alert.ApprovalChanged, "approvals/"+front+"/oncall-1", "the approval oncall-1 is deleted: what it permitted is judged anew; CloudTrail's DeleteParameter says who did it"))
	withdrawn.Weakens = false
	revoked := drift(alert.Reverted, finding("ingress tcp 22 203.0.113.7/32", alert.ActionRevoked))
	revoked.Event, revoked.Actor, revoked.ExposureSeconds = withdrawn.Event, nil, nil
	revoked.Findings[0].OpenedByEvent = false
	expired := document(alert.ApprovalChanged, "approvals/"+front+"/oncall-1", "the approval oncall-1 permits nothing: it ended at 2026-11-29T07:00:00Z")

	paused := common(document(alert.Paused, "pause", "sgwarden is paused until 2026-11-29T09:00:00Z (migration CHG-77) and changes nothing in EC2; to go on: aws ssm delete-parameter --region us-east-1 --name /sg-baseline/pause"))
	paused.Weakens = true
	ended := common(swept(document(alert.Paused, "pause", "the pause ended at 2026-11-29T09:00:00Z (migration CHG-77): sgwarden changes security groups again")))
	unusable := common(document(alert.Paused, "pause", "this pauses nothing: until 2026-12-09T09:00:00Z is more than 24 hours ahead"))
	unusable.Outcome = alert.Failed
	trust := common(document(alert.BaselineChanged, "trust", "updated"))
	trust.Weakens, trust.PermitsMore = true, []string{"trust arn:aws:iam::123456789012:role/terraform-ci for 24 hours"}
	guardrail := common(document(alert.BaselineChanged, "guardrail", "updated"))
	guardrail.PermitsLess = []string{"forbid ingress tcp 22 wider than ipv4 /24, ipv6 /48"}

	const problem = "groupId: the document is for sg-0b, not for " + front
	return map[string]Story{
		"baseline-changed":            storyOf(changed),
		"baseline-changed-in-grace":   storyOf(grace),
		"baselines-pushed":            elevenBaselines(),
		"baseline-deleted":            storyOf(deleted(document(alert.BaselineChanged, "groups/"+front, "deleted: the group has no baseline any more, and the next sweep judges it; CloudTrail's DeleteParameter says who did it"))),
		"guardrail-changed":           storyOf(guardrail),
		"guardrail-deleted":           storyOf(deleted(common(document(alert.BaselineChanged, "guardrail", "deleted: groups without a baseline are not guarded any more; CloudTrail's DeleteParameter says who did it")))),
		"trust-changed":               storyOf(trust),
		"approval-given":              storyOf(given),
		"approval-withdrawn":          storyOf(withdrawn),
		"approval-withdrawn-reverted": storyOf(revoked, withdrawn),
		"approval-ended":              storyOf(expired),
		"paused":                      storyOf(paused),
		"pause-over":                  storyOf(ended),
		"pause-unusable":              storyOf(unusable),
		"broken-baseline":             storyOf(broken("groups/"+front, problem)),
		"broken-baseline-reminder":    remembered(storyOf(broken("groups/"+front, problem))),
		"broken-guardrail":            storyOf(common(broken("guardrail", "forbid[0].ports: 99999 is no port"))),
		"broken-approval":             storyOf(broken("approvals/"+front+"/oncall-1", "the approval oncall-1 permits nothing: expires: 2027-11-29T00:00:00Z is more than 90 days ahead")),
		"broken-trust":                storyOf(common(broken("trust", "nobody is trusted: principals[0].arn: a wildcard is not permitted"))),
		"broken-pause":                storyOf(common(broken("pause", "this pauses nothing: until: missing"))),
	}
}
