package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

// TestWhatMotoBreaksOffIsAskedForAgain has a server in moto's place that fails some times.
// A call that writes is not sent again.
func TestWhatMotoBreaksOffIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failures, asked int64
		fails           bool
		call            func(*ec2.Client) error
	}{
		"a description that fails twice":  {2, 3, false, describe(t)},
		"a description that always fails": {99, 4, true, describe(t)},
		"a description that doesn't fail": {0, 1, false, describe(t)},
		"a write to another kind of thing": {1, 1, true, func(client *ec2.Client) error {
			_, err := client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{"sg-0a"}, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			moto := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) <= c.failures {
					http.Error(w, "<h1>Internal Server Error</h1>", http.StatusInternalServerError)
					return
				}
				_, _ = w.Write([]byte(`<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet/></DescribeVpcsResponse>`))
			}))
			t.Cleanup(moto.Close)
			p := start(t, proxy.Config{Moto: moto.URL, Bus: &events{}})
			client := ec2.NewFromConfig(p.Client(awsconfig.Keys), func(o *ec2.Options) { o.Retryer = aws.NopRetryer{} })
			if err := c.call(client); (err != nil) != c.fails || asked.Load() != c.asked {
				t.Errorf("%v: moto was asked %d times, want %d", err, asked.Load(), c.asked)
			}
		})
	}
}

func describe(t *testing.T) func(*ec2.Client) error {
	return func(client *ec2.Client) error {
		_, err := client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		return err
	}
}
