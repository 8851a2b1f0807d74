package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// FuzzInvoke takes any bytes through the whole function, and any calls may fail.
// Whatever comes: it answers JSON or an error, revokes nothing but the violation,
// says what it revoked, and has nothing left to do the second time.
func FuzzInvoke(f *testing.F) {
	for _, name := range events.Names() {
		f.Add(events.MustRead(name), uint16(0))
		f.Add(events.MustRead(name), uint16(0xA5A5))
	}
	f.Fuzz(func(t *testing.T, message []byte, faults uint16) {
		w := newWorld(faults)
		h := handler{w.remediator()}
		answer, err := h.Invoke(t.Context(), message)
		w.check(t, answer, err)
		w.faults = 0
		if answer, err = h.Invoke(t.Context(), message); err != nil {
			t.Fatalf("without a fault: %v", err)
		}
		w.check(t, answer, err)
		reported := len(w.reported)
		if _, err := h.Invoke(t.Context(), message); err != nil || w.revoked > 1 {
			t.Errorf("once more: %v, %d revokes", err, w.revoked)
		}
		if w.revoked == 1 && reported+len(w.kept) == 0 {
			t.Error("it revoked a rule, reported nothing, and has it nowhere on record")
		}
	})
}

// world is an AWS in which every group has two rules, one of them approved.
type world struct {
	mu       sync.Mutex
	faults   uint16 // one bit for each call, the lowest for the first
	live     []secgroup.LiveRule
	document func(groupID string) baseline.Stored
	kept     map[string]alert.Alert
	reported []alert.Message
	revoked  int
}

var (
	errFault  = errors.New("the network is down")
	violation = mustParse("ingress tcp 22 0.0.0.0/0")
	permitted = mustParse("ingress tcp 443 10.0.0.0/8")
)

func mustParse(text string) rule.Rule {
	r, err := rule.Parse(text)
	if err != nil {
		panic(err)
	}
	return r
}

func newWorld(faults uint16) *world {
	return &world{
		faults: faults, kept: map[string]alert.Alert{},
		live: []secgroup.LiveRule{{ID: "sgr-0bad", Rule: violation}, {ID: "sgr-0good", Rule: permitted}},
		document: func(groupID string) baseline.Stored {
			doc := baseline.Compose(groupID, "", []baseline.Described{{Rule: permitted}})
			value, err := baseline.Encode(doc)
			if err != nil {
				return baseline.Stored{}
			}
			return baseline.Stored{Parameter: "/sg-baseline/groups/" + groupID, Version: 1, Value: value}
		},
	}
}

func (w *world) remediator() *remediate.Remediator {
	return &remediate.Remediator{
		Lists: noLists{}, ListDocuments: noLists{},
		Rules: w, Groups: w, Around: w, Writer: w, Baselines: w, History: w, Approvals: w, Alerts: w, Journal: w, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC) }, Pause: func(context.Context, time.Duration) {},
		Enforce: true, Prefix: "/sg-baseline",
	}
}

func (w *world) check(t *testing.T, answer []byte, err error) {
	t.Helper()
	if err == nil {
		var outcome struct{ Outcome alert.Outcome }
		if err := json.Unmarshal(answer, &outcome); err != nil || outcome.Outcome == "" {
			t.Errorf("it answered %q: %v", answer, err)
		}
	}
	if !slices.ContainsFunc(w.live, func(l secgroup.LiveRule) bool { return l.Rule == permitted }) {
		t.Error("the approved rule is not live")
	}
	if err == nil && w.revoked > 0 && len(w.reported)+len(w.kept) == 0 {
		t.Error("it revoked a rule, answered without an error, reported nothing, and has it nowhere on record")
	}
}

// fault says whether this call fails.
func (w *world) fault() error {
	bit := w.faults & 1
	w.faults >>= 1
	if bit == 1 {
		return errFault
	}
	return nil
}

func (w *world) Rules(context.Context, string) ([]secgroup.LiveRule, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.live), w.fault()
}

func (w *world) Group(_ context.Context, groupID string) (secgroup.Group, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return secgroup.Group{ID: groupID}, w.fault()
}

func (w *world) Interfaces(context.Context, string) (secgroup.Interfaces, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return secgroup.Interfaces{}, w.fault()
}

func (w *world) GroupNames(context.Context, []string) (map[string]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return nil, w.fault()
}

func (w *world) DefaultGroup(context.Context, string) (secgroup.Group, error) {
	return secgroup.Group{}, secgroup.ErrNotFound
}

func (w *world) GroupByName(_ context.Context, name string) (secgroup.Group, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return secgroup.Group{ID: "sg-0a1b2c3d4e5f60718", Name: name}, w.fault()
}

func (w *world) Revoke(_ context.Context, _ string, rules []secgroup.LiveRule) []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	errs := make([]error, len(rules))
	for i, r := range rules {
		isThere := slices.ContainsFunc(w.live, func(l secgroup.LiveRule) bool { return l.ID == r.ID })
		if errs[i] = w.fault(); errs[i] == nil && !isThere {
			errs[i] = secgroup.ErrNotFound
		} else if errs[i] == nil {
			w.live = slices.DeleteFunc(w.live, func(l secgroup.LiveRule) bool { return l.ID == r.ID })
			w.revoked++
		}
	}
	return errs
}

func (w *world) Authorize(_ context.Context, _ string, rules []secgroup.ApprovedRule) []error {
	return make([]error, len(rules))
}

func (w *world) AuthorizeEach(_ context.Context, _ string, rules []secgroup.ApprovedRule) []error {
	return make([]error, len(rules))
}

func (w *world) Read(_ context.Context, groupID string) (baseline.Documents, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return baseline.Documents{Group: w.document(groupID)}, w.fault()
}

func (w *world) PutApproval(context.Context, string, *baseline.Approval) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault()
}

func (w *world) History(context.Context, string) ([]baseline.Version, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return nil, w.fault()
}

func (w *world) Publish(_ context.Context, m alert.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.fault()
	if err == nil {
		w.reported = append(w.reported, m)
	}
	return err
}

func (w *world) Write(_ context.Context, key string, a alert.Alert) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept[key] = a
	return []string{key}, w.fault()
}

func (w *world) Erase(_ context.Context, names []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		delete(w.kept, name)
	}
	return w.fault()
}
