// Command baseline changes, on purpose, which rules security groups may have.
// It reads and writes Parameter Store and never writes to EC2.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(os.Getenv).ExecuteContext(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "baseline: %v\n", err)
		os.Exit(1)
	}
}

func command(getenv func(string) string) *cobra.Command {
	prefix := getenv("BASELINE_PREFIX")
	if prefix == "" {
		prefix = "/sg-baseline"
	}
	root := &cobra.Command{
		Use:           "baseline VERB",
		Short:         "Change which rules security groups may have",
		Long:          "Changes the baselines in SSM Parameter Store. Account, region and endpoint come from the ordinary AWS environment.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&prefix, "prefix", prefix, "path of the baselines in Parameter Store; BASELINE_PREFIX sets it too")
	root.AddCommand(allowCommand(&prefix))
	return root
}
