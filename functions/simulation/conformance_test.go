package simulation

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/functions/conformance"
)

// directClient carries a request out at once, without weather and without the life of an
// invocation, as a call of people: nobody judges what they do.
type directClient struct{ world *world }

func (d directClient) Do(r *http.Request) (*http.Response, error) {
	c, err := readCall(r.WithContext(withInvocation(&invocation{})))
	if err != nil {
		return nil, err
	}
	c.by = people
	var a answer
	d.world.locked(func() { a = d.world.carryOut(c, plan{}) })
	return a.response(r)
}

// calmAWS is the simulator's AWS for one promise. Its bus loses all events, so that no
// function interferes.
func calmAWS(*testing.T) conformance.AWS {
	w := &world{
		ec2: ec2{lastID: 0x100, quota: usualQuota}, ssm: ssm{parameters: map[string][]version{}}, papers: newPapers(), weather: weather{dropped: 1},
	}
	w.ec2.quota = 6 // the simulator knows few rules
	cfg := aws.Config{Region: region, BaseEndpoint: aws.String("http://aws.invalid"), HTTPClient: directClient{w}, Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1}
	a := conformance.Of(cfg, w.ec2.quota)
	a.NewList = nil
	a.NewGroup = func(_ context.Context, name string) (id string, err error) {
		w.locked(func() {
			c := &call{service: "ec2", action: "CreateSecurityGroup", form: url.Values{"GroupName": {name}}}
			var g *group
			if g, err = w.writeEC2(c); err == nil {
				id = g.id
			}
		})
		return id, err
	}
	return a
}

// TestTheSimulatorsAWSKeepsThePromisesButForThoseDeclared tests the simulator's services
// with the suite that moto and the AWS in memory pass too.
func TestTheSimulatorsAWSKeepsThePromisesButForThoseDeclared(t *testing.T) {
	t.Parallel()
	breaks := map[string]string{
		"a rule keeps its description":                    "the simulator's rules have none, since no promise of the product is about them",
		"the history has the description of each version": "the simulator's parameters have none, which only the commands write",
	}
	for _, name := range conformance.Promises(conformance.Lists) {
		breaks[name] = "the simulator has no prefix lists"
	}
	conformance.Run(t, conformance.Subject{New: calmAWS, Breaks: breaks})
}
