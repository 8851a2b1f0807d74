# shellcheck shell=bash disable=SC2034,SC2154
# What deploy.sh does with the answer yes: it has CloudFormation start, waits for the end, and says how it ended. Sourced by
# deploy.sh, with which it shares variables.

# create_stack and execute_change_set give CloudFormation a token. All events of what they start carry it (API Reference,
# StackEvent, ClientRequestToken), so explain_failure finds them among the events of the stack's whole life.
create_stack() {
  local named=() line
  while IFS= read -r line; do named+=("$line"); done <"$notes/parameters"
  say "creating stack $stack"
  aws_or_die "create stack $stack" cloudformation create-stack --stack-name "$stack" --template-url "$template_url" \
    --parameters "${named[@]}" --capabilities CAPABILITY_IAM --client-request-token "$token" >/dev/null
}

execute_change_set() {
  say "updating stack $stack"
  aws_or_die "update stack $stack (has somebody else changed it meanwhile?)" cloudformation execute-change-set --stack-name "$stack" \
    --change-set-name "$change_set" --client-request-token "$token" >/dev/null
  note change_set ''
}

# wait_for_stack polls until the stack is at rest, leaving status, mails, alerts, alarms, chat and prefix.
wait_for_stack() {
  local query answer last='' name execution=''
  query='Stacks[0].[StackStatus'
  for name in MailTopicArn AlertTopicArn AlarmTopicArn ChatTopicArn BaselinePrefix; do query+=", Outputs[?OutputKey=='$name'].OutputValue | [0]"; done
  while true; do
    answer=$(aws_or_die "look at stack $stack" cloudformation describe-stacks --stack-name "$stack" --query "$query]" --output text)
    IFS=$'\t' read -r status mails alerts alarms chat prefix <<<"$answer"
    if [[ $status != *_IN_PROGRESS ]] && has_begun; then break; fi
    [[ $status == "$last" ]] || say "$status"
    last=$status
    sleep 5
  done
  [[ $execution != EXECUTE_FAILED ]] || status="$status, and its change set EXECUTE_FAILED"
  case $status in
    CREATE_COMPLETE | UPDATE_COMPLETE) say "$status" ;;
    *) explain_failure; die "stack $stack ended as $status" ;;
  esac
}

# has_begun sets execution, and tells whether the update has begun, and so is over where the stack is at rest. CloudFormation starts the update
# only after it has answered execute-change-set (API Reference, ExecuteChangeSet). A change set that is gone has begun. Any
# other failure tells nothing, so it ends the script: the stack may be at rest because nothing has begun.
has_begun() {
  [[ -n $change_set ]] || return 0
  if ! execution=$(aws cloudformation describe-change-set --stack-name "$stack" --change-set-name "$change_set" \
    --query ExecutionStatus --output text 2>"$tmp/complaint"); then
    grep -q ChangeSetNotFound "$tmp/complaint" || die_of_complaint "stack $stack was told to update, but whether that has begun cannot be found out"
    return 0
  fi
  execution=${execution%%$'\n'*} # one line for each page of changes
  [[ $execution != AVAILABLE && $execution != EXECUTE_IN_PROGRESS ]]
}

# explain_failure says why the stack failed: the resources that failed, the oldest first, since the later ones often fail
# because of it. CloudFormation cancels what else it is doing then; that is no cause.
explain_failure() {
  local failures line
  # The AWS CLI reads all pages and applies the query to each, so nothing here may depend on the order of all events.
  failures=$(aws cloudformation describe-stack-events --stack-name "$stack" --output text --query \
    "StackEvents[?ClientRequestToken=='$token' && ends_with(ResourceStatus, '_FAILED')].[LogicalResourceId, ResourceType, ResourceStatusReason]" \
    2>/dev/null | grep -vE $'\tResource (creation|update|deletion) [Cc]ancell?ed' | oldest_first | sed -n 1,8p) || true
  {
    if [[ -n $failures ]]; then
      printf '%s\n' "What failed, the first cause first:"
      while IFS= read -r line; do printf '  %s\n' "${line//$'\t'/  }"; done <<<"$failures"
    else
      printf '%s\n' "CloudFormation names no resource that failed. What happened, the latest first:" \
        "  aws cloudformation describe-stack-events --stack-name $stack --region $region"
    fi
  } >&2
}

# oldest_first turns lines round: CloudFormation lists the newest event first.
oldest_first() { awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }'; }

# tell_topics says where the region's stack sends what it has to tell.
tell_topics() {
  cat <<NEXT

Mails for people go to $mails
Alarms go to $alarms
Alerts for machines go to $alerts
NEXT
  [[ $chat != arn:* ]] || printf '%s\n' "Cards for a chat go to $chat: add that topic to the channel in Amazon Q Developer"
}

# mode_text MODE says what sgwarden does in that mode.
mode_text() {
  if [[ $1 == enforce ]]; then
    echo "mode enforce: what no baseline permits is revoked"
  else
    echo "mode $1: nothing in EC2 is changed, what no baseline permits is only reported"
  fi
}

# next_steps EMAIL PREFIX CENTRAL says what is left to do, with the address and the central topic that the stacks have.
next_steps() {
  local email=$1 prefix=$2 central=$3
  printf '\nNext:\n'
  [[ -z $central ]] || printf '%s\n' "  The central stack of $central makes the mails. Alarms are still this stack's own."
  if [[ -n $email ]]; then
    cat <<NEXT
  1. Confirm the subscriptions of $email: SNS sends that address two links for each region where they are new, one for the
     mails and one for the alarms. Without the click nobody hears anything.
NEXT
  else
    cat <<NEXT
  1. Nobody has been subscribed to mails and alarms. Run this again with --email ADDRESS, or subscribe something else to both topics:
       aws sns subscribe --topic-arn TOPIC --protocol PROTOCOL --notification-endpoint ENDPOINT
NEXT
  fi
  cat <<NEXT
  2. If not done yet, push the baselines, to $prefix/groups/. Groups without one are left alone, unless $prefix/guardrail forbids
     what they open.
  3. Look whether all parts work, in each region: deploy/doctor.sh --stack-name $stack --region REGION
  4. Prove that it works: run this again with --canary on. A canary then flies every 15 minutes; one at once:
       aws lambda invoke --function-name $stack-canary /dev/stdout
NEXT
}
