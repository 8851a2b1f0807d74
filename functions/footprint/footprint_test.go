package footprint_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/functions/footprint"
)

// The most that the remediator may weigh.
const (
	mostBytes       = 8.5 * (1 << 20) // of its binary for arm64
	mostAllocations = 2_500           // of all packages together, before main begins
)

var (
	dir       string // of the binaries
	forLambda = sync.OnceValues(func() (footprint.Binary, error) { return footprint.Build(dir, "remediator", "arm64") })
	forHere   = sync.OnceValues(func() (footprint.Binary, error) { return footprint.Build(dir, "remediator", runtime.GOARCH) })
)

func TestMain(m *testing.M) {
	var err error
	if dir, err = os.MkdirTemp("", "footprint"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = cmp.Or(status, 1)
	}
	os.Exit(status)
}

func ready(t *testing.T, build func() (footprint.Binary, error)) footprint.Binary {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheBinaryIsSmall(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(ready(t, forLambda).Path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > int64(mostBytes) {
		t.Errorf("the remediator for arm64 has %d bytes, more than %d", info.Size(), int64(mostBytes))
	}
	t.Logf("%d bytes", info.Size())
}

// TestOnlyWhatIsUsedIsLinked: by reflection the linker would have to keep every operation
// of a client, some 50 MB of them.
func TestOnlyWhatIsUsedIsLinked(t *testing.T) {
	t.Parallel()
	binary := ready(t, forLambda)
	want := map[string][]string{
		"ec2": {
			"AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "DescribeManagedPrefixLists", "DescribeNetworkInterfaces", "DescribeSecurityGroupRules",
			"DescribeSecurityGroups", "GetManagedPrefixListEntries", "ModifyManagedPrefixList", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress",
		},
		"sns": {"Publish"},
		"ssm": {"DeleteParameters", "GetParameterHistory", "GetParameters", "GetParametersByPath", "PutParameter"},
	}
	if diff := gocmp.Diff(want, binary.Operations()); diff != "" {
		t.Errorf("operations that are linked: %s", diff)
	}
	if reflects := regexp.MustCompile(`(?m)^.*ReflectMethod.*$`).FindAll(binary.Links, 3); len(reflects) > 0 {
		t.Errorf("methods are looked up by reflection: %s", bytes.Join(reflects, []byte("\n")))
	}
}

// TestWhatAFunctionDoesNotNeedIsNotInIt has what each of these would cost.
func TestWhatAFunctionDoesNotNeedIsNotInIt(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", "../remediator").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	for wrong, cost := range map[string]string{
		"github.com/aws/aws-sdk-go-v2/config":              "clients of SSO, OIDC, sign-in and STS: 2.7 MB",
		"github.com/aws/aws-sdk-go-v2/service/ssm/schemas": "a millisecond and 7,859 allocations at each start: pin service/ssm below v1.80",
		"github.com/aws/aws-sdk-go-v2/service/ec2/schemas": "more than those of ssm: pin service/ec2 to the version before",
		"github.com/aws/aws-sdk-go-v2/service/sns/schemas": "like those of ssm: pin service/sns to the version before",
		"go.yaml.in/yaml/v3":                               "a parser for files, which functions don't read",
		"github.com/sgwarden/sgwarden/pkg/mail":            "what writes mails, which is the notifier's",
		"net/rpc":                                          "reflection: build with the tag lambda.norpc",
	} {
		if slices.Contains(packages, wrong) {
			t.Errorf("%s is linked: %s", wrong, cost)
		}
	}
	if !slices.Contains(packages, "github.com/aws/aws-sdk-go-v2/service/ssm") {
		t.Error("what is linked isn't seen at all")
	}
}

var initLine = regexp.MustCompile(`(?m)^init (\S+) @.* (\d+) allocs$`)

// TestLittleIsDoneBeforeMain counts the allocations of the packages' initialisation.
func TestLittleIsDoneBeforeMain(t *testing.T) {
	t.Parallel()
	command := exec.Command(ready(t, forHere).Path)
	command.Env = []string{"GODEBUG=inittrace=1"} // it stops after that: no topic is set
	out, err := command.CombinedOutput()
	if err == nil {
		t.Fatal("it did not stop")
	}
	total := 0
	var heaviest []string
	for _, found := range initLine.FindAllSubmatch(out, -1) {
		n, err := strconv.Atoi(string(found[2]))
		if err != nil {
			t.Fatal(err)
		}
		if total += n; n > 100 {
			heaviest = append(heaviest, fmt.Sprintf("%s %d", found[1], n))
		}
		if strings.HasPrefix(string(found[1]), "github.com/sgwarden/") && n > 200 {
			t.Errorf("%s allocates %d times at its start: is a regular expression compiled there?", found[1], n)
		}
	}
	if total == 0 || total > mostAllocations {
		t.Errorf("%d allocations before main, want up to %d: %s", total, mostAllocations, heaviest)
	}
	t.Logf("%d allocations: %s", total, heaviest)
}
