// Package examples has reference architectures as baselines, a folder each. Fargate's are embedded, for the local AWS.
package examples

import "embed"

// Fargate holds the baselines of the folder fargate, NAME.yaml for the group that is called NAME. Groups are named in
// them: see yamlfile.DecodeWithNames.
//
//go:embed fargate/*.yaml
var Fargate embed.FS
