package remediate

import (
	"context"
	"errors"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// LiveRule is a rule that EC2 says a group has.
type LiveRule struct {
	ID          string // sgr-…
	Rule        rule.Rule
	Description string
	Owner       string // account of a referenced group; empty once that group is deleted
	// Unreadable is why the rule has no canonical form; Text then is what EC2
	// said. Such a rule is reported, never judged.
	Unreadable error
	Text       string
}

// Group is what an alert says of a security group beside its id.
type Group struct{ ID, Name, VpcID string }

// What AWS can answer that is more than a failure.
var (
	// ErrGone: the rule or group does not exist any more, which for a revoke is success.
	ErrGone = errors.New("it does not exist any more")
	// ErrFull: the group has as many rules as EC2 allows.
	ErrFull = errors.New("the group's quota of rules is used up")
	// ErrManaged: an AWS service manages the group and EC2 lets nobody edit it.
	ErrManaged = errors.New("the group is managed by an AWS service, which lets nobody edit it")
	// ErrRefused: AWS denies the call, or says that it can never succeed. People
	// hear of it at once; what is throttled or broken off is only tried again.
	ErrRefused = errors.New("AWS refuses the call")
)

// RuleReader reads all live rules of a group. A group that does not exist has
// none: EC2 does not tell the two apart here.
type RuleReader interface {
	Rules(ctx context.Context, groupID string) ([]LiveRule, error)
}

// GroupFinder finds a group. Where there is none the error is ErrGone.
type GroupFinder interface {
	Group(ctx context.Context, groupID string) (Group, error)
	// GroupNamed finds a group of the default VPC, the only one in which EC2
	// takes names.
	GroupNamed(ctx context.Context, name string) (Group, error)
}

// RuleWriter changes a group's rules. The errors come in the order of the
// rules, nil where it was done. A rule to revoke that isn't there is ErrGone, as
// is one to authorise whose group or peer isn't; one to authorise that is there
// already is no error, and one too many ErrFull. Either may be ErrManaged.
type RuleWriter interface {
	Revoke(ctx context.Context, groupID string, rules []LiveRule) []error
	Authorize(ctx context.Context, groupID string, rules []Approved) []error
}

// Approved is a rule as the baseline writes it.
type Approved struct {
	Rule        rule.Rule
	Description string
	Owner       string // account of a referenced group, where it is known
}

// BaselineReader reads a group's baseline and the guardrail afresh, in one round
// trip. What does not exist is the zero value.
type BaselineReader interface {
	Read(ctx context.Context, groupID string) (group, guardrail baseline.Stored, err error)
}

// HistoryReader reads the versions of a parameter that the store still has,
// oldest first. A deleted parameter has none.
type HistoryReader interface {
	History(ctx context.Context, parameter string) ([]baseline.Version, error)
}

// Publisher tells the security team.
type Publisher interface {
	Publish(ctx context.Context, message alert.Message) error
}

// Journal keeps what only this run knows until its alert is delivered. Where the
// run ends before that, a sweep tells it in its place.
type Journal interface {
	// Write keeps an alert under key, in as many parts as it needs. The names are
	// those of the parts that may have been written, also where it fails.
	Write(ctx context.Context, key string, a alert.Alert) (names []string, err error)
	Erase(ctx context.Context, names []string) error
}

// GroupRule is a live rule with its group, as a sweep over all groups reads it.
type GroupRule struct {
	GroupID string
	LiveRule
}
