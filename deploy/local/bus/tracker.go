package bus

import (
	"context"
	"sync"
)

// tracker counts what is under way. Unlike a sync.WaitGroup it may be waited for while new work begins.
type tracker struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n gets to zero; nil before the first work
}

func (t *tracker) begin() (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == 0 {
		t.idle = make(chan struct{})
	}
	t.n++
	return sync.OnceFunc(t.end)
}

func (t *tracker) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n--
	if t.n == 0 {
		close(t.idle)
	}
}

func (t *tracker) wait(ctx context.Context) error {
	for {
		t.mu.Lock()
		n, idle := t.n, t.idle
		t.mu.Unlock()
		if n == 0 {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
