package mail

import "github.com/sgwarden/sgwarden/pkg/alert"

const offices = "pl-0a1b2c3d4e5f60718"

func ofList(outcome alert.Outcome, findings ...alert.Finding) alert.Alert {
	a := drift(outcome, findings...)
	a.Kind, a.GroupID, a.GroupName, a.VpcID, a.PrefixListID, a.PrefixListName = alert.PrefixListKind, "", "", "", offices, "offices"
	a.Event.Name, a.Baseline = "ModifyManagedPrefixList", alert.Baseline{Parameter: "/sg-baseline/prefix-lists/" + offices, Version: 3}
	return a
}

func entryFinding(cidr string, action alert.Action) alert.Finding {
	return alert.Finding{
		Rule: "entry " + cidr, Description: "temporary", Verdict: alert.Violation, Action: action, OpenedByEvent: true, OpensPublic: true,
		Reason: "no approved entry covers " + cidr,
	}
}

func missingEntry(cidr string, action alert.Action) alert.Finding {
	return alert.Finding{Rule: "entry " + cidr, Description: "head office", Verdict: alert.Missing, Action: action, Reason: "approved, and not in the list, or not in full"}
}

func listStories() map[string]Story {
	const world = "0.0.0.0/0"
	failing := entryFinding(world, alert.ActionFailed)
	failing.Error = "UnauthorizedOperation: You are not authorized to perform this operation."
	missing := swept(ofList(alert.None, missingEntry("10.0.0.0/8", alert.ActionNone)))
	missing.RestoreOff = true
	foreign := ofList(alert.None, entryFinding(world, alert.ActionNone))
	foreign.Reason = "the prefix list belongs to account 444455556666, so that sgwarden only reports it"
	untagged, fresh, paused := ofList(alert.WouldRevert, entryFinding(world, alert.ActionNone)), ofList(alert.WouldRevert, entryFinding(world, alert.ActionNone)), swept(ofList(alert.WouldRevert, missingEntry("10.0.0.0/8", alert.ActionNone)))
	untagged.Reason = "sgwarden only reports this prefix list, since it may change only lists with the tag sgwarden=prod; to have the list guarded: " +
		"aws ec2 create-tags --region us-east-1 --resources " + offices + " --tags Key=sgwarden,Value=prod"
	fresh.Reason = "the document is new, and nothing is taken out until 2026-11-29T07:20:00Z: it is not known what the baseline permitted until recently"
	paused.Reason = "sgwarden is paused until 2026-11-29T08:00:00Z: CHG-77"
	deletedList := ofList(alert.None)
	deletedList.Event.Name = "DeleteManagedPrefixList"
	deletedList.Reason = "the prefix list was deleted and its document is still there; if that was meant, delete the document too: aws ssm delete-parameter --name /sg-baseline/prefix-lists/" + offices
	changed := listDocumentAlert("updated")
	changed.PermitsMore, changed.PermitsLess = []string{"entry 20.0.0.0/23"}, []string{"entry 10.0.0.0/8"}
	inGrace := entryFinding("10.0.0.0/8", alert.ActionNone)
	inGrace.OpenedByEvent, inGrace.OpensPublic, inGrace.Reason = false, false, "live, and permitted until 2026-11-29T07:20:00Z only, by version 2 (grace); the next sweep after that takes it out"
	grace := changed
	grace.Findings = []alert.Finding{inGrace}
	broken := listDocumentAlert("entries: is missing: where no entry is permitted, write entries: []")
	broken.Kind, broken.Outcome, broken.Broken = alert.BaselineError, alert.Failed, true
	return map[string]Story{
		"list-reverted":        storyOf(ofList(alert.Reverted, entryFinding(world, alert.ActionRevoked))),
		"list-reverted-two":    storyOf(ofList(alert.Reverted, entryFinding(world, alert.ActionRevoked), entryFinding("20.0.0.0/24", alert.ActionRevoked), missingEntry("10.0.0.0/8", alert.ActionRestored))),
		"list-not-reverted":    storyOf(ofList(alert.Failed, failing)),
		"list-mode-alert":      storyOf(ofList(alert.WouldRevert, entryFinding(world, alert.ActionNone))),
		"list-untagged":        storyOf(untagged),
		"list-document-new":    storyOf(fresh),
		"list-missing-paused":  storyOf(paused),
		"list-of-another":      storyOf(foreign),
		"list-missing":         storyOf(missing),
		"list-deleted":         storyOf(deletedList),
		"list-document":        storyOf(changed),
		"list-document-grace":  storyOf(grace),
		"list-document-broken": storyOf(broken),
	}
}

func listDocumentAlert(reason string) alert.Alert {
	a := document(alert.BaselineChanged, "prefix-lists/"+offices, reason)
	a.GroupID, a.GroupName, a.VpcID, a.PrefixListID, a.PrefixListName = "", "", "", offices, "offices"
	return a
}
