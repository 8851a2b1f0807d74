// Package memory is an AWS in memory for tests: security groups, prefix lists and Parameter
// Store, behind the real SDK clients on loopback. It keeps every promise of package
// conformance, and knows no more of AWS than these promises say.
package memory

import (
	"fmt"
	"sync"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

const (
	account = "111122223333"
	vpc     = "vpc-0a1b2c3d4e5f60718"
	user    = "arn:aws:iam::" + account + ":user/ana"
)

// AWS is one account and region. Close it.
type AWS struct {
	*awsstub.Stub
	// Quota is how many rules a group may have in each direction. Set it before the first call.
	Quota int

	mu         sync.Mutex
	lastID     int
	groups     []*group
	lists      map[string]*list
	parameters map[string][]awsstub.Parameter // the versions by name, oldest first
}

// New starts an AWS that holds nothing.
func New() *AWS {
	a := &AWS{Quota: 60, lists: map[string]*list{}, parameters: map[string][]awsstub.Parameter{}}
	a.Stub = awsstub.New(0, a.locked(map[string]awsstub.Handler{
		"CreateSecurityGroup": a.createGroup, "DescribeSecurityGroups": a.describeGroups, "DescribeSecurityGroupRules": a.describeRules,
		"AuthorizeSecurityGroupIngress": a.authorize(false), "AuthorizeSecurityGroupEgress": a.authorize(true),
		"RevokeSecurityGroupIngress": a.revoke(false), "RevokeSecurityGroupEgress": a.revoke(true), "ModifySecurityGroupRules": a.modify,
		"CreateManagedPrefixList": a.createList, "DescribeManagedPrefixLists": a.describeLists,
		"GetManagedPrefixListEntries": a.listEntries, "ModifyManagedPrefixList": a.modifyList,
		"GetParameters": a.getParameters, "GetParametersByPath": a.parametersByPath, "GetParameterHistory": a.parameterHistory,
		"PutParameter": a.putParameter, "DeleteParameter": a.deleteParameter, "DeleteParameters": a.deleteParameters,
	}))
	return a
}

// locked has one call carried out at a time.
func (a *AWS) locked(handlers map[string]awsstub.Handler) map[string]awsstub.Handler {
	for action, handle := range handlers {
		handlers[action] = func(r awsstub.Request) (any, error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			return handle(r)
		}
	}
	return handlers
}

func (a *AWS) newID(kind string) string {
	a.lastID++
	return fmt.Sprintf("%s-%017x", kind, a.lastID)
}

func refusal(code, format string, args ...any) error {
	return &awsstub.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
