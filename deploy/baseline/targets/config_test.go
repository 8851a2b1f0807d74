package targets

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// fakeSTS knows one caller, and lets it assume roles only with the external id that
// is wanted.
func fakeSTS(t *testing.T, wantedID string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch action := r.FormValue("Action"); {
		case action == "GetCallerIdentity" && strings.Contains(r.Header.Get("Authorization"), "Credential=ASIAROLE/"):
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		case action == "GetCallerIdentity":
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::999988887777:user/ana</Arn><Account>999988887777</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		case r.FormValue("ExternalId") == wantedID && r.FormValue("RoleSessionName") == "ana":
			fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey>`+
				`<SessionToken>x</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
		default:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>ana is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestARoleIsAssumedWithItsExternalID(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::111122223333:role/operator"
	for name, c := range map[string]struct{ wanted, given string }{
		"the id that is wanted":    {"shop-7", "shop-7"},
		"none, and none is wanted": {"", ""},
		"another id":               {"shop-7", "shop-8"},
		"none":                     {"shop-7", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := fakeSTS(t, c.wanted)
			_, err := Config(t.Context(), Target{Account: "111122223333", Region: "us-east-1", Role: role, ExternalID: c.given},
				config.WithBaseEndpoint(server.URL), config.WithSharedConfigFiles([]string{}), config.WithSharedCredentialsFiles([]string{}),
				config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIAANA", "x", "")))
			if c.wanted == c.given {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if awserr.ClassOf(err) != awserr.Denied || !strings.HasPrefix(err.Error(), "assume the role "+role+" as arn:aws:iam::999988887777:user/ana: ") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestASessionIsNamedAfterWhoAssumesTheRole(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"arn:aws:iam::111122223333:user/people/ana":                    "ana",
		"arn:aws:sts::111122223333:assumed-role/ci/run-7":              "run-7",
		"arn:aws:sts::111122223333:assumed-role/Admin/ana@example.com": "ana@example.com",
		"arn:aws:iam::111122223333:root":                               "root",
		"arn:aws:iam::111122223333:user/a":                             "sgwarden-a",
		"arn:aws:sts::111122223333:federated-user/a b":                 "a-b",
		"": "sgwarden-",
		"arn:aws:sts::111122223333:assumed-role/ci/" + strings.Repeat("x", 80): strings.Repeat("x", 64),
	} {
		if got := sessionName(arn); got != want {
			t.Errorf("%s: got %q, want %q", arn, got, want)
		}
	}
}
