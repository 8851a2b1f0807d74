package remediate_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// TestADocumentThatCannotBeUsedChangesNothing: a document that is for another list, of
// another schema or not to be read permits and forbids nothing.
func TestADocumentThatCannotBeUsedChangesNothing(t *testing.T) {
	t.Parallel()
	valid := listDocument("", "10.0.0.0/8")
	for name, c := range map[string]struct {
		document string
		unusable error
		want     string
	}{
		"a document that can be used":      {valid, nil, "prefix-list reverted high"},
		"of another schema":                {strings.Replace(valid, `"schema":1`, `"schema":2`, 1), nil, "baseline-error failed critical"},
		"for another list":                 {strings.Replace(valid, offices, "pl-0000000000000000f", 1), nil, "baseline-error failed critical"},
		"a baseline of a group":            {`{"schema":1,"groupId":"sg-0a","ingress":[]}`, nil, "baseline-error failed critical"},
		"with an unknown field":            {strings.Replace(valid, `"entries"`, `"entry":[],"entries"`, 1), nil, "baseline-error failed critical"},
		"with host bits":                   {strings.Replace(valid, "10.0.0.0/8", "10.0.0.1/8", 1), nil, "baseline-error failed critical"},
		"no JSON":                          {"entries", nil, "baseline-error failed critical"},
		"a value that SSM does not reveal": {valid, fmt.Errorf("no key: %w", secgroup.ErrRefused), "baseline-error failed critical"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := officesWith("10.0.0.0/8", "0.0.0.0/0")
			cl.document = c.document
			r := cl.remediator()
			r.ListDocuments = unusable{cl, c.unusable}
			result, _ := r.Handle(context.Background(), events.MustRead("modify-prefix-list-one-entry"))
			if got := story(result)[0]; got != c.want || (len(cl.changes) > 0) != strings.Contains(c.want, "reverted") {
				t.Errorf("got %s, and the calls %v", got, cl.changes)
			}
		})
	}
}

// unusable has SSM refuse the document's value.
type unusable struct {
	*cloud
	why error
}

func (u unusable) ReadPrefixList(ctx context.Context, id string) (document, pause baseline.Stored, err error) {
	document, pause, err = u.cloud.ReadPrefixList(ctx, id)
	if document.ReadError = u.why; u.why != nil {
		document.Value = nil
	}
	return document, pause, err
}

// history is a list that somebody changes, also while sgwarden looks at it, and whose
// calls fail now and then.
type history struct {
	*cloud
	dice     *rand.Rand
	approved []netip.Prefix
	attacks  int // that are left
	writer   func(*cloud, prefixlist.List, prefixlist.Change) error
}

var pool = []string{
	"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/6", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16", "11.0.0.0/8", "20.0.0.0/24", "20.0.0.0/23", "20.0.1.0/24",
}

func (h *history) some(most int) []string {
	var some []string
	for range h.dice.IntN(most + 1) {
		if c := pool[h.dice.IntN(len(pool))]; !slices.Contains(some, c) {
			some = append(some, c)
		}
	}
	return some
}

// attack adds entries and lets those be that are there: only sgwarden takes any out.
func (h *history) attack() {
	h.attacks--
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range entriesOf(h.some(4)...) {
		if !slices.Contains(h.list.Entries, e) {
			h.list.Entries = append(h.list.Entries, e)
		}
	}
	h.list.Version++
}

func (h *history) List(ctx context.Context, id string) (prefixlist.List, error) {
	if h.attacks > 0 && h.dice.IntN(3) == 0 {
		h.attack()
	}
	return h.cloud.List(ctx, id)
}

func (h *history) Modify(_ context.Context, list prefixlist.List, change prefixlist.Change) error {
	switch n := h.dice.IntN(10); {
	case n == 0:
		return errors.New("throttled")
	case n == 1 && h.attacks > 0:
		h.attack()
	case n == 2:
		return fmt.Errorf("x: %w", prefixlist.ErrMoved)
	}
	return h.writer(h.cloud, list, change)
}

