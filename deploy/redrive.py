"""What redrive.sh needs to know of messages: JSON in, text out. It calls nothing. See redrive.sh --help."""
import json
import sys
from datetime import datetime, timezone


def messages(path):
    """The messages of an answer of sqs receive-message; the AWS CLI prints nothing where there are none."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return (json.loads(text) if text.strip() else {}).get("Messages") or []


def at(value, *path):
    """What is at a path of keys, or None: events come in many shapes."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def first(*values):
    """The first that is a text or number with something in it, as text."""
    return next((str(v) for v in values if isinstance(v, (str, int)) and v != ""), "")


def items(value):
    """The objects of a list as CloudTrail writes those of EC2: {"items": [...]}, and {} for none."""
    found = at(value, "items")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


class Unknown(Exception):
    """A message that can't be understood."""


def alert_in(body):
    """The alert in a message of the notifier's queue, which SNS wrapped.

    SNS's wrapping: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#http-notification-json
    """
    try:
        alert = json.loads(first(at(json.loads(body), "Message")))
    except (ValueError, RecursionError) as error:
        raise Unknown(f"it can't be read: {error}") from error
    if not all(isinstance(at(alert, key), str) for key in ("id", "kind", "outcome")):
        raise Unknown("it holds no alert")
    return alert


def described_alert(queue, message):
    """As described, of a message of the notifier's queue."""
    body = message.get("Body", "")
    failed = {**failure(message, {}), "error": "no mail told of it: the notifier's log says why"}
    try:
        alert, understood = alert_in(body), True
    except Unknown as why:
        alert, understood, failed = {}, False, {**failed, "errorType": "not understood", "error": str(why)}
    received = first(at(message, "Attributes", "ApproximateReceiveCount"))
    findings = alert.get("findings")
    rules = [first(at(finding, "rule")) for finding in findings] if isinstance(findings, list) else []
    baseline = first(at(alert, "baseline", "parameter"))
    return {
        "queue": queue, "messageId": message.get("MessageId"), "understood": understood,
        "eventId": first(at(alert, "event", "id"), at(alert, "id")),
        "envelopeId": first(at(alert, "id")),
        "eventName": " ".join(filter(None, (first(alert.get("kind")), first(alert.get("outcome"))))),
        "eventTime": first(at(alert, "event", "time")),
        "group": first(alert.get("groupId")),
        "parameter": "" if first(alert.get("groupId")) else baseline,
        "rules": [rule for rule in rules if rule],
        "actor": first(at(alert, "actor", "arn"), at(alert, "actor", "invokedBy")),
        **failed,
        "attempts": int(received) if received.isdigit() else None,
        "body": body,
    }


def opened(body):
    """The event in a message, the event as it goes to the function, and the record of a failed invocation or {}.

    Lambda's record of a failed invocation holds the event as requestPayload:
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations
    A dead letter of EventBridge is the event itself: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    try:
        event, payload, record = json.loads(body), body, {}
        if at(event, "requestContext") is not None:
            record, event = event, at(event, "requestPayload")
            payload = json.dumps(event, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise Unknown(f"it can't be read: {error}") from error
    if not all(isinstance(at(event, key), str) for key in ("id", "source", "detail-type")):
        raise Unknown("it holds no event")
    return event, payload, record


def rule_texts(call):
    """The rules that a call made or revoked, in rule text, where CloudTrail has them one by one in the answer."""
    answer = at(call, "responseElements")
    texts = []
    for item in items(at(answer, "securityGroupRuleSet")) + items(at(answer, "revokedSecurityGroupRuleSet")):
        protocol, low, high = (first(at(item, key)) for key in ("ipProtocol", "fromPort", "toPort"))
        if protocol == "-1":
            protocol = ports = "all"
        elif protocol.startswith("icmp"):
            ports = "all" if low in ("", "-1") else low if high in ("", "-1") else f"{low}/{high}"
        else:
            ports = "all" if low in ("", "-1") or (low, high) == ("0", "65535") else low if low == high else f"{low}-{high}"
        keys = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedGroupId")
        peer = first(*(at(item, key) for key in keys), at(item, "referencedGroupInfo", "groupId"))
        texts.append(f"{'egress' if at(item, 'isEgress') is True else 'ingress'} {protocol} {ports} {peer}")
    return texts


def group_of(detail):
    """The group's id; by its name where a call in the default VPC has no id; of a parameter, its operation and name."""
    request, answer = at(detail, "requestParameters"), at(detail, "responseElements")
    wrapped = at(request, f"{at(detail, 'eventName')}Request", "GroupId")  # as ModifySecurityGroupRules has it
    made = [at(item, "groupId") for item in items(at(answer, "securityGroupRuleSet"))]
    return first(at(request, "groupId"), wrapped, at(answer, "groupId"), *made, at(request, "groupName"))


