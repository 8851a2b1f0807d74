package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

// templates is a proxy that counts deployments, and an S3 bucket.
type templates struct {
	*proxy.Proxy
	stacks *cloudformation.Client
	bucket string

	mu       sync.Mutex
	deployed int
}

func startTemplates(t *testing.T, bucket string) *templates {
	t.Helper()
	ts := &templates{bucket: bucket}
	ts.Proxy = start(t, proxy.Config{
		Bus: &events{},
		Deployed: func(context.Context) {
			ts.mu.Lock()
			defer ts.mu.Unlock()
			ts.deployed++
		},
	})
	ts.stacks = cloudformation.NewFromConfig(ts.Client(awsconfig.Keys))
	ts.put(t, "/"+bucket, "")
	return ts
}

// put makes a bucket or an object.
func (ts *templates) put(t *testing.T, path, content string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, ts.URL+path, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("put %s: %s: %s, %v", path, response.Status, body, err)
	}
}

// stored returns the template that moto has of a stack.
func (ts *templates) stored(t *testing.T, stack string) string {
	t.Helper()
	got, err := ts.stacks.GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(got.TemplateBody)
}

// sized is a template of a queue, with a comment that makes its size.
func sized(bytes int) string {
	const template = "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {Tags: [{Key: k, Value: as-written}]}}}\n"
	lines := strings.Repeat("#"+strings.Repeat("x", 98)+"\n", bytes/100)
	return template + lines[:max(0, bytes-len(template))]
}

func TestATemplateIsDeployedWhereverItIs(t *testing.T) {
	t.Parallel()
	ts := startTemplates(t, "kept.in.s3")
	ts.put(t, "/kept.in.s3/dir/a%20template", sized(60_000))
	for name, input := range map[string]cloudformation.CreateStackInput{
		"in-the-request":            {TemplateBody: aws.String(sized(51_200))},
		"in-s3-by-path":             {TemplateURL: aws.String("https://s3.us-east-1.amazonaws.com/kept.in.s3/dir/a%20template")},
		"in-s3-by-path-of-china":    {TemplateURL: aws.String("https://s3.cn-north-1.amazonaws.com.cn/kept.in.s3/dir/a%20template")},
		"in-s3-by-host":             {TemplateURL: aws.String("https://kept.in.s3.s3.eu-central-1.amazonaws.com/dir/a%20template")},
		"in-s3-by-path-of-no-one":   {TemplateURL: aws.String("https://s3.amazonaws.com/kept.in.s3/dir/a%20template")},
		"in-s3-by-host-of-no-where": {TemplateURL: aws.String("https://kept.in.s3.s3.amazonaws.com/dir/a%20template")},
	} {
		input.StackName = aws.String(name)
		if _, err := ts.stacks.CreateStack(t.Context(), &input); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text := ts.stored(t, name); !strings.Contains(text, "as-written") {
			t.Errorf("%s: moto got %.200s", name, text)
		}
	}
	ts.put(t, "/kept.in.s3/next", strings.Replace(sized(60_000), "Queue:", "Other:", 1))
	if _, err := ts.stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("in-s3-by-path"), TemplateURL: aws.String("https://s3.us-east-1.amazonaws.com/kept.in.s3/next"),
	}); err != nil {
		t.Fatal(err)
	}
	if text := ts.stored(t, "in-s3-by-path"); !strings.Contains(text, "Other:") || !strings.Contains(text, "as-written") {
		t.Errorf("an update: moto got %.200s", text)
	}
	if _, err := ts.stacks.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("in-s3-by-host"), ChangeSetName: aws.String("next"), ChangeSetType: types.ChangeSetTypeUpdate,
		TemplateURL: aws.String("https://s3.us-east-1.amazonaws.com/kept.in.s3/next"),
	}); err != nil {
		t.Fatal(err)
	}
	if text := ts.stored(t, "in-s3-by-host"); ts.deployed != 7 || strings.Contains(text, "Other:") {
		t.Errorf("a change set has deployed something: %d deployments, want 7; moto has %.200s", ts.deployed, text)
	}
	if _, err := ts.stacks.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{
		StackName: aws.String("in-s3-by-host"), ChangeSetName: aws.String("next"),
	}); err != nil {
		t.Fatal(err)
	}
	if text := ts.stored(t, "in-s3-by-host"); !strings.Contains(text, "Other:") || !strings.Contains(text, "as-written") {
		t.Errorf("a change set that was executed: moto got %.200s", text)
	}
	if ts.deployed != 8 {
		t.Errorf("told of %d deployments, want 8", ts.deployed)
	}
}

func TestATemplateIsRefusedAsCloudFormationWould(t *testing.T) {
	t.Parallel()
	ts := startTemplates(t, "refused")
	ts.put(t, "/refused/largest", sized(1_000_000))
	ts.put(t, "/refused/too-large", sized(1_000_001))
	for name, row := range map[string]struct {
		input cloudformation.CreateStackInput
		want  string
	}{
		"too-large-for-a-request": {cloudformation.CreateStackInput{TemplateBody: aws.String(sized(51_201))}, "less than or equal to 51200"},
		"too-large-for-s3":        {cloudformation.CreateStackInput{TemplateURL: s3URL("refused/too-large")}, "may not exceed 1000000 bytes"},
		"no-such-object":          {cloudformation.CreateStackInput{TemplateURL: s3URL("refused/none")}, "S3 error: The specified key does not exist"},
		"no-such-bucket":          {cloudformation.CreateStackInput{TemplateURL: s3URL("none/none")}, "S3 error: The specified bucket does not exist"},
		"not-encrypted":           {cloudformation.CreateStackInput{TemplateURL: aws.String("http://s3.us-east-1.amazonaws.com/refused/largest")}, "must be a supported URL"},
		"not-aws":                 {cloudformation.CreateStackInput{TemplateURL: aws.String("https://s3.us-east-1.example.com/refused/largest")}, "must be a supported URL"},
		"not-s3":                  {cloudformation.CreateStackInput{TemplateURL: aws.String("https://refused.ec2.us-east-1.amazonaws.com/largest")}, "must be a supported URL"},
	} {
		row.input.StackName = aws.String(name)
		_, err := ts.stacks.CreateStack(t.Context(), &row.input)
		if err == nil || !strings.Contains(fmt.Sprint(err), "ValidationError") || !strings.Contains(fmt.Sprint(err), row.want) {
			t.Errorf("%s: error %v, want %q", name, err, row.want)
		}
	}
	if ts.deployed != 0 {
		t.Errorf("told of %d deployments", ts.deployed)
	}
	if _, err := ts.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("largest"), TemplateURL: s3URL("refused/largest")}); err != nil {
		t.Errorf("the largest template: %v", err)
	}
}

func s3URL(path string) *string { return aws.String("https://s3.us-east-1.amazonaws.com/" + path) }
