package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
)

// account is what calls of AWS need.
type account struct {
	ec2, ssm    *client
	region      string
	credentials credentials
}

// newAccount reads the environment.
func newAccount(getenv func(string) string) (*account, error) {
	a := &account{region: getenv("AWS_REGION"), credentials: credentials{getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")}}
	var roots *x509.CertPool
	if bundle := getenv("AWS_CA_BUNDLE"); bundle != "" {
		text, err := os.ReadFile(bundle)
		if err != nil {
			return nil, fmt.Errorf("read AWS_CA_BUNDLE: %w", err)
		}
		roots = x509.NewCertPool()
		roots.AppendCertsFromPEM(text)
	}
	for service, to := range map[string]**client{"EC2": &a.ec2, "SSM": &a.ssm} {
		scheme, address, found := strings.Cut(getenv("AWS_ENDPOINT_URL_"+service), "://")
		if !found {
			return nil, errors.New("AWS_ENDPOINT_URL_" + service + " is missing")
		}
		*to = &client{address: address}
		if scheme == "https" {
			host, _, _ := strings.Cut(address, ":")
			(*to).tls = &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}
		}
	}
	return a, nil
}

type rule struct {
	ID     string `xml:"securityGroupRuleId"`
	From   int    `xml:"fromPort"`
	Source string `xml:"cidrIpv4"`
}

func (a *account) rules(groupID string) ([]rule, error) {
	var answer struct {
		Rules []rule `xml:"securityGroupRuleSet>item"`
	}
	form := url.Values{"Action": {"DescribeSecurityGroupRules"}, "Filter.1.Name": {"group-id"}, "Filter.1.Value.1": {groupID}}
	body, err := a.call(a.ec2, "ec2", "", form.Encode()+"&Version=2016-11-15")
	if err == nil {
		err = xml.Unmarshal(body, &answer)
	}
	return answer.Rules, err
}

func (a *account) revoke(groupID, id string) error {
	form := url.Values{"Action": {"RevokeSecurityGroupIngress"}, "GroupId": {groupID}, "SecurityGroupRuleId.1": {id}}
	_, err := a.call(a.ec2, "ec2", "", form.Encode()+"&Version=2016-11-15")
	return err
}

func (a *account) baseline(groupID string) (document, error) {
	var answer struct{ Parameters []struct{ Value string } }
	var d document
	body, err := a.call(a.ssm, "ssm", "AmazonSSM.GetParameters", `{"Names":["/sg-baseline/groups/`+groupID+`"],"WithDecryption":true}`)
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err == nil {
		err = json.Unmarshal([]byte(answer.Parameters[0].Value), &d)
	}
	return d, err
}

// call makes one signed call. A target makes it AWS JSON; without one it is EC2's query protocol.
func (a *account) call(to *client, service, target, body string) ([]byte, error) {
	header := [][2]string{{"content-type", "application/x-www-form-urlencoded"}}
	if target != "" {
		header = [][2]string{{"content-type", "application/x-amz-json-1.1"}, {"x-amz-target", target}}
	}
	header = a.credentials.sign(time.Now(), a.region, service, to.address, header, body)
	answer, _, err := to.do("POST", "/", header, []byte(body))
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", service, err)
	}
	return answer, nil
}
