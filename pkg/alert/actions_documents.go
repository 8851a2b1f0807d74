package alert

import (
	"fmt"
	"strings"
	"time"
)

// addDocumentActions adds what can be done about the document that the alert is about.
func addDocumentActions(a Alert, add adding) {
	kind := documentOf(a)
	isDeleted := a.Baseline.Version == 0
	switch {
	case isLeftOver(a):
		add("delete the "+documentOf(a)+" that is left over", deleteDocument(a)...)
		return
	case a.Kind == BaselineChanged && isDeleted:
		add("see who deleted the "+kind+howToPush[kind], whoDeleted(a)...)
	case a.Kind == ApprovalChanged && isDeleted:
		add("see who withdrew the approval (deploy/baseline.sh allow GROUP RULE --expires 8h --reason WHY approves again)", whoDeleted(a)...)
	case a.Kind == BaselineChanged || a.Kind == BaselineError:
		add("bring the version before back", restorePrevious(a)...)
		add(deleteLabel(a), deleteFirst(a)...)
	case a.Kind == ApprovalChanged:
		add("withdraw the approval", deleteDocument(a)...)
		add("bring the version before back", restorePrevious(a)...)
	case a.Kind == Paused:
		add("end the pause", endPause(a)...)
		add("pause sgwarden for one hour", pauseAgain(a)...)
	default:
		return
	}
	add("see who wrote the "+kind, whoWrote(a)...)
}

// howToPush says how a document that was deleted is written again. Its versions are
// deleted with it.
var howToPush = map[string]string{
	"baseline":  " (deploy/baseline.sh push FILE writes it again)",
	"guardrail": " (deploy/baseline.sh guardrail push FILE writes it again)",

	"prefix list's document": " (deploy/baseline.sh push FILE writes it again)",
}

// documentOf names the kind of document that the alert's parameter holds.
func documentOf(a Alert) string {
	name := a.Baseline.Parameter
	switch {
	case strings.Contains(name, "/groups/"):
		return "baseline"
	case strings.Contains(name, "/approvals/"):
		return "approval"
	case strings.Contains(name, "/prefix-lists/"):
		return "prefix list's document"
	case strings.HasSuffix(name, "/guardrail"):
		return "guardrail"
	case strings.HasSuffix(name, "/pause"):
		return "pause"
	case strings.HasSuffix(name, "/trust"):
		return "trust document"
	}
	return "document"
}

// prefixOf is the path under which all documents are, which the name of the alert's
// own document says.
func prefixOf(a Alert) (prefix string, known bool) {
	name := a.Baseline.Parameter
	if !hasParameter(a) {
		return "", false
	}
	for _, end := range []string{"/guardrail", "/pause", "/trust"} {
		if prefix, known = strings.CutSuffix(name, end); known {
			return prefix, true
		}
	}
	for _, folder := range []string{"/groups/", "/approvals/", "/prefix-lists/"} {
		if i := strings.LastIndex(name, folder); i > 0 {
			return name[:i], true
		}
	}
	return "", false
}

// isLeftOver reports whether the alert reports that a group or a prefix list was deleted
// and its document was not.
func isLeftOver(a Alert) bool {
	isEmpty := a.Outcome == None && len(a.Findings)+len(a.Closed) == 0
	return isEmpty && (a.Kind == Drift && strings.HasPrefix(a.Reason, "the group was deleted") ||
		a.Kind == PrefixListKind && strings.HasPrefix(a.Reason, "the prefix list was deleted"))
}

