package remediate

import (
	"context"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// RuleReader reads all live rules of a group. A group that does not exist has
// none: the answers of EC2 are the same here.
type RuleReader interface {
	Rules(ctx context.Context, groupID string) ([]secgroup.LiveRule, error)
}

// GroupFinder finds a group. Where there is none the error is secgroup.ErrNotFound.
type GroupFinder interface {
	Group(ctx context.Context, groupID string) (secgroup.Group, error)
	// GroupByName finds a group of the default VPC, the only one in which EC2
	// takes names.
	GroupByName(ctx context.Context, name string) (secgroup.Group, error)
	// DefaultGroup finds the default group of a VPC.
	DefaultGroup(ctx context.Context, vpcID string) (secgroup.Group, error)
}

// Surroundings says which network interfaces use a group and what other groups are called.
// The answers are only for the alert.
type Surroundings interface {
	// Interfaces counts the network interfaces that use a group.
	Interfaces(ctx context.Context, groupID string) (secgroup.Interfaces, error)
	// GroupNames returns the names of those groups that exist here, by id.
	GroupNames(ctx context.Context, ids []string) (map[string]string, error)
}

// RuleWriter changes a group's rules. The errors come in the order of the
// rules, nil where it was done. A rule to revoke that isn't there is secgroup.ErrNotFound, as
// is one to authorise whose group or peer isn't; one to authorise that is there
// already is no error, and one too many secgroup.ErrFull. Either may be
// secgroup.ErrManaged or secgroup.ErrRejected.
type RuleWriter interface {
	Revoke(ctx context.Context, groupID string, rules []secgroup.LiveRule) []error
	// Authorize makes one call a direction, whose rules share its fate: all of them
	// are authorised, or none. ErrDuplicate says that one of them existed already
	// (a single rule that did is no error), ErrFull that they don't all fit.
	Authorize(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error
	// AuthorizeEach authorises as many of the rules as it can, in as many calls as
	// that takes. ErrFull stands at those for which there was no room.
	AuthorizeEach(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error
}

// BaselineReader reads all that a group is judged by, anew and in one round trip. A
// document that does not exist is the zero value. For one that SSM refuses to give,
// Stored.ReadError says why. The error is for a read of which nothing came back.
type BaselineReader interface {
	Read(ctx context.Context, groupID string) (baseline.Documents, error)
}

// ApprovalWriter writes an approval that does not exist yet. One that exists under
// the name stays as it is, which is no error.
type ApprovalWriter interface {
	PutApproval(ctx context.Context, groupID string, a *baseline.Approval) error
}

// HistoryReader reads the versions of a parameter that the store still has,
// oldest first. A deleted parameter has none.
type HistoryReader interface {
	History(ctx context.Context, parameter string) ([]baseline.Version, error)
}

// Publisher publishes an alert to the alert topic.
type Publisher interface {
	Publish(ctx context.Context, message alert.Message) error
}

// Journal keeps what only this run knows until its alert is delivered. Where the
// run ends before that, a sweep publishes the alert.
type Journal interface {
	// Write keeps an alert under key, in as many parts as it needs. The names are
	// those of the parts that may have been written, also where it fails.
	Write(ctx context.Context, key string, a alert.Alert) (names []string, err error)
	Erase(ctx context.Context, names []string) error
}

// SweepRequester asks for a sweep over all groups at once. While one has been asked
// for and has not ended, asking again starts no other.
type SweepRequester interface {
	Ask(ctx context.Context, reason string) error
}
