package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// big is a region of groups that are as their baselines say, 20 rules each, made
// as they are read.
type big struct {
	region
	groups int
}

const rulesPerGroup = 20

func bigRule(group, n int) rule.Rule {
	prefix := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(group >> 8), byte(group), byte(n)}), 32)
	return rule.Rule{Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: 443, To: 443}, Peer: rule.Peer{Kind: rule.CIDR, Prefix: prefix}}
}

func (b *big) AllRules(context.Context) iter.Seq2[secgroup.GroupRule, error] {
	return func(yield func(secgroup.GroupRule, error) bool) {
		for n := range rulesPerGroup { // EC2 does not give them group by group
			for group := range b.groups {
				live := secgroup.LiveRule{ID: fmt.Sprintf("sgr-%017x", n), Rule: bigRule(group, n), Description: "some words on what it is for"}
				if !yield(secgroup.GroupRule{GroupID: groupID(group), LiveRule: live}, nil) {
					return
				}
			}
		}
	}
}

func groupID(group int) string { return fmt.Sprintf("sg-%017x", group) }

func (b *big) AllBaselines(context.Context) iter.Seq2[baseline.GroupDocument, error] {
	return func(yield func(baseline.GroupDocument, error) bool) {
		for group := range b.groups {
			doc := baseline.Compose(groupID(group), "", nil)
			var errs []error
			for n := range rulesPerGroup {
				errs = append(errs, doc.Allow(bigRule(group, n), "some words on what it is for"))
			}
			value, err := baseline.Encode(doc)
			err = errors.Join(append(errs, err)...)
			if !yield(baseline.GroupDocument{GroupID: doc.GroupID, Stored: baseline.Stored{Version: 1, Value: value}}, err) {
				return
			}
		}
	}
}

// TestMemoryStaysBounded sweeps 10,000 groups and 200,000 rules, and watches the
// heap meanwhile.
func TestMemoryStaysBounded(t *testing.T) { // measures the whole process, so it doesn't run in parallel
	peak := sweepBig(t, 10_000)
	t.Logf("peak heap %d MB", peak>>20)
	if peak > 100<<20 {
		t.Errorf("the heap grew to %d MB, and the function has 128", peak>>20)
	}
}

func sweepBig(tb testing.TB, groups int) (peakHeap uint64) {
	tb.Helper()
	b := &big{groups: groups}
	s := sweep.Sweeper{Rules: b, Documents: b, Bookmark: b, Journal: b, Requests: b, Notified: memory{&b.region}, Mark: b, Histories: b, Reconciler: b, Reporter: b, Cleaner: b, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: time.Now}
	runtime.GC()
	peak := watchHeap()
	summary, err := s.Run(context.Background(), "111122223333", "us-east-1")
	peakHeap = peak()
	if err != nil || summary.Drifting != 0 || summary.Rules != groups*rulesPerGroup || summary.Baselines != groups {
		tb.Fatalf("got %+v, %v", summary, err)
	}
	return peakHeap
}

// watchHeap samples what the heap holds until the returned function is called.
func watchHeap() (peak func() uint64) {
	var highest atomic.Uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			highest.Store(max(highest.Load(), m.HeapInuse))
			select {
			case <-done:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-stopped
		return highest.Load()
	}
}

func BenchmarkSweep(b *testing.B) {
	for _, groups := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("groups=%d,rules=%d", groups, groups*rulesPerGroup), func(b *testing.B) {
			b.ReportAllocs()
			var peak uint64
			for b.Loop() {
				peak = max(peak, sweepBig(b, groups))
			}
			b.ReportMetric(float64(peak)/(1<<20), "MB-peak-heap")
		})
	}
}
