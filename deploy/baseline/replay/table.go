package replay

// mostRows bounds the memory of one table, whatever the history holds.
const mostRows = 20_000

// table counts by key. Once it is full, what has a new key is counted together.
type table[K comparable, V any] struct {
	rows map[K]*V
	rest *V // nil while every key has a row
}

func newTable[K comparable, V any]() table[K, V] { return table[K, V]{rows: map[K]*V{}} }

// row returns what is counted for a key: to be changed, and never nil.
func (t *table[K, V]) row(key K) *V {
	if v := t.rows[key]; v != nil {
		return v
	}
	if len(t.rows) >= mostRows {
		if t.rest == nil {
			t.rest = new(V)
		}
		return t.rest
	}
	v := new(V)
	t.rows[key] = v
	return v
}
