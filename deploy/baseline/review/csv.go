package review

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// byteOrderMark begins the CSV file. Without it Excel reads the file in the code page of
// the computer, such as Shift_JIS, and not as UTF-8 (Microsoft Support, "Opening CSV UTF-8
// files correctly in Excel").
const byteOrderMark = "\ufeff"

// columns are the same in every language, for formulas and programs.
var columns = []string{
	"account", "region", "group_id", "group_name", "vpc_id", "group_status", "mode",
	"rule", "direction", "protocol", "ports", "peer", "status", "description",
	"approved_by", "approved_since", "since_is_oldest_kept", "version", "commit", "commit_author", "commit_time",
	"expires", "approval", "reason", "exception_approved_by", "reverted_at", "reverted_actor", "note",
}

// The statuses of rows that are about no rule of Parameter Store or EC2.
const (
	statusNoRule   = "no-rule" // a group of which there is no rule to list
	statusReverted = "reverted"
	statusRemark   = "remark" // on all groups, or on what could not be read
)

// record is a row, by the names of columns.
type record map[string]string

// CSV writes the review as one flat table: one row a rule, one row for a group without
// rules to list, and one row for each rule that was reverted. It is RFC 4180 in UTF-8 with
// a byte order mark. A cell that a spreadsheet would take for a formula begins with '.
func (r *Review) CSV(w io.Writer) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fmt.Errorf("write the CSV file: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180, section 2
	rows := [][]string{columns}
	for _, one := range r.records() {
		cells := make([]string, len(columns))
		for i, name := range columns {
			cells[i] = harmless(one[name])
		}
		rows = append(rows, cells)
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the CSV file: %w", err)
	}
	return nil
}

func (r *Review) records() []record {
	var all []record
	for _, g := range r.Groups {
		if len(g.Rows) == 0 {
			all = append(all, with(r.recordOf(g), record{"status": statusNoRule}))
		}
		for _, one := range g.Rows {
			all = append(all, with(r.recordOf(g), one.record()))
		}
	}
	for _, e := range r.Ended {
		all = append(all, r.ended(e)...)
	}
	for _, e := range r.Reverts.Events {
		for _, one := range e.Rules {
			all = append(all, r.reverted(e, one))
		}
	}
	for _, remark := range r.remarks() {
		all = append(all, record{"account": r.Where.Account, "region": r.Where.Region, "status": statusRemark, "note": remark})
	}
	return all
}

// remarks are what programs must know beside the rules: what could not be read, and what is only counted.
func (r *Review) remarks() []string {
	all := slices.Clone(r.Remarks)
	if why := r.Reverts.NotRead; why != "" {
		all = append(all, "not read: what was reverted: "+why)
	}
	if n := r.Reverts.BySweeps; n > 0 {
		all = append(all, fmt.Sprintf("sweeps reverted %s, which the log does not name", words.Count(n, "more rule")))
	}
	for _, e := range r.Reverts.Events {
		if e.More > 0 {
			all = append(all, fmt.Sprintf("event %s: %s reverted in %s, which the log does not name", e.EventID, words.Count(e.More, "more rule"), e.GroupID))
		}
	}
	for _, line := range r.Reverts.Skipped {
		all = append(all, "not read: "+line)
	}
	return all
}

func (r *Review) recordOf(g Group) record {
	return record{
		"account": r.Where.Account, "region": r.Where.Region, "group_id": g.ID(), "group_name": g.Name(), "vpc_id": g.VpcID,
		"group_status": string(g.Status), "mode": g.Mode, "note": strings.Join(g.Remarks, "; "),
	}
}

func (one Rule) record() record {
	row := record{
		"rule": one.Text, "direction": one.Direction, "protocol": one.Protocol, "ports": one.Ports, "peer": one.Peer,
		"status": string(one.Status), "description": one.Description, "approved_by": one.Origin.By, "approved_since": stamp(one.Origin.At),
		"approval": one.Name, "reason": one.Reason, "exception_approved_by": one.ApprovedBy, "note": one.Says,
	}
	if one.Origin.Known() {
		row["version"] = strconv.FormatInt(one.Origin.Version, 10)
		row["since_is_oldest_kept"] = strconv.FormatBool(one.Origin.OrEarlier)
	}
	if one.Expires != nil {
		row["expires"] = stamp(*one.Expires)
	}
	if c := one.Commit; c != nil {
		row["commit"], row["commit_author"], row["commit_time"] = c.Hash, c.Author, stamp(c.At)
	}
	return row
}

// ended are the rows of an approval that only the last review knows.
func (r *Review) ended(e SavedApproval) []record {
	var rows []record
	for _, text := range e.Rules {
		rows = append(rows, with(splitText(text), record{
			"account": r.Where.Account, "region": r.Where.Region, "group_id": e.GroupID, "group_name": e.GroupName, "status": string(Ended),
			"approved_by": e.By, "expires": stamp(e.Expires), "approval": e.Name, "reason": e.Reason, "note": "no longer in Parameter Store; known from the last review",
		}))
	}
	return rows
}

func (r *Review) reverted(e reverts.Revert, one reverts.Rule) record {
	did := "revoked"
	if one.Restored {
		did = "put back"
	}
	return with(splitText(one.Text), record{
		"account": r.Where.Account, "region": r.Where.Region, "group_id": e.GroupID, "group_name": e.GroupName, "status": statusReverted,
		"reverted_at": stamp(e.Time), "reverted_actor": e.Actor, "note": strings.TrimSpace(did + " after " + e.EventName + " " + e.EventID),
	})
}

// with returns a row with what others say of it. A cell that is empty there stays.
func with(row record, others ...record) record {
	for _, other := range others {
		for name, text := range other {
			if text != "" {
				row[name] = text
			}
		}
	}
	return row
}

// stamp writes a time as spreadsheets sort it; empty for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// formulas are what a formula begins with. The wide forms count in Japanese versions of
// spreadsheets (OWASP, "CSV Injection").
const formulas = "=+-@＝＋－＠"

// harmless makes a cell that no spreadsheet computes and no terminal obeys. Where a computer's settings separate cells by
// semicolons, a spreadsheet begins a new cell behind each, and takes no notice of quotes.
func harmless(cell string) string {
	cell = page.Visible(cell)
	parts := strings.Split(cell, ";")
	for i, part := range parts {
		if begins := strings.TrimLeft(part, " \"\u3000\u00a0"); begins != "" && strings.ContainsRune(formulas, []rune(begins)[0]) {
			parts[i] = "'" + part
		}
	}
	return strings.Join(parts, ";")
}
