package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/flowlog"
	"github.com/sgwarden/sgwarden/deploy/baseline/traillog"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// flowFlags are the flags of lint that are about flow logs.
type flowFlags struct {
	logs, interfaces []string
	format           string
	sql              bool
}

const flowHelp = `
With --flow-logs, the approved rules are held against VPC flow logs too: files and folders, text or gzip, with the fields of
version 2 at least, or the result of the Athena query that --flow-logs-sql prints. Which groups an interface has is in
--interfaces, which may be repeated for several accounts, regions and days:

  ` + flowlog.InterfacesCommand + `

Whatever a flow log leaves in doubt counts as traffic that a rule saw. A log that was not read in full is named, and the
exit status is 1. deploy/docs/flow-logs.md tells more.

`

func (f *flowFlags) define(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVar(&f.logs, "flow-logs", nil, "hold the rules against these VPC flow logs, files or folders; more files may follow as arguments")
	flags.StringArrayVar(&f.interfaces, "interfaces", nil, "answers of aws ec2 describe-network-interfaces, which --flow-logs needs")
	flags.StringVar(&f.format, "flow-log-format", "", "the flow log's LogFormat, for logs of CloudWatch in a custom format: such files do not name their fields")
	flags.BoolVar(&f.sql, "flow-logs-sql", false, "print the query with which Athena extracts what --flow-logs reads")
}

// check takes flow logs from the arguments, as a shell puts them there for --flow-logs logs/*.gz, and returns the rest.
func (f *flowFlags) check(args []string) ([]string, error) {
	if len(f.logs) == 0 {
		if len(f.interfaces) > 0 || f.format != "" {
			return nil, misused("--interfaces and --flow-log-format are for --flow-logs: name the flow logs")
		}
		return args, nil
	}
	var paths []string
	for _, arg := range args {
		if info, err := os.Stat(arg); err == nil && info.Mode().IsRegular() && !basefile.IsFileName(arg) {
			f.logs = append(f.logs, arg)
		} else {
			paths = append(paths, arg)
		}
	}
	switch {
	case len(paths) == 0:
		return nil, misused("--flow-logs needs the baselines that the logs are held against: name files or directories of baselines before --flow-logs")
	case len(f.interfaces) == 0:
		return nil, misused("--flow-logs needs --interfaces, a file that says which groups each interface has. Make the file with:\n  %s\nand add: --interfaces interfaces.json", flowlog.InterfacesCommand)
	}
	return paths, nil
}

// flowResult is what flow logs were read, and what they say of each approved rule.
type flowResult struct {
	From string `json:"from,omitempty"` // RFC 3339
	To   string `json:"to,omitempty"`
	flowlog.Tally
	UnlistedInterfaces int               `json:"unlistedInterfaces"`
	UnlistedRecords    int64             `json:"unlistedRecords"`
	DoubtfulRecords    int64             `json:"doubtfulRecords"`
	Rules              []advice.FlowRule `json:"rules"`
	period             flowlog.Period
}

// flows adds to a result what the flow logs say.
func (f *flowFlags) flows(ctx context.Context, files []basefile.File, advising advice.Adviser, result *lintResult) error {
	interfaces, err := f.readInterfaces()
	if err != nil {
		return err
	}
	begin, err := f.begin()
	if err != nil {
		return err
	}
	watch := watchFiles(files, interfaces, advising.Now)
	tally, err := flowlog.Read(ctx, traillog.Files(f.logs), begin, watch.See)
	if err != nil {
		return err
	}
	flows := &flowResult{
		Tally: tally, UnlistedInterfaces: watch.UnlistedInterfaces(), UnlistedRecords: watch.Unlisted,
		DoubtfulRecords: watch.Doubtful, period: watch.Period(), Rules: []advice.FlowRule{},
	}
	if !flows.period.From.IsZero() {
		flows.From, flows.To = flows.period.From.Format(time.RFC3339), flows.period.To.Format(time.RFC3339)
	}
	for _, file := range files {
		if file.Doc == nil {
			continue
		}
		advised, remarks, rules := advising.OnFlows(file.Doc, watch)
		for i := range rules {
			rules[i].File = file.Path
		}
		result.Advice = append(result.Advice, inFile(file, advised)...)
		result.Remarks = append(result.Remarks, inFile(file, remarks)...)
		flows.Rules = append(flows.Rules, rules...)
	}
	result.Flows = flows
	return nil
}

func watchFiles(files []basefile.File, interfaces flowlog.Interfaces, now time.Time) *flowlog.Watch {
	var groups []flowlog.Group
	lists := map[string][]netip.Prefix{}
	for _, file := range files {
		switch {
		case file.Doc != nil:
			groups = append(groups, flowlog.Group{ID: file.Doc.GroupID, Rules: file.Doc.Permitted(now)})
		case file.List != nil:
			lists[file.List.PrefixListID] = slices.Concat([]netip.Prefix{}, file.List.Prefixes())
		}
	}
	return flowlog.NewWatch(groups, interfaces, lists)
}

func (f *flowFlags) readInterfaces() (flowlog.Interfaces, error) {
	interfaces := flowlog.Interfaces{}
	for _, name := range f.interfaces {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read --interfaces: %w; make the file with %s", err, flowlog.InterfacesCommand)
		}
		if err := interfaces.Add(data); err != nil {
			return nil, fmt.Errorf("--interfaces %s: %w", name, err)
		}
	}
	return interfaces, nil
}

func (f *flowFlags) begin() (*flowlog.Format, error) {
	if f.format == "" {
		return nil, nil
	}
	format, err := flowlog.ParseFormat(f.format)
	if err != nil {
		return nil, fmt.Errorf("--flow-log-format: %w", err)
	}
	return &format, nil
}

// printFlowLogSQL prints the query for the month before this one.
func (a *app) printFlowLogSQL() error {
	month := time.Date(a.Now().UTC().Year(), a.Now().UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	_, err := fmt.Fprint(a.out, flowlog.SQL(month.AddDate(0, -1, 0), month.AddDate(0, 0, -1)))
	return err
}

// text says for people what was read and what was not.
func (r *flowResult) text() string {
	var text strings.Builder
	for _, s := range r.Skipped {
		fmt.Fprintf(&text, "not read in full: %s: %s\n", basefile.Printable(filepath.Clean(s.File)), basefile.Printable(s.Reason))
	}
	fmt.Fprintf(&text, "flow logs: %s, %s", words.Count(int(r.Files), "file"), words.Count(int(r.Records), "record"))
	if !r.period.From.IsZero() {
		text.WriteString(" " + r.period.Text())
	}
	text.WriteString("\n")
	if r.UnlistedRecords > 0 {
		fmt.Fprintf(&text, "  %s of %s that --interfaces does not list; this traffic counts for the rules of every group\n",
			words.Count(int(r.UnlistedRecords), "record"), words.Count(r.UnlistedInterfaces, "interface"))
	}
	if r.DoubtfulRecords > 0 {
		fmt.Fprintf(&text, "  %s without a sign of who opened the connection; such traffic counts for ingress and egress, and the field tcp-flags makes it less\n",
			words.Count(int(r.DoubtfulRecords), "record"))
	}
	if r.SkipData > 0 {
		fmt.Fprintf(&text, "  %s of which AWS did not record all traffic (SKIPDATA)\n", words.Count(int(r.SkipData), "window"))
	}
	return text.String()
}