def failure(message, record):
    """When it failed, how often it was tried, the error's type and the error."""
    attributes = {key: at(value, "StringValue") for key, value in (at(message, "MessageAttributes") or {}).items()}
    sent = first(at(message, "Attributes", "SentTimestamp"))  # in ms since 1970
    if sent.isdigit():
        sent = datetime.fromtimestamp(int(sent) / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    retries = first(attributes.get("RETRY_ATTEMPTS"))
    answer = at(record, "responsePayload")
    condition = first(at(record, "requestContext", "condition"), attributes.get("EXHAUSTED_RETRY_CONDITION"))
    error = first(at(answer, "errorMessage"), answer, attributes.get("ERROR_MESSAGE"))
    return {
        "failedTime": first(at(record, "timestamp"), sent),
        "attempts": at(record, "requestContext", "approximateInvokeCount") or (int(retries) + 1 if retries.isdigit() else None),
        "errorType": first(at(answer, "errorType"), attributes.get("ERROR_CODE")),
        "error": error or condition,
    }


def described(queue, message):
    """A message for machines, and what is needed of it for people."""
    body = message.get("Body", "")
    known = {"queue": queue, "messageId": message.get("MessageId"), "understood": True}
    try:
        event, _, record = opened(body)
    except Unknown as why:
        known["understood"], event, record = False, {}, {}
        failed = {**failure(message, {}), "errorType": "not understood", "error": str(why)}
    else:
        failed = failure(message, record)
    detail = at(event, "detail")
    identity = at(detail, "userIdentity")
    parameter = " ".join(filter(None, (first(at(detail, "operation")), first(at(detail, "name")))))
    return {
        **known,
        "eventId": first(at(detail, "eventID"), at(event, "id")),
        "envelopeId": first(at(event, "id")),
        "eventName": first(at(detail, "eventName"), at(event, "detail-type")),
        "eventTime": first(at(detail, "eventTime"), at(event, "time")),
        "group": group_of(detail),
        "parameter": "" if at(detail, "eventName") else parameter,
        "rules": rule_texts(detail),
        "actor": first(at(identity, "arn"), at(identity, "invokedBy"), at(identity, "principalId"), at(identity, "type")),
        **failed,
        "body": body,
    }


def plain(text, most=300):
    """Text from strangers in one line, without what a terminal would obey."""
    text = " ".join(str(text).split())
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= most else text[:most] + " ..."


def print_table(queue, path, in_flight):
    rows = records(path)
    rows.sort(key=lambda r: (r["eventTime"] or r["failedTime"], r["messageId"]))
    held = f", {in_flight} in flight: somebody else has them, or had until a moment ago" if int(in_flight) else ""
    print(f"{queue}: {len(rows) or 'no'} message{'' if len(rows) == 1 else 's'}{held}")
    if rows:
        print(f"  {'EVENT TIME':<20}  {'FAILED':<20}  TRIES  WHAT")
    for r in rows:
        rules = r["rules"][:3] + ([f"{len(r['rules']) - 3} more rules"] if len(r["rules"]) > 3 else [])
        what = " ".join(filter(None, (r["eventName"], r["group"], r["parameter"], ", ".join(rules)))) or r["body"]
        happened, failed = r["eventTime"] or "-", r["failedTime"][:19] + "Z" if r["failedTime"] else "-"
        print(f"  {plain(happened, 20):<20}  {plain(failed):<20}  {r['attempts'] or '-':<5}  {plain(what)}")
        why = ": ".join(filter(None, (r["errorType"], r["error"])))
        label, name = ("event", r["eventId"]) if r["understood"] else ("message", r["messageId"])
        for key, value in (("who", r["actor"]), ("why", why), (label, name)):
            if value:
                print(f"      {key:<7}  {plain(value)}")


def records(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def describe(queue, *batches):
    """JSON lines of the messages in answers, each message once."""
    tell = described_alert if queue.startswith("Notifier") else described
    for message in {m["MessageId"]: m for path in batches for m in messages(path)}.values():
        print(json.dumps(tell(queue, message)))


def choose(path, *ids):
    """Of such JSON lines those that can be replayed: all of them, or those with one of the ids."""
    for r in records(path):
        if r["understood"] and (not ids or {r["eventId"], r["envelopeId"], r["messageId"]} & set(ids)):
            print(json.dumps(r))


def absent(*arguments):
    """Of ids, those that none of the chosen messages has: IDS... -- FILES..."""
    split = arguments.index("--")
    found = [r for path in arguments[split + 1:] for r in records(path)]
    known = {name for r in found for name in (r["eventId"], r["envelopeId"], r["messageId"])}
    print(*(name for name in arguments[:split] if name not in known))


def handles(batch):
    """MESSAGE HANDLE of each message."""
    for message in messages(batch):
        print(message["MessageId"], message["ReceiptHandle"])


def entries(path, more="{}"):
    """Such lines as the AWS CLI takes them for a batch call, ten at a time, which is the most SQS takes."""
    with open(path, encoding="utf-8") as file:
        latest = dict(line.split() for line in file)  # only a message's last handle is sure to work
    listed = [{"Id": name, "ReceiptHandle": handle, **json.loads(more)} for name, handle in latest.items()]
    for start in range(0, len(listed), 10):
        print(json.dumps(listed[start:start + 10]))


def payloads(queue, batch, chosen, tried, directory):
    """Writes what a batch has for the function, where it is chosen and not tried yet, to DIRECTORY/N.payload, and prints
    N MESSAGE HANDLE of each. The notifier gets a message as it is, the others the event in it."""
    names = {r["messageId"]: r for r in records(chosen)}
    with open(tried, encoding="utf-8") as file:
        before = file.read().split()
    number = len(before)
    for message in {m["MessageId"]: m for m in messages(batch)}.values():
        name = message["MessageId"]
        if name not in names or name in before:
            continue
        with open(f"{directory}/{number}.payload", "w", encoding="utf-8") as file:
            file.write(message["Body"] if queue.startswith("Notifier") else opened(message["Body"])[1])
        print(number, name, message["ReceiptHandle"])
        number += 1


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    verbs = (describe, choose, absent, handles, entries, payloads, print_table)
    {verb.__name__: verb for verb in verbs}[sys.argv[1]](*sys.argv[2:])