func modify(c *cloud, list prefixlist.List, change prefixlist.Change) error {
	if list.MaxEntries > 0 && len(list.Entries)+len(change.Add) > list.MaxEntries {
		return fmt.Errorf("x: %w", prefixlist.ErrFull) // EC2 counts the entries to remove, too
	}
	return c.Modify(context.Background(), list, change)
}

// broken returns what is not as promised after a history, empty for nothing.
func (h *history) broken() string {
	covered := func(by []netip.Prefix, address netip.Addr) bool {
		return slices.ContainsFunc(by, func(p netip.Prefix) bool { return p.Contains(address) })
	}
	live := func() (all []netip.Prefix) {
		for _, e := range h.list.Entries {
			all = append(all, e.Prefix)
		}
		return all
	}
	delayed := live()
	r := h.remediator()
	r.Lists = h
	sweep := trail.Trigger{Account: "111122223333", PrefixListID: offices, MayRemove: true, EventName: "Sweep"}
	var last error
	var result remediate.Result
	for range 60 { // the queue tries again, and sweeps come
		if result, last = r.ReconcileList(context.Background(), sweep); last == nil && h.attacks == 0 {
			break
		}
	}
	if last != nil {
		return fmt.Sprintf("no end: %v, %v", last, story(result))
	}
	for _, c := range append(slices.Clone(pool), "10.2.0.0/16", "10.200.0.0/16", "9.0.0.0/8", "30.0.0.0/8") {
		address := netip.MustParsePrefix(c).Addr()
		permitted := covered(h.approved, address)
		if covered(live(), address) && !permitted {
			return fmt.Sprintf("%s stays open: %v", address, h.cidrs())
		}
		hasRoom := h.list.MaxEntries == 0 || len(h.list.Entries) < h.list.MaxEntries
		if hasRoom && covered(delayed, address) && permitted && !covered(live(), address) {
			return fmt.Sprintf("%s was cut off: %v", address, h.cidrs())
		}
	}
	return ""
}

// historyOf is a history that begins with some live entries and some approved ones.
func historyOf(seed uint64, writer func(*cloud, prefixlist.List, prefixlist.Change) error) *history {
	h := &history{dice: rand.New(rand.NewPCG(seed, 16)), attacks: 6, writer: writer}
	approved := h.some(4)
	h.cloud = officesWith(h.some(5)...)
	h.cloud.document, h.cloud.list.MaxEntries = listDocument("", approved...), []int{0, 20, len(h.cloud.list.Entries)}[h.dice.IntN(3)]
	if h.cloud.list.MaxEntries == len(h.cloud.list.Entries) {
		h.attacks = 0 // a full list takes no more
	}
	for _, c := range approved {
		h.approved = append(h.approved, netip.MustParsePrefix(c))
	}
	return h
}

// TestAPrefixListEndsAsApproved: whatever somebody does meanwhile, an entry that the
// document does not permit does not stay, and approved addresses that the list contained
// before never lose access.
func TestAPrefixListEndsAsApproved(t *testing.T) {
	t.Parallel()
	histories := uint64(2000)
	if testing.Short() {
		histories = 400
	}
	for seed := range histories {
		if problem := historyOf(seed, modify).broken(); problem != "" {
			t.Fatalf("history %d: %s", seed, problem)
		}
	}
}

// TestBrokenWritersOfPrefixListsAreCaught: the promise is tested with writers that do not
// keep it.
func TestBrokenWritersOfPrefixListsAreCaught(t *testing.T) {
	t.Parallel()
	for name, writer := range map[string]func(*cloud, prefixlist.List, prefixlist.Change) error{
		"that adds nothing": func(c *cloud, l prefixlist.List, change prefixlist.Change) error {
			change.Add = nil
			return modify(c, l, change)
		},
		"that says done and takes nothing out": func(*cloud, prefixlist.List, prefixlist.Change) error { return nil },
		"that takes all out": func(c *cloud, l prefixlist.List, change prefixlist.Change) error {
			change.Remove = nil
			for _, e := range l.Entries {
				change.Remove = append(change.Remove, e.Prefix)
			}
			return modify(c, l, change)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(300) {
				if historyOf(seed, writer).broken() != "" {
					return
				}
			}
			t.Error("no history shows it")
		})
	}
}
