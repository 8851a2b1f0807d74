package standin_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/bench/standin"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func start(t *testing.T, options standin.Options) *standin.Cloud {
	t.Helper()
	cloud, err := standin.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	return cloud
}

// variable returns a variable of the environment that leads to the cloud.
func variable(t *testing.T, cloud *standin.Cloud, name string) string {
	t.Helper()
	for _, entry := range cloud.Environment() {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	t.Fatalf("the environment has no %s", name)
	return ""
}

// config is the SDK's, with connections that end with the test.
func config(t *testing.T) aws.Config {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return aws.Config{
		Region: "us-east-1", HTTPClient: &http.Client{Transport: transport}, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	}
}

func clients(t *testing.T, cloud *standin.Cloud) (*ec2.Client, *ssm.Client, *sns.Client) {
	t.Helper()
	at := func(service string) *string { return aws.String(variable(t, cloud, "AWS_ENDPOINT_URL_"+service)) }
	cfg := config(t)
	return ec2.NewFromConfig(cfg, func(o *ec2.Options) { o.BaseEndpoint = at("EC2") }),
		ssm.NewFromConfig(cfg, func(o *ssm.Options) { o.BaseEndpoint = at("SSM") }),
		sns.NewFromConfig(cfg, func(o *sns.Options) { o.BaseEndpoint = at("SNS") })
}

func TestTheSDKUnderstandsTheGroup(t *testing.T) {
	t.Parallel()
	cloud := start(t, standin.Options{Answers: standin.OneGroup()})
	rules, documents, topic := clients(t, cloud)
	ctx := t.Context()
	live, err := rules.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	opened := live.SecurityGroupRules[len(live.SecurityGroupRules)-1]
	event, err := standin.Event(time.Now())
	if err != nil || *opened.FromPort != 22 || !strings.Contains(string(event), `"securityGroupRuleId":"`+*opened.SecurityGroupRuleId+`"`) {
		t.Errorf("%v: the event doesn't tell of the rule for port %d", err, *opened.FromPort)
	}
	stored, err := documents.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/sg-baseline/groups/" + *opened.GroupId}})
	if err != nil {
		t.Fatal(err)
	}
	if document, err := baseline.Decode([]byte(*stored.Parameters[0].Value), *opened.GroupId); err != nil || len(document.Ingress) != len(live.SecurityGroupRules)-1 {
		t.Errorf("got %+v, %v: want a baseline for all rules but the last", document, err)
	}
	revoked, err := rules.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: opened.GroupId, SecurityGroupRuleIds: []string{*opened.SecurityGroupRuleId}})
	if err != nil || *revoked.RevokedSecurityGroupRules[0].SecurityGroupRuleId != *opened.SecurityGroupRuleId {
		t.Errorf("revoked %+v, %v", revoked, err)
	}
	if _, err := topic.Publish(ctx, &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:us-east-1:111122223333:alerts"), Message: aws.String("m")}); err != nil {
		t.Error(err)
	}
}

func TestTheSDKUnderstandsTheRegion(t *testing.T) {
	t.Parallel()
	region := standin.Region{Groups: 120} // more rules than two pages hold
	// Where an answer of more than 4 KB comes faster than the client has closed its request, net/http ends the connection
	// while the SDK reads the answer. No network is that fast.
	rules, documents, _ := clients(t, start(t, standin.Options{Answers: region.Answers(), Hold: 2 * time.Millisecond}))
	got := map[string]int{}
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(rules, &ec2.DescribeSecurityGroupRulesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, live := range page.SecurityGroupRules {
			got[*live.GroupId]++
		}
	}
	listed := ssm.NewGetParametersByPathPaginator(documents, &ssm.GetParametersByPathInput{Path: aws.String("/sg-baseline/groups")})
	for listed.HasMorePages() {
		page, err := listed.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, stored := range page.Parameters {
			groupID := strings.TrimPrefix(*stored.Name, "/sg-baseline/groups/")
			document, err := baseline.Decode([]byte(*stored.Value), groupID)
			if err != nil {
				t.Fatal(err)
			}
			got[groupID] -= len(document.Ingress)
		}
	}
	left := 0
	for _, n := range got {
		left += max(n, -n)
	}
	if len(got) != region.Groups || left != 0 {
		t.Errorf("%d groups, and %d rules without a place in a baseline", len(got), left)
	}
}

func TestWavesCountCallsThatWaitForOthers(t *testing.T) {
	t.Parallel()
	const hold = 300 * time.Millisecond // long, so that calls side by side overlap on a busy machine too
	cloud := start(t, standin.Options{Answers: standin.OneGroup(), Hold: hold})
	_, documents, _ := clients(t, cloud)
	var both sync.WaitGroup
	read := func() {
		if _, err := documents.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/a"}}); err != nil {
			t.Error(err)
		}
	}
	both.Go(read)
	both.Go(read)
	both.Wait()
	read()
	record, err := cloud.Record()
	if err != nil {
		t.Fatal(err)
	}
	var waves []int
	for _, call := range record.Calls {
		waves = append(waves, call.Wave)
	}
	if diff := cmp.Diff([]int{1, 1, 2}, waves); diff != "" || record.Connections != 2 {
		t.Errorf("%d connections; %s", record.Connections, diff)
	}
	cloud.Forget()
	if record, err := cloud.Record(); err != nil || len(record.Calls) != 0 || record.Connections != 0 {
		t.Errorf("after Forget: %+v, %v", record, err)
	}
}

func TestAnActionWithoutAnAnswerIsNamed(t *testing.T) {
	t.Parallel()
	cloud := start(t, standin.Options{Answers: standin.OneGroup()})
	rules, _, _ := clients(t, cloud)
	if _, err := rules.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}); err == nil {
		t.Error("got an answer to DescribeVpcs")
	}
	if _, err := cloud.Record(); err == nil || !strings.Contains(err.Error(), "no answer for DescribeVpcs") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyTheBundleVouchesForTheServices(t *testing.T) {
	t.Parallel()
	identity, err := standin.NewIdentity(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cloud := start(t, standin.Options{Answers: standin.OneGroup(), Identity: identity})
	bundle, err := os.ReadFile(variable(t, cloud, "AWS_CA_BUNDLE"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	for name, c := range map[string]struct {
		roots *x509.CertPool
		works bool
	}{"with the bundle": {roots, true}, "with other roots": {x509.NewCertPool(), false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := strings.TrimPrefix(variable(t, cloud, "AWS_ENDPOINT_URL_SSM"), "https://")
			conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: c.roots, MinVersion: tls.VersionTLS12})
			if err == nil {
				_ = conn.Close()
			}
			if (err == nil) != c.works {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTheEnvironmentLeadsEachServiceToAnAddressOfItsOwn(t *testing.T) {
	t.Parallel()
	cloud := start(t, standin.Options{RoundTrip: time.Millisecond})
	var urls []string
	for _, service := range []string{"EC2", "SSM", "SNS"} {
		urls = append(urls, variable(t, cloud, "AWS_ENDPOINT_URL_"+service))
	}
	slices.Sort(urls)
	if len(slices.Compact(urls)) != 3 || cloud.Distance() != time.Millisecond {
		t.Errorf("got %v, %v away", urls, cloud.Distance())
	}
}
