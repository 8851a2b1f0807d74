#!/usr/bin/env bash
# Shows what is in sgwarden's dead-letter queues, and gives it to the functions again. See --help.
set -euo pipefail
export AWS_PAGER=''
export PYTHONUTF8=1 # or the AWS CLI and Python may write and read messages in the terminal's encoding
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/common.sh
source "$here/common.sh"

usage() {
  cat <<'HELP'
Usage: deploy/redrive.sh [show] [OPTION...]
       deploy/redrive.sh replay [--yes] [--event ID]... [OPTION...]

show lists what waits in the dead-letter queues of sgwarden's stack: what happened, when, who did it, and why it could not
be dealt with. The messages stay. They are hidden from others while it reads, which it ends by putting them back; if it
is killed, SQS does so after a minute and a second for each message.

replay shows the same and asks. Then it invokes the remediator with each event, and removes a message once Lambda has
accepted its event. That is safe whatever happened since, as the remediator judges the rules and the baseline of now,
and twice does no harm. What fails again comes back to the queue some minutes later. Sweeps aren't replayed one by one:
the sweeper is invoked once for all of them, and they are removed once Lambda has accepted that. Alerts that did not become a
mail go back into the notifier's queue, and are removed once SQS has accepted them. A message that can't be understood is
shown and stays; 'show --json' has its body.

  --json               show: a line of JSON for each message, with its body; counts go to standard error
  --yes                replay: don't ask
  --event ID           replay only this event, by the id in the alert or of the message; may be repeated
  --stack-name NAME    name of the stack                                         (default: sgwarden)
  --region REGION      region of the stack                   (default: that of the AWS environment)
  --help               show this

Account, region and endpoint come from the AWS CLI's ordinary environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ...
It needs python3, and the permissions cloudformation:DescribeStacks, sqs:GetQueueAttributes, sqs:ReceiveMessage and
sqs:ChangeMessageVisibility; to replay also sqs:DeleteMessage, sqs:SendMessage and lambda:InvokeFunction.

Exit status of show: 0 the queues are empty, 2 there are messages, in flight ones included, 1 an error.
Exit status of replay: 0 AWS accepted all that was to be replayed, 2 the same but (without --event) messages remain that
can't be understood or are in flight, 1 an error, or nobody said yes.

  deploy/redrive.sh
  deploy/redrive.sh show --json | jq -r 'select(.group == "sg-0a1b2c3d4e5f60718") | .eventId'
  deploy/redrive.sh replay --event 53c3a5f2-7905-4bdd-ad8a-7ecb7c9ed281
HELP
}

# redrive.py knows what is in messages.
understand() { python3 "$here/redrive.py" "$@" || die "cannot go on: redrive.py $1 failed"; }

