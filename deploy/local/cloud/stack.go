package cloud

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/cfn"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
)

// Stack deploys the repository's template as deploy.sh does, as stack "sgwarden", but by itself: without the AWS CLI,
// whose starts take most of the script's time. For tests of anything but the script. parameters are the template's;
// those that have neither a value here nor a default are about the code, which the local AWS runs from elsewhere.
func Stack(parameters map[string]string) func(context.Context, *Cloud) error {
	return func(ctx context.Context, c *Cloud) error {
		text, err := os.ReadFile(filepath.Join(c.options.Root, "deploy", "template.yaml"))
		if err != nil {
			return fmt.Errorf("deploy the template: %w", err)
		}
		const code = "code" // bucket and object
		for _, o := range []struct{ path, content string }{{"/" + code, ""}, {"/" + code + "/" + code, ""}, {"/" + code + "/template", string(text)}} {
			if err := putS3(ctx, c.Endpoint, o.path, o.content); err != nil {
				return fmt.Errorf("deploy the template: %w", err)
			}
		}
		form, err := createStack(text, parameters, code)
		if err != nil {
			return fmt.Errorf("deploy the template: %w", err)
		}
		if _, err := sendAWS(ctx, http.MethodPost, c.Endpoint, "cloudformation", "application/x-www-form-urlencoded", form.Encode()); err != nil {
			return fmt.Errorf("deploy the template: %w", err)
		}
		return nil
	}
}

func createStack(text []byte, parameters map[string]string, code string) (url.Values, error) {
	template, err := cfn.Decode(text)
	if err != nil {
		return nil, err
	}
	known := template.Section("Parameters")
	form := url.Values{
		"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {"sgwarden"},
		"TemplateURL": {"https://s3." + awsconfig.Region + ".amazonaws.com/" + code + "/template"}, "Capabilities.member.1": {"CAPABILITY_IAM"},
	}
	n := 0
	for name, parameter := range known {
		value, given := parameters[name]
		if !given && cfn.Get(parameter, "Default") != nil {
			continue
		}
		if !given {
			value = code
		}
		n++
		prefix := fmt.Sprintf("Parameters.member.%d.", n)
		form.Set(prefix+"ParameterKey", name)
		form.Set(prefix+"ParameterValue", value)
	}
	for name := range parameters {
		if known[name] == nil {
			return nil, fmt.Errorf("it has no parameter %s", strings.TrimSpace(name))
		}
	}
	return form, nil
}
