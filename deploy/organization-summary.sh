# shellcheck shell=bash disable=SC2154
# What became of each account and region. Sourced by organization.sh, with which it shares variables.

# summarise_set prints a line for each account whose stacks are all well, and one for each stack that isn't. Its status is
# 1 where a stack failed. A suspended account fails nothing: StackSets skips it, or cannot work there.
summarise_set() {
  local name
  name=$(value StackSetName)
  if ! aws cloudformation list-stack-instances --stack-set-name "$name" --call-as "$call_as" --output text --query \
    "Summaries[].[Account, Region, StackInstanceStatus.DetailedStatus || Status, Status, StatusReason || '']" \
    >"$tmp/instances" 2>"$tmp/complaint"; then
    printf '%s\n' "the stacks of stack set $name cannot be listed: $(complaint)" >&2
    return 1
  fi
  printf '\n'
  print_instances
}

# print_instances judges by the detailed status. An instance is CURRENT only after its last operation succeeded (API
# Reference, StackInstanceSummary, Status, and StackInstanceComprehensiveStatus).
print_instances() {
  sort "$tmp/instances" | awk -F '\t' '
    FILENAME != "-" { name[$1] = $3; state[$1] = $2; next }
    !($1 in seen) { seen[$1] = 1; order[++accounts] = $1 }
    $3 == "SKIPPED_SUSPENDED_ACCOUNT" || state[$1] != "" && state[$1] != "ACTIVE" { skipped[$1] = skipped[$1] " " $2; skips++; next }
    $4 == "CURRENT" && ($3 == "SUCCEEDED" || $3 == "CURRENT") { well[$1] = well[$1] " " $2; good++; next }
    { bad[$1] = bad[$1] sprintf("%s %-24s %-16s FAILED: %s (%s)\n", $1, name[$1], $2, $5 == "" ? "no reason given" : $5, $3); lost++ }
    END {
      for (i = 1; i <= accounts; i++) {
        id = order[i]
        if (well[id] != "") printf "%s %-24s well in%s\n", id, name[id], well[id]
        if (skipped[id] != "") printf "%s %-24s skipped, the account is not active:%s\n", id, name[id], skipped[id]
        printf "%s", bad[id]
      }
      if (good + lost + skips == 0) {
        print "no account has a stack: have these units accounts that are active and not left out? The management account never gets one"
        exit 1
      }
      printf "%d stacks are well, %d failed, %d were skipped\n", good, lost, skips
      exit lost > 0
    }' "$tmp/accounts" -
}
