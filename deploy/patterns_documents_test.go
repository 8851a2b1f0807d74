package deploy_test

// The parameters of approvals, the pause and the trust. No sample is of them.
const (
	approval = `"/sg-baseline/approvals/sg-0a1b2c3d4e5f60718/inc-1234"`
	pause    = `"/sg-baseline/pause"`
	trust    = `"/sg-baseline/trust"`
)

// documentRelatives are changes of those parameters, and of their neighbours, which must match no rule.
var documentRelatives = []relative{
	{"an approval", "parameter-create", baselines, []string{document, approval}},
	{"a changed approval", "parameter-update", baselines, []string{document, approval}},
	{"an approval that is taken back", "parameter-delete", baselines, []string{document, approval}},
	{"a pending approval", "parameter-create", baselines, []string{document, `"/sg-baseline/approvals/sg-0a1b2c3d4e5f60718/pending-7"`}},
	{"an approval at a wrong path, to be reported", "parameter-create", baselines, []string{document, `"/sg-baseline/approvals/inc-1234"`}},
	{"a pause", "parameter-create", baselines, []string{document, pause}},
	{"a longer pause", "parameter-update", baselines, []string{document, pause}},
	{"a pause that ends", "parameter-delete", baselines, []string{document, pause}},
	{"a trust", "parameter-create", baselines, []string{document, trust}},
	{"a changed trust", "parameter-update", baselines, []string{document, trust}},
	{"a trust that ends", "parameter-delete", baselines, []string{document, trust}},

	{"a label of an approval", "parameter-label", nobody, []string{document, approval}},
	{"a label of the pause", "parameter-label", nobody, []string{document, pause}},
	{"a policy of an approval", "parameter-create", nobody, []string{document, approval, `"Parameter Store Change"`, `"Parameter Store Policy Action"`}},
	{"an approval that somebody put", "parameter-create", nobody, []string{document, approval, `"aws.ssm"`, `"com.example.tools"`}},
	{"the approvals themselves", "parameter-create", nobody, []string{document, `"/sg-baseline/approvals"`}},
	{"a neighbour of the approvals", "parameter-create", nobody, []string{document, `"/sg-baseline/approvalsets/sg-1/x"`}},
	{"an approval under a longer prefix", "parameter-create", nobody, []string{document, `"/sg-baseline-other/approvals/sg-1/x"`}},
	{"an approval under a deeper prefix", "parameter-create", nobody, []string{document, `"/test/sg-baseline/approvals/sg-1/x"`}},
	{"an approval in another case", "parameter-create", nobody, []string{document, `"/sg-baseline/Approvals/sg-1/x"`}},
	{"something below the pause", "parameter-create", nobody, []string{document, `"/sg-baseline/pause/x"`}},
	{"a name that begins like the pause", "parameter-create", nobody, []string{document, `"/sg-baseline/pauses"`}},
	{"a pause without a slash before it", "parameter-create", nobody, []string{document, `"sg-baseline/pause"`}},
	{"something below the trust", "parameter-create", nobody, []string{document, `"/sg-baseline/trust/x"`}},
	{"a name that begins like the trust", "parameter-create", nobody, []string{document, `"/sg-baseline/trusted"`}},
	{"a trust under a longer prefix", "parameter-create", nobody, []string{document, `"/sg-baseline-other/trust"`}},
}
