package baseline

import (
	"slices"
	"time"
)

// Format reads documents of another format than the JSON that SSM holds, such as the YAML
// of files. Make it with NewFormat.
type Format struct{ read reader }

// NewFormat returns a format of which read makes nodes. The error of read is one of
// Refuse.
func NewFormat(read func(data []byte) (Node, error)) Format {
	return Format{func(data []byte) (node, error) {
		n, err := read(data)
		return n.node, err
	}}
}

// Decode reads a baseline. See Decode for the rest.
func (f Format) Decode(data []byte, groupID string) (*Document, error) {
	return (&decoder{}).decode(f.read, data, groupID)
}

// DecodeWithNames reads a baseline, as Decode does, in which groups may be named: name:web instead of the id of the group that is called web. Names are
// for files, and no other reading of a document takes them.
//
// change is called for every reference, for the document's own group first, and
// returns what stands there in the document: an id, or a name again. Its error
// is reported with the reference's position. Nil keeps all as it is written; such a
// document is to be looked at, and names that differ are different groups in it.
func (f Format) DecodeWithNames(data []byte, change func(Reference) (string, error)) (*Document, error) {
	if change == nil {
		change = func(r Reference) (string, error) { return r.Text, nil }
	}
	return (&decoder{change: change}).decode(f.read, data, "")
}

// DecodeGuardrail reads a guardrail. See DecodeGuardrail for the rest.
func (f Format) DecodeGuardrail(data []byte) (*Guardrail, error) {
	return decodeAs(f.read, data, (*decoder).guardrail)
}

// DecodeApproval reads an approval before it is written to SSM: at is now. An approval
// that would have ended already is a problem. See DecodeApproval for the rest.
func (f Format) DecodeApproval(data []byte, name string, at time.Time) (*Approval, error) {
	return decodeApproval(f.read, data, name, ahead{from: at})
}

// DecodePause reads a pause before it is written to SSM: at is now. A pause that would
// have ended already is a problem. See DecodePause for the rest.
func (f Format) DecodePause(data []byte, at time.Time) (*Pause, error) {
	return decodePause(f.read, data, ahead{from: at})
}

// DecodeTrust reads the trusted principals. See DecodeTrust for the rest.
func (f Format) DecodeTrust(data []byte) (*Trust, error) {
	return decodeAs(f.read, data, (*decoder).trust)
}

// DecodePrefixList reads the approved entries of a prefix list. See DecodePrefixList
// for the rest.
func (f Format) DecodePrefixList(data []byte, id string) (*PrefixList, error) {
	return decodePrefixList(f.read, data, id)
}

// KindOf returns what kind of document a file holds, which only the document's
// fields say: forbid is a guardrail's, rules an approval's, until a pause's,
// principals those of trust, and prefixListId or entries a prefix list's. Everything else is taken for a baseline, so that
// decoding the file says what is wrong. A file with a field of a baseline alone,
// such as groupId, is one, whatever else it has.
func (f Format) KindOf(data []byte) Kind {
	root, err := readWithin(f.read, data)
	if err != nil || root.kind != object {
		return KindBaseline
	}
	has := func(key string) bool {
		return slices.ContainsFunc(root.items, func(field node) bool { return field.key == key })
	}
	if has("groupId") || has("ingress") || has("egress") {
		return KindBaseline
	}
	for _, known := range kindFields {
		if has(known.field) {
			return known.kind
		}
	}
	return KindBaseline
}

// Node is a value of a document with its position.
type Node struct{ node }

// NodeKind is what a Node is.
type NodeKind = kind

// The kinds of nodes.
const (
	NodeNull    = null
	NodeText    = text
	NodeNumber  = number
	NodeBoolean = boolean
	NodeList    = list
	NodeObject  = object
)

// NewNode returns a value as it is written. Lines and columns count from 1.
func NewNode(k NodeKind, scalar string, line, column int) Node {
	return Node{node{kind: k, scalar: scalar, line: int32(line), column: int32(column)}}
}

// Grow makes room for n items or fields.
func (n *Node) Grow(count int) { n.items = slices.Grow(n.items, count) }

// Append adds an item to a list, or a field with a key to an object.
func (n *Node) Append(key string, child Node) {
	child.key = key
	n.items = append(n.items, child.node)
}

// Refuse returns an *Error that says what is wrong, with a position if line is not 0.
func Refuse(line, column int, message string) error {
	return &Error{Problems: []Problem{{Line: line, Column: column, Message: shortened(message, maxMessage)}}}
}
