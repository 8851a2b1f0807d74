package awsstub

import "github.com/aws/aws-sdk-go-v2/service/ec2/types"

// The answers of EC2, in the SDK's own types. These have no XML tags, but the
// SDK folds case in reading, so only the lists need to be named (EC2 API
// reference, the "Response Elements" of each action).
type (
	// RulesAnswer is for DescribeSecurityGroupRules.
	RulesAnswer struct {
		Rules     []types.SecurityGroupRule `xml:"securityGroupRuleSet>item"`
		NextToken string                    `xml:"nextToken,omitempty"`
	}

	// GroupsAnswer is for DescribeSecurityGroups.
	GroupsAnswer struct {
		Groups    []types.SecurityGroup `xml:"securityGroupInfo>item"`
		NextToken string                `xml:"nextToken,omitempty"`
	}

	// InterfacesAnswer is for DescribeNetworkInterfaces.
	InterfacesAnswer struct {
		Interfaces []NetworkInterface `xml:"networkInterfaceSet>item"`
		NextToken  string             `xml:"nextToken,omitempty"`
	}

	// NetworkInterface is what sgwarden reads of one, under the names of EC2's XML.
	NetworkInterface struct {
		PublicIP        string   `xml:"association>publicIp,omitempty"`
		SecondPublicIPs []string `xml:"privateIpAddressesSet>item>association>publicIp"`
		IPv6Addresses   []string `xml:"ipv6AddressesSet>item>ipv6Address"`
	}

	// RevokeAnswer is for RevokeSecurityGroupIngress and RevokeSecurityGroupEgress.
	RevokeAnswer struct {
		Return  bool                             `xml:"return"`
		Revoked []types.RevokedSecurityGroupRule `xml:"revokedSecurityGroupRuleSet>item"`
	}

	// AuthorizeAnswer is for AuthorizeSecurityGroupIngress and
	// AuthorizeSecurityGroupEgress.
	AuthorizeAnswer struct {
		Return bool                      `xml:"return"`
		Rules  []types.SecurityGroupRule `xml:"securityGroupRuleSet>item"`
	}

	// PublishAnswer is for SNS Publish.
	PublishAnswer struct {
		MessageID string `xml:"MessageId"`
	}

	// ParametersAnswer is for SSM GetParameters.
	ParametersAnswer struct {
		Parameters        []Parameter
		InvalidParameters []string
	}

	// HistoryAnswer is for SSM GetParameterHistory.
	HistoryAnswer struct {
		Parameters []Parameter
		NextToken  string `json:",omitempty"`
	}

	// Parameter is Parameter of the SSM API.
	Parameter struct {
		Name    string
		Type    string // String or SecureString
		Value   string
		Version int64
		// LastModifiedDate is in seconds since 1970, LastModifiedUser an ARN.
		LastModifiedDate float64 `json:",omitempty"`
		LastModifiedUser string  `json:",omitempty"`
		Description      string  `json:",omitempty"` // of GetParameterHistory
	}

	// CallerAnswer is for STS GetCallerIdentity.
	CallerAnswer struct {
		Account string `xml:"Account"`
		Arn     string `xml:"Arn"`
	}

	// AliasesAnswer is for IAM ListAccountAliases.
	AliasesAnswer struct {
		Aliases []string `xml:"AccountAliases>member"`
	}
)

// everywhere answers in every stub that has no handler of its own: whose credentials
// are in use, and that the account has no alias.
var everywhere = map[string]Handler{
	"GetCallerIdentity": func(Request) (any, error) {
		return CallerAnswer{Account: "123456789012", Arn: "arn:aws:sts::123456789012:assumed-role/operator/ana"}, nil
	},
	"ListAccountAliases": func(Request) (any, error) { return AliasesAnswer{}, nil },
}
