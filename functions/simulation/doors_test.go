package simulation

import (
	"maps"
	"slices"
	"strings"
)

// outcome is what became of an Authorize call, as far as the function knows.
type outcome int

const (
	notCalled outcome = iota
	pending           // not answered yet
	done
	refused   // for good: denied, invalid, a duplicate, or the peer is deleted
	noRoom    // the group's quota of rules is used up
	transient // throttled, failed with a 5xx, dropped, or given up
)

// door is what an invocation does to a group. It may authorise once in each
// direction, revoke, and authorise once more. The rules that it restores come behind, in as
// many calls as it takes.
type door struct {
	revoking bool
	before   map[string]int // Authorize calls before the first revoke, by action
	calls    map[string]int // all Authorize calls that did not fail for now, by action
	lastID   map[string]string
	last     map[string]outcome // of the last Authorize call, by action
	// duplicates says that EC2 refused a call for a rule that was there.
	duplicates bool
}

// departs notes a call that leaves its function.
func (w *world) departs(c *call) {
	c.by.reads(c)
	c.by.unfinished = c.by.unfinished || c.action == "PutParameter" && c.ssm.Name == prefix+"/sweep"
	group := c.writesFor()
	if group == "" {
		return
	}
	c.by.sighting(group).written = true
	door := c.by.door(group)
	switch {
	case strings.HasPrefix(c.action, "Revoke"):
		w.judgeCalls(c.by, group, door.before, 1)
		door.revoking = true
	case strings.HasPrefix(c.action, "Authorize"):
		door.last[c.action] = transient                      // until it is answered
		if !door.revoking && door.lastID[c.action] != c.id { // else it is a retry of the SDK
			door.before[c.action]++
		}
		door.lastID[c.action] = c.id
	}
}

// receives notes an answer that has reached its function.
func (w *world) receives(c *call, a answer) {
	c.by.noteReadOneByOne(c, a)
	if !strings.HasPrefix(c.action, "Authorize") {
		return
	}
	group := c.form.Get("GroupId")
	door := c.by.door(group)
	door.duplicates = door.duplicates || a.code == duplicateCode
	if door.last[c.action] = a.outcome(); door.last[c.action] != transient {
		door.calls[c.action]++
	}
	if door.revoking {
		w.judgeCalls(c.by, group, door.calls, 2)
	}
}

// givesUp notes that the function waits for the answer no longer.
func (w *world) givesUp(c *call) {
	if strings.HasPrefix(c.action, "Authorize") {
		c.by.door(c.form.Get("GroupId")).last[c.action] = transient
	}
}

// judgeCalls holds a function to the number of Authorize calls that it may make in
// one direction.
func (w *world) judgeCalls(by *invocation, group string, calls map[string]int, most int) {
	if d := w.papers.documents[by.sighting(group).documents.baseline]; d == nil || d.restore {
		return
	}
	if by.judgesTwice {
		most *= 2
	}
	for _, action := range slices.Sorted(maps.Keys(calls)) {
		if calls[action] == most+1 {
			w.broken("door", "%v made %d calls of %s for %s", by, calls[action], action, group)
		}
	}
}

func (a answer) outcome() outcome {
	switch a.code {
	case quotaCode:
		return noRoom
	case "UnauthorizedOperation", duplicateCode, "InvalidGroup.NotFound", managedCodes[0], managedCodes[1], unknownRule:
		return refused
	}
	if a.dropped != nil || a.status >= 400 {
		return transient
	}
	return done
}