parse_options() {
  verb='' stack=sgwarden json=no sure=no events=()
  while (($#)); do
    if [[ $1 == --*=* ]]; then set -- "${1%%=*}" "${1#*=}" "${@:2}"; fi
    case $1 in
      --help | -h) usage; exit 0 ;;
      show | replay) [[ -z $verb ]] || die "$verb or $1? See --help"; verb=$1; shift; continue ;;
      --json) json=yes; shift; continue ;;
      --yes | -y) sure=yes; shift; continue ;;
      --event | --stack-name | --region) [[ -n ${2:-} ]] || die "$1 needs a value; see --help" ;;
      *) die "unknown argument $1; see --help" ;;
    esac
    case $1 in
      --event) events+=("$2") ;;
      --stack-name) stack=$2 ;;
      --region) export AWS_REGION=$2 ;;
    esac
    shift 2
  done
  verb=${verb:-show}
  check_stack_name "$stack"
  [[ $verb == show || $json == no ]] || die "--json goes with show only"
  [[ $verb == replay || $sure == no && ${#events[@]} == 0 ]] || die "--yes and --event go with replay only"
  if [[ $verb == replay && $sure == no ]]; then check_terminal; fi
}

# sqs: version 1 of the AWS CLI overlooks AWS_ENDPOINT_URL for this service.
sqs() {
  local doing=$1 endpoint=${AWS_ENDPOINT_URL_SQS:-${AWS_ENDPOINT_URL:-}}
  shift
  aws_or_die "$doing" sqs "$@" --queue-url "$url" ${endpoint:+--endpoint-url "$endpoint"}
}

# read_stack sets queues, and notes of each its URL and its function in $tmp/QUEUE/. Outputs name them: XFailuresUrl and
# XUndeliveredUrl are queues of the function XFunctionName. For the notifier it notes the URL of the queue that feeds it.
read_stack() {
  local answer name value queue
  answer=$(describe_stack "$stack" "Stacks[0].[[['StackId', StackId]], Outputs[].[OutputKey, OutputValue]][]")
  [[ -n $answer ]] || die "there is no stack $stack in region $region: see --stack-name and --region"
  printf '%s\n' "$answer" | sort >"$tmp/outputs"
  queues=()
  while IFS=$'\t' read -r name value; do
    queue=${name%Url}
    case $name in
      StackId) say "stack $stack, account $(cut -d : -f 5 <<<"$value"), region $region${AWS_ENDPOINT_URL:+, endpoint $AWS_ENDPOINT_URL}" >&2 ;;
      *FailuresUrl | *UndeliveredUrl)
        queues+=("$queue")
        mkdir "$tmp/$queue"
        printf '%s' "$value" >"$tmp/$queue/url"
        output "$(sed -E 's/(Failures|Undelivered)$//' <<<"$queue")FunctionName" >"$tmp/$queue/function"
        output AlertQueueUrl >"$tmp/$queue/feed"
        ;;
    esac
  done <"$tmp/outputs"
  [[ " ${queues[*]-} " == *' RemediatorFailures '* && -s $tmp/RemediatorFailures/function ]] ||
    die "stack $stack is not sgwarden's: it has no outputs RemediatorFailuresUrl and RemediatorFunctionName"
}

output() { sed -n "s/^$1"$'\t'"//p" "$tmp/outputs"; }

# side_by_side FUNCTION QUEUE... runs it for each queue in a subshell of its own, as SQS takes a second to say that a queue
# is empty, and sets failed.
side_by_side() {
  local do=$1 queue child children=()
  shift
  failed=no
  for queue; do
    "$do" "$queue" &
    children+=($!)
  done
  trap 'kill "${children[@]}" 2>/dev/null || true; wait; exit 130' INT TERM
  for child in ${children[@]+"${children[@]}"}; do wait "$child" || failed=yes; done
  trap - INT TERM
}

# list_queue QUEUE notes what is in a queue, in $tmp/QUEUE/messages, and how many more are in flight, in in_flight.
list_queue() {
  open_queue "$1"
  batches=() kinds=(ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesDelayed)
  read -r visible held delayed < <(sqs "look at queue $1" get-queue-attributes --attribute-names "${kinds[@]}" --output text \
    --query "Attributes.[${kinds[0]}, ${kinds[1]}, ${kinds[2]}]")
  echo $((held + delayed)) >"$tmp/in_flight"
  hidden=$((60 + visible < 43200 ? 60 + visible : 43200)) # 12 h, the most SQS offers
  while receive; do
    batches+=("$tmp/$batch.json")
  done
  understand describe "$1" ${batches[@]+"${batches[@]}"} >"$tmp/messages"
  put_back
}

# open_queue QUEUE readies a subshell to receive from it. Whatever ends the subshell, it puts back what it has.
open_queue() {
  tmp=$tmp/$1
  queue=$1 url=$(<"$tmp/url") function=$(<"$tmp/function")
  hidden=60 batch=0 known=0
  : >"$tmp/held"
  : >"$tmp/gone"
  trap 'exit 130' INT TERM
  trap 'put_back || true' EXIT
}

