package baseline

// MaxDepth is far beyond what a document needs (4) and keeps a hostile one from
// growing the stack.
const MaxDepth = 32

type kind uint8

const (
	null kind = iota
	text
	number
	boolean
	list
	object
)

func (k kind) String() string {
	return [...]string{"null", "a string", "a number", "true or false", "a list", "an object"}[k]
}

// node is a JSON or YAML value that remembers where it stands. It is small, since
// a document may have MaxValues of them.
type node struct {
	kind         kind
	line, column int32
	key          string // of a field
	scalar       string // as written
	items        []node // of a list, or the fields of an object
}

func (n node) position() position { return position{int(n.line), int(n.column)} }

// word returns the scalar for what has to be short. A scalar that is too long for any word
// is truncated, and can't be valid any more.
func (n node) word() string { return shortened(n.scalar, maxWord) }
