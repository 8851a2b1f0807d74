# shellcheck shell=bash disable=SC2154
# What deploy.sh shows before it asks: what the stack becomes, and what enforcement does then. Sourced by deploy.sh, with
# which it shares variables.

most_rules=10     # shown of those that would be revoked
most_resources=15 # shown of those that change

tell_stack() {
  printf '  account  %s\n' "$account${alias:+ ($alias)}"
  printf '  region   %s\n' "$region"
  printf '  stack    %s, %s\n' "$stack" "$1"
  printf '  mode     %s\n' "$(becomes Mode)"
  printf '  prefix   %s\n' "$(becomes BaselinePrefix)"
}

# becomes NAME prints the value that a parameter will have, and the stack's own where that is another.
becomes() {
  local value before
  value=$(value "$1")
  before=$(deployed "$1") || before=''
  if [[ -n $before && $before != "$value" ]]; then value+=" (now $before)"; fi
  printf '%s\n' "$value"
}

# summarise_changes prints what the change set does: how many resources, and which, those first that go or are replaced.
summarise_changes() {
  awk -F '\t' -v most="$most_resources" '
    function kind(action, replacement) {
      if (action == "Remove") return "- removed"
      if (action == "Modify" && replacement == "True") return "! replaced"
      if (action == "Modify" && replacement == "Conditional") return "? replaced, perhaps"
      if (action == "Modify") return "~ changed"
      if (action == "Add") return "+ added"
      return "? " action
    }
    NF >= 4 { k = kind($1, $2); n[k]++; total++; rows[k] = rows[k] "    " k " " $3 " (" $4 ")\n" }
    END {
      if (total == 0) { print "  changes  no resource, but parameters or outputs"; exit }
      count = split("- removed|! replaced|? replaced, perhaps|+ added|~ changed", order, "|")
      for (i = 1; i <= count; i++) if (order[i] in n) text = text (text ? ", " : "") n[order[i]] " " substr(order[i], 3)
      print "  changes  " total (total == 1 ? " resource: " : " resources: ") text
      for (i = 1; i <= count; i++) {
        lines = split(rows[order[i]], row, "\n")
        for (j = 1; j < lines; j++) if (shown++ < most) print row[j]
      }
      if (total > most) print "    and " total - most " more"
    }' "$notes/changes"
}

# tell_drift prints what enforcement would do to the live rules now, by the documents in Parameter Store. The command baseline
# judges, as the functions do.
tell_drift() {
  local outcome=0
  if [[ $zips_given == yes ]]; then
    printf '  drift    not looked for, as --zips was given: deploy/baseline.sh diff tells\n'
    return
  fi
  GRACE_MINUTES=$(value GraceMinutes) "$root/deploy/baseline.sh" diff --prefix "$(value BaselinePrefix)" --output json \
    >"$notes/drift" 2>"$notes/drift-error" || outcome=$?
  if grep -q 'there is no baseline, approval or guardrail' "$notes/drift-error"; then
    printf '  drift    nothing would be revoked: there is no baseline and no guardrail under %s yet\n' "$(value BaselinePrefix)"
    return
  fi
  if ((outcome != 0 && outcome != 2)); then
    printf '  drift    what enforcement would revoke could not be found out: %s\n' "$(tr -s '[:space:]' ' ' <"$notes/drift-error" | cut -c 1-300)"
    return
  fi
  summarise_drift "$(value Mode)"
  if [[ -n $(value OnlyGroupsTagged) ]]; then
    printf '           of these, only rules of groups whose tag sgwarden is %s can be revoked\n' "$(value OnlyGroupsTagged)"
  fi
}

# summarise_drift MODE reads the comparison, in which each field is a line of its own, without jq, which few have.
summarise_drift() {
  awk -v mode="$1" -v most="$most_rules" '
    function text(line) { sub(/^ *"[A-Za-z]+": "/, "", line); sub(/",?$/, "", line); gsub(/\\"/, "\"", line); return line }
    /^ *"groupId": "/ { id = text($0); name = "" }
    /^ *"groupName": "/ { name = text($0) }
    /^ *"rule": "/ { rule = text($0) }
    /^ *"pausedUntil": "/ { paused = text($0) }
    /^ *"says": "/ {
      says = text($0)
      if (says ~ /^would be revoked/) { revoked++; list(id, name, rule) }
      else if (says ~ /, then revoked$/) later++
      else if (says ~ /^would be reported \(mode alert\)/) reported++
    }
    function list(id, name, rule) { if (revoked <= most) rows = rows "    " id (name ? " " name : "") "  " rule "\n" }
    function rules(n) { return n (n == 1 ? " live rule" : " live rules") }
    END {
      if (mode == "enforce") {
        print "  drift    " (revoked ? rules(revoked) " would be revoked now:" : "nothing would be revoked now")
      } else {
        reported += revoked
        print "  drift    nothing would be revoked; " rules(reported + 0) " would be reported" (revoked ? ", which enforcement would revoke:" : "")
      }
      printf "%s", rows
      if (revoked > most) print "    and " revoked - most " more: deploy/baseline.sh diff lists them all"
      if (later) print "           " rules(later) " more when the grace period of an earlier baseline ends"
      if (mode == "enforce" && reported) print "           " rules(reported) " would be reported, by the baselines whose mode is alert"
      if (paused) print "           sgwarden is paused: nothing is revoked until " paused
    }' "$notes/drift"
}