# receive takes up to ten messages into $tmp/$batch.json and notes them in held, as MESSAGE HANDLE. It is false once there
# are no more. SQS asks only some of its servers unless it is told to wait; then an empty answer means an empty queue. A
# message may come twice nevertheless, so a few answers with nothing new end it too.
receive() {
  local before
  batch=$((batch + 1))
  sqs "receive from queue $queue" receive-message --max-number-of-messages 10 --wait-time-seconds 1 --visibility-timeout "$hidden" \
    --attribute-names All --message-attribute-names All --output json >"$tmp/$batch.json"
  understand handles "$tmp/$batch.json" >"$tmp/handles"
  before=$(distinct)
  cat "$tmp/handles" >>"$tmp/held"
  if (($(distinct) > before)); then known=0; else known=$((known + 1)); fi
  [[ -s $tmp/handles ]] && ((known < 3))
}

distinct() { cut -d ' ' -f 1 "$tmp/held" | sort -u | wc -l; }

# put_back makes visible again what was received and is not gone. What that doesn't work for becomes visible by itself.
put_back() {
  local entries
  # An interrupt may come between an answer and the note of it.
  if [[ -s $tmp/$batch.json ]]; then (understand handles "$tmp/$batch.json" >>"$tmp/held") || true; fi
  rm -f "$tmp/$batch.json"
  [[ -s $tmp/held ]] || return 0
  grep -vFf "$tmp/gone" "$tmp/held" >"$tmp/left" || true
  : >"$tmp/held"
  understand entries "$tmp/left" '{"VisibilityTimeout": 0}' >"$tmp/entries"
  while IFS= read -r entries; do
    sqs "put messages back into queue $queue" change-message-visibility-batch --entries "$entries" >/dev/null
  done <"$tmp/entries"
}

# show_queues FILE prints the messages that are noted in that file of each queue.
show_queues() {
  local queue
  for queue in "${queues[@]}"; do
    understand print_table "$queue" "$tmp/$queue/$1" "$(<"$tmp/$queue/in_flight")"
  done
}

# total FILE counts the lines that all queues have in files of that name.
total() { cat "$tmp"/*/"$1" | wc -l | tr -d ' '; }

# in_flight sums what is in flight in all queues.
in_flight() {
  local queue sum=0
  for queue in "${queues[@]}"; do sum=$((sum + $(<"$tmp/$queue/in_flight"))); done
  echo "$sum"
}

show() {
  if [[ $json == yes ]]; then
    cat "$tmp"/*/messages
    say "$(total messages) messages, $(in_flight) more in flight" >&2
  else
    show_queues messages
  fi
  (($(total messages) + $(in_flight) == 0)) || exit 2
}

