package remediate

import (
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// isUntagged reports whether a group lacks the tag without which IAM lets nobody of
// sgwarden change the group. It makes no call where no tag was asked for.
//
// A group that does not exist has no tag: AWS doesn't document whether a call about such a group
// is refused before EC2 looks for the group. Where the tag can't be read, the group counts
// as tagged, so that no revoke waits: IAM refuses what it should.
func (r *Remediator) isUntagged(ctx context.Context, groupID string) bool {
	if r.OnlyTagged == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	group, err := r.Groups.Group(ctx, groupID)
	if err != nil && !errors.Is(err, secgroup.ErrNotFound) {
		r.Log.WarnContext(ctx, "the group's tag can't be read, so IAM alone decides whether the group may be changed", "group", groupID, "reason", err.Error())
		return false
	}
	return group.Tag != r.OnlyTagged
}

// untaggedText says why a group is only reported, and how to have it guarded.
func (r *Remediator) untaggedText(t trail.Trigger) string {
	return fmt.Sprintf("sgwarden only reports this group, since it may change only groups with the tag %[1]s=%[2]s; to have the group guarded: "+
		"aws ec2 create-tags --region %[3]s --resources %[4]s --tags Key=%[1]s,Value=%[2]s", secgroup.TagKey, r.OnlyTagged, t.Region, t.GroupID)
}
