package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
)

// prefix is where deploy.sh has the baselines by default.
const prefix = "/sg-baseline"

// idleTime is more than enough for sgwarden to deal with what was done last.
const idleTime = 30 * time.Second

// mailWait is how long alerts wait for others before they become a mail. Half a minute, as deployed, would be long here.
const mailWait = 300 * time.Millisecond

// settings are how to run a command.
type settings struct {
	verbose  bool
	json     bool // serve: show each alert's JSON too
	cloud    cloud.Options
	patience time.Duration // how long to wait for what takes some tens of milliseconds; default 15 s
}

// stage is a local AWS with sgwarden, the reference groups and their baselines.
type stage struct {
	*cloud.Cloud
	screen   *screen
	patience time.Duration
	begun    time.Time
	logs     *output // what the function printed
	ec2      *ec2.Client
	ssm      *ssm.Client
	groups   reference.Groups

	changes   int         // how often a baseline or the trust was written
	approvals int         // how often somebody wrote an approval
	whole     atomic.Bool // show mails as a whole, and not only their first lines
}

// setUp starts everything and says so as it goes.
func setUp(ctx context.Context, s *screen, options settings) (_ *stage, err error) {
	st := &stage{screen: s, patience: options.patience, begun: time.Now(), logs: &output{}}
	if st.patience == 0 {
		st.patience = 15 * time.Second
	}
	options.cloud.FunctionLogs = st.logs
	if options.cloud.MailWait == 0 {
		options.cloud.MailWait = mailWait
	}
	if options.verbose {
		st.logs.forward, options.cloud.DeployLogs = s, s
	}
	st.progress("starting a local AWS (moto) and deploying sgwarden to it with deploy.sh ...")
	if st.Cloud, err = cloud.Start(ctx, options.cloud); err != nil {
		return nil, st.explain(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(st.explain(err), st.Close())
		}
	}()
	st.progress("deployed; the functions are running, the endpoint is " + st.Endpoint)
	st.ec2, st.ssm = ec2.NewFromConfig(st.Config()), ssm.NewFromConfig(st.Config())
	vpc, err := st.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		return nil, fmt.Errorf("create a VPC: %w", err)
	}
	if st.groups, err = reference.Create(ctx, st.ec2, aws.ToString(vpc.Vpc.VpcId)); err != nil {
		return nil, err
	}
	if err := st.waitIdle(ctx); err != nil {
		return nil, err
	}
	for _, group := range st.groups {
		if _, err := group.Push(ctx, st.ssm, prefix); err != nil {
			return nil, err
		}
		st.changes++
	}
	if err := st.waitMails(ctx); err != nil {
		return nil, err
	}
	st.progress("created the five groups of a three-layer service and pushed their baselines to " + prefix)
	return st, nil
}

// waitIdle waits until sgwarden has dealt with everything so far.
func (st *stage) waitIdle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, idleTime)
	defer cancel()
	return st.WaitIdle(ctx)
}

// waitMails also waits until people have got their mails.
func (st *stage) waitMails(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, idleTime)
	defer cancel()
	return st.WaitMails(ctx)
}

func (st *stage) progress(text string) {
	st.screen.printf("%s %s\n", st.screen.style(dim, fmt.Sprintf("%5.1f s", time.Since(st.begun).Seconds())), text)
}

// explain adds to an error what the function said.
func (st *stage) explain(err error) error {
	if said := st.logs.text(); len(said) > 0 && st.logs.forward == nil {
		return fmt.Errorf("%w\nThe function printed:\n%s", err, said)
	}
	return err
}

// printGroups shows what the groups may do, with names for ids.
func (st *stage) printGroups() {
	rows := [][]cell{{{text: "group"}, {text: "id"}, {text: "approved rules"}}}
	for _, group := range st.groups {
		for i, rule := range group.Rules() {
			row := []cell{{text: group.Name}, {group.ID, dim}, {text: st.withNames(rule)}}
			if i > 0 {
				row[0].text, row[1].text = "", ""
			}
			rows = append(rows, row)
		}
	}
	st.screen.table(rows)
}

// withNames writes the groups' names for their ids.
func (st *stage) withNames(text string) string {
	for _, group := range st.groups {
		text = strings.ReplaceAll(text, group.ID, group.Name)
	}
	return text
}

// output keeps the last part of what the function prints.
type output struct {
	mu      sync.Mutex
	b       []byte
	forward io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	const most = 16 << 10
	if o.b = append(o.b, p...); len(o.b) > most {
		o.b = append([]byte(nil), o.b[len(o.b)-most:]...)
	}
	if o.forward != nil {
		return o.forward.Write(p)
	}
	return len(p), nil
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}
