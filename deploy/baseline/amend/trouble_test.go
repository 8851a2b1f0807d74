package amend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func TestAFailureAfterAnOverwriteSaysWhichChangesAreUndone(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.put(document(t, "ingress: []\n"))
	k := s.kind(func() {})
	put, puts := k.Put, 0
	k.Put = func(ctx context.Context, d *baseline.Document, replaces baseline.Stored, description string) (int64, error) {
		if puts++; puts > 1 {
			return 0, errors.New("AccessDenied")
		}
		s.put(document(t, "ingress: [{protocol: tcp, ports: '25', sources: [10.0.0.0/8]}]\n"))
		return put(ctx, d, replaces, description)
	}
	_, err := k.Edit(t.Context(), allowing("ingress tcp 443 10.0.0.0/8"), noWait)
	if err == nil || !strings.Contains(err.Error(), "AccessDenied\nthis command overwrote") || !strings.Contains(err.Error(), "+ ingress tcp 25 10.0.0.0/8") {
		t.Errorf("got %v", err)
	}
}

func TestAWriterThatNeverComesFirstGivesUp(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.put(document(t, "ingress: []\n"))
	k := s.kind(func() {})
	waits, put := 0, k.Put
	k.Put = func(ctx context.Context, d *baseline.Document, replaces baseline.Stored, description string) (int64, error) {
		s.put(document(t, fmt.Sprintf("ingress: [{protocol: tcp, ports: '%d', sources: [10.0.0.0/8]}]\n", 1+len(s.versions))))
		return put(ctx, d, replaces, description)
	}
	_, err := k.Edit(t.Context(), allowing("ingress tcp 443 10.0.0.0/8"), func(context.Context, int) error { waits++; return nil })
	if !errors.Is(err, ssmstore.ErrChanged) || waits != maxTries-1 || !strings.Contains(err.Error(), "30 times over") {
		t.Errorf("waited %d times: %v", waits, err)
	}
}

func TestAVersionThatCannotBeReadIsReported(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.put(document(t, "ingress: []\n"))
	k := s.kind(func() {})
	put, wrote := k.Put, false
	k.Put = func(ctx context.Context, d *baseline.Document, replaces baseline.Stored, description string) (int64, error) {
		if !wrote {
			wrote = true
			n := s.put(document(t, "ingress: []\n"))
			s.versions[n-1].Value = []byte("{")
		}
		return put(ctx, d, replaces, description)
	}
	done, err := k.Edit(t.Context(), allowing("ingress tcp 443 10.0.0.0/8"), noWait)
	want := []string{"version 2, which ana wrote at the same time, can't be read, and was overwritten by version 3"}
	if diff := cmp.Diff(want, done.Broken); err != nil || diff != "" || done.Version != 3 {
		t.Errorf("%v: %+v: %s", err, done, diff)
	}
}

func TestWhatIsSoAlreadyIsNotWritten(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.put(document(t, "ingress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\n"))
	done, err := s.kind(func() {}).Edit(t.Context(), allowing("ingress tcp 443 10.0.0.0/8"), noWait)
	if diff := cmp.Diff(Outcome{Version: 1}, done); err != nil || diff != "" || s.newest().Version != 1 {
		t.Errorf("%v: %s", err, diff)
	}
}

func TestAHistoryThatLagsIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, lag := range map[string]int{"for a while": 3, "for ever": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{}
			s.put(document(t, "ingress: []\n"))
			k := s.kind(func() {})
			put, history, wrote, reads := k.Put, k.History, false, 0
			k.Put = func(ctx context.Context, d *baseline.Document, replaces baseline.Stored, description string) (int64, error) {
				if !wrote {
					wrote = true
					s.put(document(t, "ingress: [{protocol: tcp, ports: '25', sources: [10.0.0.0/8]}]\n"))
				}
				return put(ctx, d, replaces, description)
			}
			k.History = func(ctx context.Context) ([]baseline.Version, error) {
				versions, err := history(ctx)
				if reads++; reads <= lag {
					versions = versions[:1]
				}
				return versions, err
			}
			done, err := k.Edit(t.Context(), allowing("ingress tcp 443 10.0.0.0/8"), noWait)
			if lag < maxTries && (err != nil || done.Version != 4) {
				t.Errorf("%v: %+v", err, done)
			}
			if lag > maxTries && (err == nil || !strings.Contains(err.Error(), "version 3 of /p/groups/"+group+" was written over what somebody wrote after version 1, which may not be put back: look at its history")) {
				t.Errorf("%v: %+v", err, done)
			}
		})
	}
}

func TestADocumentThatIsDeletedMeanwhileIsReported(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.put(document(t, "ingress: []\n"))
	s.put(document(t, "ingress: []\n"))
	k := s.kind(func() {})
	k.Put = func(context.Context, *baseline.Document, baseline.Stored, string) (int64, error) {
		return 1, ssmstore.ErrChanged
	}
	_, err := k.Edit(t.Context(), allowing("ingress tcp 443 10.0.0.0/8"), noWait)
	if !errors.Is(err, ssmstore.ErrChanged) || !strings.Contains(err.Error(), "was deleted meanwhile, and is there again as version 1") {
		t.Errorf("got %v", err)
	}
}

func TestAnInterruptEndsTheWaitButNotTheRepair(t *testing.T) {
	t.Parallel()
	for name, overwrites := range map[string]bool{"somebody was quicker": false, "somebody was overwritten": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{}
			s.put(document(t, "ingress: []\n"))
			ctx, cancel := context.WithCancel(t.Context())
			k := s.kind(func() {})
			put, first := k.Put, true
			k.Put = func(ctx context.Context, d *baseline.Document, replaces baseline.Stored, description string) (int64, error) {
				if !first {
					return put(ctx, d, replaces, description)
				}
				first = false
				cancel()
				if !overwrites {
					return 0, ssmstore.ErrChanged
				}
				s.put(document(t, "ingress: [{protocol: tcp, ports: '25', sources: [10.0.0.0/8]}]\n"))
				return put(ctx, d, replaces, description)
			}
			done, err := k.Edit(ctx, allowing("ingress tcp 443 10.0.0.0/8"), Backoff(func(int64) int64 { return 0 }))
			if overwrites && (err != nil || done.Version != 4) || !overwrites && !errors.Is(err, context.Canceled) {
				t.Errorf("%v: %+v", err, done)
			}
		})
	}
}

func TestTheWaitGrowsUpToALimit(t *testing.T) {
	t.Parallel()
	var limits []time.Duration
	wait := Backoff(func(n int64) int64 { limits = append(limits, time.Duration(n)); return 0 })
	for n := 1; n <= 8; n++ {
		if err := wait(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	ms := time.Millisecond
	if diff := cmp.Diff([]time.Duration{50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 1600 * ms, 1600 * ms}, limits); diff != "" {
		t.Error(diff)
	}
}

func TestADescriptionCountsOnlyForTheVersionThatItIsOf(t *testing.T) {
	t.Parallel()
	facts, other := Facts{"mode": "alert"}, Facts{"mode": "enforce"}
	cases := map[string]struct {
		description string
		want        int64
	}{
		"the version's own":        {record(7, facts), 7},
		"kept from another":        {record(7, other), 0},
		"of another version yet":   {strings.Replace(record(7, facts), "version 7", "version 8", 1), 8}, // made of 8, and the same in the end
		"none":                     {"", 0},
		"what a person wrote":      {"the front end", 0},
		"incomplete":               {record(7, facts)[:60], 0},
		"with something behind it": {record(7, facts) + "x", 0},
	}
	for name, c := range cases {
		if got := baseIn(c.description, facts); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}
