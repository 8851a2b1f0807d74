# shellcheck shell=bash disable=SC2154
# deploy.sh's check for a CloudTrail trail: EventBridge hears of EC2's calls only where a trail logs management events.
# Sourced by deploy.sh, with which it shares variables.

# writes_of_management counts a trail's selectors that log what changes security groups. A trail has selectors of one of
# the two kinds; one without any logs all management events (CloudTrail User Guide, "Logging management events").
# shellcheck disable=SC2016 # backquotes are JMESPath's literals
writes_of_management='[
  length(EventSelectors || `[]`) , length(AdvancedEventSelectors || `[]`),
  length((EventSelectors || `[]`)[?IncludeManagementEvents && ReadWriteType != `"ReadOnly"`]),
  length((AdvancedEventSelectors || `[]`)[?FieldSelectors[?Field == `"eventCategory"` && contains(Equals || `[]`, `"Management"`)]
    && !(FieldSelectors[?Field == `"readOnly"` && (contains(Equals || `[]`, `"true"`) || contains(NotEquals || `[]`, `"false"`))])
    && !(FieldSelectors[?Field == `"eventSource"` && (contains(NotEquals || `[]`, `"ec2.amazonaws.com"`)
      || (Equals && !(contains(Equals, `"ec2.amazonaws.com"`))))])])]'

# check_trails looks for one trail that logs. The trails of the region, those of other regions that are for all regions, and
# the organisation's are all listed.
check_trails() {
  local trails name home why reasons='' untold=''
  if ! trails=$(aws cloudtrail describe-trails --query 'trailList[].[TrailARN, HomeRegion]' --output text 2>"$tmp/complaint"); then
    unknown "CloudTrail" cloudtrail:DescribeTrails
    return
  fi
  while IFS=$'\t' read -r name home; do
    [[ $name == arn:* ]] || continue
    why=$(why_deaf "$name" "$home")
    case $why in
      '') passed "trail ${name##*/} logs management events"; return ;;
      unknown:*) untold="${why#unknown:}" ;;
      *) reasons+="; trail ${name##*/} $why" ;;
    esac
  done <<<"$trails"
  if [[ -n $untold ]]; then
    warn "CloudTrail: no trail is known to log management events in $region: $untold$reasons"
  else
    failed "CloudTrail: no trail logs management events that write in $region, so sgwarden would hear of no change${reasons:-; there is no trail}: make one ('aws cloudtrail create-trail', 'aws cloudtrail start-logging'), or have the organisation's log them"
  fi
}

# why_deaf TRAIL HOME prints why EventBridge hears nothing through a trail: nothing where it hears, unknown:REASON where that
# cannot be told. A member of an organisation may see the organisation's trail, but perhaps not read all of its state.
why_deaf() {
  local logging answer basic advanced basic_good advanced_good
  if ! logging=$(aws cloudtrail get-trail-status --region "$2" --name "$1" --query IsLogging --output text 2>"$tmp/complaint"); then
    echo "unknown:trail ${1##*/} cannot be looked at (cloudtrail:GetTrailStatus): $(complaint | cut -c 1-200)"
    return
  fi
  [[ $logging == [Tt]rue ]] || { echo "does not log now ('aws cloudtrail start-logging --name $1')"; return; }
  if ! answer=$(aws cloudtrail get-event-selectors --region "$2" --trail-name "$1" --query "$writes_of_management" --output text 2>"$tmp/complaint"); then
    echo "unknown:trail ${1##*/} cannot be looked at (cloudtrail:GetEventSelectors): $(complaint | cut -c 1-200)"
    return
  fi
  IFS=$'\t' read -r basic advanced basic_good advanced_good <<<"$answer"
  ((basic + advanced == 0 || basic_good + advanced_good > 0)) || echo "logs no management events that write ('aws cloudtrail get-event-selectors --trail-name $1')"
}
