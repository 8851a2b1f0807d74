package cloud

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// journal keeps what has come so far, in its order, for those who wait for something to come.
type journal[T any] struct {
	mu      sync.Mutex
	list    []T
	changed chan struct{} // closed when something comes
}

func (j *journal[T]) add(one T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, one)
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

func (j *journal[T]) all() (list []T, changed <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return slices.Clone(j.list), j.changed
}

// wait returns the first that fits, and waits for it until ctx ends.
func (j *journal[T]) wait(ctx context.Context, fits func(T) bool) (T, error) {
	for {
		list, changed := j.all()
		if i := slices.IndexFunc(list, fits); i >= 0 {
			return list[i], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			var none T
			return none, fmt.Errorf("after %d others: %w", len(list), ctx.Err())
		}
	}
}