# choose notes the messages to replay in $tmp/QUEUE/chosen.
choose() {
  local queue missing
  for queue in "${queues[@]}"; do
    understand choose "$tmp/$queue/messages" ${events[@]+"${events[@]}"} >"$tmp/$queue/chosen"
    : >"$tmp/$queue/gone"
  done
  missing=$(understand absent ${events[@]+"${events[@]}"} -- "$tmp"/*/chosen)
  [[ -z $missing ]] || die "nothing that can be replayed has the id $missing"
}

# each says whether what is in a queue is replayed one by one. The sweeper's alerts don't say who it was, so its turn is last.
each() { [[ $1 == Remediator* || $1 == Notifier* ]]; }

replay() {
  local queue chosen first=() last=() result=no
  choose
  if ((${#events[@]})); then show_queues chosen; else show_queues messages; fi
  chosen=$(total chosen)
  if ((chosen)); then
    [[ $sure == yes ]] || ask "Replay $chosen of these messages?" || die "nothing replayed"
    for queue in "${queues[@]}"; do
      if [[ ! -s $tmp/$queue/chosen ]]; then continue; fi
      if each "$queue"; then first+=("$queue"); else last+=("$queue"); fi
    done
    side_by_side replay_queue ${first[@]+"${first[@]}"}
    result=$failed
    side_by_side replay_queue ${last[@]+"${last[@]}"}
  fi
  say "replayed $(total gone) of $chosen messages; $(($(total messages) - $(total gone))) remain"
  [[ $failed == no && $result == no ]] || exit 1
  ((${#events[@]})) || (($(total messages) + $(in_flight) == chosen)) || exit 2
}

# replay_queue QUEUE replays the chosen messages, and notes in $tmp/QUEUE/gone those that it did away with.
replay_queue() {
  open_queue "$1"
  failed=no hidden=$((120 + $(wc -l <"$tmp/messages")))
  : >"$tmp/tried"
  while (($(wc -l <"$tmp/tried") < $(wc -l <"$tmp/chosen"))) && receive; do
    understand payloads "$queue" "$tmp/$batch.json" "$tmp/chosen" "$tmp/tried" "$tmp" >"$tmp/todo"
    if [[ -s $tmp/todo ]]; then
      invoke_batch
      remove_accepted
    fi
  done
  put_back
  if (($(wc -l <"$tmp/tried") < $(wc -l <"$tmp/chosen"))); then
    die "queue $1: some messages were gone, or in flight, when they were to be replayed"
  fi
  [[ $failed == no ]]
}

# invoke_batch invokes the function for what is in todo, as NUMBER MESSAGE HANDLE, and notes what was accepted.
invoke_batch() {
  local number name handle attempt
  while read -r number name handle; do
    # One sweep makes up for all that failed.
    if each "$queue" || [[ $number == 0 ]]; then invoke "$number" & fi
  done <"$tmp/todo"
  wait
  : >"$tmp/accepted"
  while read -r number name handle; do
    printf '%s\n' "$name" >>"$tmp/tried"
    if each "$queue"; then attempt=$number; else attempt=0; fi
    if [[ $(<"$tmp/$attempt.status") == 202 ]]; then
      printf '%s %s\n' "$name" "$handle" >>"$tmp/accepted"
    else
      failed=yes
      printf '%s: cannot give %s message %s: %s\n' "${0##*/}" "$function" "$name" "$(tr -s '\n' ' ' <"$tmp/$attempt.complaint")" >&2
    fi
  done <"$tmp/todo"
}

# invoke NUMBER hands NUMBER.payload to Lambda's queue, by fileb as both versions of the AWS CLI take that for bare bytes. An
# alert goes into the queue that feeds the notifier.
invoke() {
  if [[ $queue == Notifier* ]]; then send "$1"; return; fi
  aws lambda invoke --function-name "$function" --invocation-type Event --payload "fileb://$tmp/$1.payload" \
    --query StatusCode --output text "$tmp/$1.answer" >"$tmp/$1.status" 2>"$tmp/$1.complaint" || true
}

# send NUMBER puts NUMBER.payload into the queue that feeds the notifier, and notes the status that invoke would.
send() {
  local endpoint=${AWS_ENDPOINT_URL_SQS:-${AWS_ENDPOINT_URL:-}}
  : >"$tmp/$1.status"
  if aws sqs send-message --queue-url "$(<"$tmp/feed")" --message-body "file://$tmp/$1.payload" ${endpoint:+--endpoint-url "$endpoint"} \
    >"$tmp/$1.answer" 2>"$tmp/$1.complaint"; then
    echo 202 >"$tmp/$1.status"
  fi
}

remove_accepted() {
  local entries
  [[ -s $tmp/accepted ]] || return 0
  understand entries "$tmp/accepted" >"$tmp/entries"
  while IFS= read -r entries; do
    sqs "remove replayed messages from queue $queue" delete-message-batch --entries "$entries" --output text \
      --query 'Successful[].[Id]' >"$tmp/removed"
    cat "$tmp/removed" >>"$tmp/gone"
    if (($(wc -l <"$tmp/removed") < $(wc -l <"$tmp/accepted"))); then
      failed=yes
      printf '%s: SQS did not remove all that was replayed from queue %s: it will be shown again\n' "${0##*/}" "$queue" >&2
    fi
  done <"$tmp/entries"
}

main() {
  parse_options "$@"
  command -v python3 >/dev/null || die "python3 is missing: install it or put it on PATH"
  make_tmp
  find_region
  read_stack
  side_by_side list_queue "${queues[@]}"
  [[ $failed == no ]] || exit 1
  "$verb"
}

main "$@"