// restorePrevious is a command that brings the version before of a document back, as a
// new version. It passes on nothing but an object of JSON: the AWS CLI would take a
// value that begins with file:// or http:// for a location to read from.
//
// A large baseline is the head of its parts here. The parts never change, and those
// of the last ten versions are kept, so that the head alone brings the baseline back.
// A SecureString stays one with its key: without --key-id SSM would take the
// account's default key (SSM API reference, PutParameter, KeyId).
//
// In zsh a variable without quotes is one word, or none where it is empty.
func restorePrevious(a Alert) []string {
	changed := a.Kind == BaselineChanged || a.Kind == ApprovalChanged || a.Kind == BaselineError && a.Broken
	if !changed || a.Baseline.Version < 2 || !hasParameter(a) {
		return nil
	}
	name, before := quote(a.Baseline.Parameter), a.Baseline.Version-1
	read := aws(a, "ssm get-parameter", fmt.Sprintf("--name %s:%d --with-decryption --query Parameter.Value --output text", name, before))
	key := aws(a, "ssm get-parameter-history", "--name", name, fmt.Sprintf("--query 'Parameters[?Version==`%d`].KeyId' --output text", a.Baseline.Version))
	write := aws(a, "ssm put-parameter", "--name", name, `--overwrite ${k:+--type=SecureString} ${k:+"--key-id=$k"} --value "$v"`)
	return []string{fmt.Sprintf("(v=$(%s) && k=$(%s) && case $v in '{'*) %s;; *) echo 'version %d is no document: nothing was written' >&2; false;; esac)",
		read, key, write, before)}
}

// deleteFirst is a command that deletes a document that has no version before to bring
// back: one that was just created, or one that is broken.
func deleteFirst(a Alert) []string {
	isNew := a.Kind == BaselineChanged && a.Baseline.Version == 1
	if isNew || a.Kind == BaselineError && a.Broken && a.Baseline.Version < 2 {
		return deleteDocument(a)
	}
	return nil
}

func deleteLabel(a Alert) string {
	if a.Kind == BaselineError {
		return "delete the broken " + documentOf(a)
	}
	return "delete the " + documentOf(a) + " again"
}

func deleteDocument(a Alert) []string {
	if !hasParameter(a) {
		return nil
	}
	return []string{deleteParameter(a, a.Baseline.Parameter)}
}

// endPause is a command that deletes the pause, or what was meant to be one.
func endPause(a Alert) []string {
	if !a.Weakens && a.Outcome != Failed {
		return nil
	}
	return deleteDocument(a)
}

// pauseAgain is pause where sgwarden is not paused.
func pauseAgain(a Alert) []string {
	if a.Weakens {
		return nil
	}
	return pause(a)
}

// pause is a command that has nothing changed in EC2 for an hour from when it runs. The
// first date is GNU's and the second BSD's, as on macOS.
func pause(a Alert) []string {
	prefix, known := prefixOf(a)
	if !known {
		return nil
	}
	const format = "+%Y-%m-%dT%H:%M:%SZ"
	return []string{fmt.Sprintf(`(u=$(date -u -d '+1 hour' %[1]s 2>/dev/null || date -u -v+1H %[1]s) && %s)`,
		format, putParameter(a, prefix+"/pause", `"{\"schema\":1,\"until\":\"$u\",\"reason\":\"paused from an alert\"}"`))}
}

// whoWrote is a command that lists the versions of a document, with when each was
// written and by whom.
func whoWrote(a Alert) []string {
	if !hasParameter(a) || a.Baseline.Version == 0 && a.Kind != BaselineError {
		return nil
	}
	return []string{aws(a, "ssm get-parameter-history", "--name", quote(a.Baseline.Parameter),
		"--query 'Parameters[].[Version,LastModifiedDate,LastModifiedUser]' --output text")}
}

// lookBack is how long before the event a search in CloudTrail begins.
const lookBack = 15 * time.Minute

// whoDeleted is a command that finds the deletions of a document in CloudTrail, which
// takes some minutes to know them. SSM keeps nothing of a deleted parameter.
func whoDeleted(a Alert) []string {
	at := a.Event.Time
	if at.IsZero() {
		at = a.MadeAt
	}
	if !hasParameter(a) {
		return nil
	}
	return []string{aws(a, "cloudtrail lookup-events", "--lookup-attributes AttributeKey=EventName,AttributeValue=DeleteParameter",
		"--start-time", at.Add(-lookBack).UTC().Format(time.RFC3339),
		fmt.Sprintf(`--query "Events[?contains(CloudTrailEvent, '\"%s\"')].[EventTime,Username,EventId]" --output text`, a.Baseline.Parameter))}
}
