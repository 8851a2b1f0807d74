#!/usr/bin/env bash
# Plays the AWS CLI for sessions of deploy.sh. Each line of the files answers and defaults in $ANSWERS is one of
#   GLOB => TEXT    to calls whose arguments match, this is printed; \t and \n stand for themselves
#   GLOB =1> TEXT   likewise, but only to the first such call
#   GLOB !> TEXT    the call fails with this complaint
# The first line that matches counts. In front of the arguments stands the region. Calls are noted in $ANSWERS/calls.
set -euo pipefail
call="$AWS_REGION $*"
printf '%s\n' "$call" >>"$ANSWERS/calls"
while IFS= read -r line; do
  for arrow in '=>' '=1>' '!>'; do
    pattern=${line%% "$arrow"*}
    [[ $pattern != "$line" ]] || continue
    # shellcheck disable=SC2053 # it is a glob
    [[ $call == $pattern ]] || continue 2
    if [[ $arrow == '=1>' ]]; then
      ! grep -qxF -e "$line" "$ANSWERS/used" 2>/dev/null || continue 2
      printf '%s\n' "$line" >>"$ANSWERS/used"
    fi
    text=${line#*"$arrow"}
    text=${text# }
    if [[ $arrow == '!>' ]]; then
      printf '\n%b\n' "$text" >&2
      exit 254
    fi
    [[ -z $text ]] || printf '%b\n' "$text"
    exit 0
  done
done < <(cat "$ANSWERS/answers" "$ANSWERS/defaults" 2>/dev/null)
printf 'no answer to: %s\n' "$call" >>"$ANSWERS/unanswered"
echo "An error occurred (NoAnswer): no answer to: $call" >&2
exit 255
