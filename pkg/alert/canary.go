package alert

import (
	"net/netip"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// CanaryRule is what the canary opens to see it reverted: the discard port (RFC
// 863) for one address of TEST-NET-1, which is never routed (RFC 5737). Nothing
// but this rule alone, on the canary's own group, is CanaryKind.
var CanaryRule = rule.Rule{
	Direction: rule.Ingress,
	Protocol:  rule.TCP,
	Ports:     rule.Ports{From: 9, To: 9},
	Peer:      rule.Peer{Kind: rule.CIDR, Prefix: netip.MustParsePrefix("192.0.2.1/32")},
}
