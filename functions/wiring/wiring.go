// Package wiring is what the functions' mains share: how they start, and the
// remediator and the sweeper with their adapters.
package wiring

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// Settings reads the environment, or ends the process with one line that says what is
// wrong with it.
func Settings(function string) settings.Settings {
	env, err := settings.Read(os.Getenv)
	if err != nil {
		Stop(function, err)
	}
	return env
}

// Stop ends the process with one line that says why the function can't start.
func Stop(function string, err error) {
	fmt.Fprintf(os.Stderr, "%s can't start: %s\n", function, strings.ReplaceAll(err.Error(), "\n", "; "))
	os.Exit(1)
}

// Logger writes JSON lines.
func Logger(env settings.Settings, to io.Writer) *slog.Logger { return LoggerAt(env.LogLevel, to) }

// LoggerAt writes JSON lines of a level and above.
func LoggerAt(level slog.Level, to io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level}))
}

// Remediator is the remediator on AWS.
func Remediator(env settings.Settings, config aws.Config, log *slog.Logger) *remediate.Remediator {
	groups := ec2groups.Groups{Client: ec2.NewFromConfig(config)}
	store := ssmstore.Store{Client: ssm.NewFromConfig(config), Prefix: env.BaselinePrefix}
	return &remediate.Remediator{
		Rules:     groups,
		Groups:    groups,
		Around:    groups,
		Writer:    groups,
		Baselines: store,
		History:   store,
		Approvals: store,
		Journal:   ssmstore.Journal{Store: store},
		Sweeps:    ssmstore.SweepRequest{Store: store},

		Lists:         ec2lists.Lists{Client: groups.Client},
		ListDocuments: store,

		Alerts:   alerts(env, config, log),
		Log:      log,
		Now:      time.Now,
		Pause:    Pause,
		Enforce:  env.Enforce,
		Grace:    env.Grace,
		OwnRoles: env.OwnRoles,
		Prefix:   env.BaselinePrefix,

		CanaryGroup: env.CanaryGroup,
		OnlyTagged:  env.OnlyTagged,
	}
}

// Sweeper is the sweeper on AWS, for one sweep.
func Sweeper(env settings.Settings, config aws.Config, log *slog.Logger) *sweep.Sweeper {
	remediator := Remediator(env, config, log)
	store := ssmstore.Store{Client: ssm.NewFromConfig(config), Prefix: env.BaselinePrefix}
	return &sweep.Sweeper{
		Rules:      ec2groups.Groups{Client: ec2.NewFromConfig(config)},
		Documents:  store,
		Bookmark:   &ssmstore.Bookmark{Store: store},
		Journal:    ssmstore.Journal{Store: store},
		Requests:   ssmstore.SweepRequest{Store: store},
		Notified:   ssmstore.Notified{Store: store},
		Mark:       ssmstore.VersionMark{Store: store},
		Histories:  store,
		Reconciler: CountedRemediator{remediator},
		Reporter:   CountedRemediator{remediator},
		Cleaner:    store,

		Lists:          store,
		ListReconciler: CountedRemediator{remediator},

		Log: log,
		Now: time.Now,
	}
}

// Pause waits for d, or until ctx ends.
func Pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
