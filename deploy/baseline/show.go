package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
)

func showCommand(a *app) *cobra.Command {
	var number int64
	c := &cobra.Command{
		Use:   "show GROUP",
		Short: "Print a group's baseline, and who wrote it when",
		Long: `Prints the baseline of a group or prefix list as Parameter Store has it, in YAML, with the version and who wrote it when. What it prints
is a baseline file, which can be edited and pushed; into files, pull is the better way. One that somebody broke is printed as it is, with its errors.`,
		Example: `  baseline show sg-0a1b2c3d4e5f60718
  baseline show name:web --version 3`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("version") && number < 1 {
				return misused("--version %d: versions count from 1", number)
			}
			store, err := a.Store(c.Context())
			if err != nil {
				return err
			}
			versions, err := a.VersionsOf(c.Context(), store, args[0])
			if err != nil {
				return err
			}
			v, err := account.Pick(versions, number)
			if err != nil {
				return err
			}
			return a.show(v)
		},
	}
	c.Flags().Int64Var(&number, "version", 0, "an older version; history lists them")
	return c
}

func (a *app) show(v account.Version) error {
	write := a.showText
	if a.output == "json" {
		write = a.showJSON
	}
	if err := write(v); err != nil {
		return err
	}
	if v.Broken != nil {
		return fmt.Errorf("version %d of %s is broken, and enforces nothing: %w", v.Version.Version, v.Parameter, v.Broken)
	}
	return nil
}

func (a *app) showText(v account.Version) error {
	text := append(v.Value, '\n')
	if v.Doc != nil {
		var err error
		if text, err = v.YAML(); err != nil {
			return err
		}
	}
	head := fmt.Sprintf("# parameter: %s, version %d\n# written: %s\n", v.Parameter, v.Version.Version, v.Info().WrittenBy())
	for _, direction := range compare.Unguarded(v.Doc) {
		head += fmt.Sprintf("# %s is not guarded: rules of that direction are left alone\n", direction)
	}
	_, err := fmt.Fprintf(a.out, "%s%s", head, text)
	return err
}

func (a *app) showJSON(v account.Version) error {
	shown := struct {
		account.VersionInfo
		Document json.RawMessage `json:"document,omitempty"`
		Raw      string          `json:"raw,omitempty"` // of a broken one
	}{VersionInfo: v.Info()}
	if v.Doc == nil {
		shown.Raw = string(v.Value)
		return a.printJSON(shown)
	}
	var err error
	if shown.Document, err = v.JSON(); err != nil {
		return err
	}
	return a.printJSON(shown)
}
