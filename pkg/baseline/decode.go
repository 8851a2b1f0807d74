package baseline

import (
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Decode reads a baseline from the JSON that SSM holds. It is strict: unknown
// fields, host bits in a CIDR, ports on a protocol that has none, an exception for
// a direction that is not guarded, a document with neither list, or one for another
// group than groupID (if given) are errors. All of them are reported at once, as
// *Error.
//
// Memory is bounded, whatever data is: less than 24 MB, garbage included. The
// document keeps the text that it was decoded from.
func Decode(data []byte, groupID string) (*Document, error) {
	return (&decoder{}).decode(readJSON, data, groupID)
}

// reader makes nodes of a document's bytes. Its error is an *Error.
type reader func(data []byte) (node, error)

func (d *decoder) decode(read reader, data []byte, groupID string) (*Document, error) {
	root, err := readWithin(read, data)
	if err != nil {
		return nil, err
	}
	doc := d.document(root, groupID)
	if err := d.err(); err != nil {
		return nil, err
	}
	return doc, nil
}

// decodeAs reads data and makes a document of the root. It returns what was made
// where nothing is wrong, and an *Error otherwise.
func decodeAs[T any](read reader, data []byte, document func(*decoder, node) *T) (*T, error) {
	root, err := readWithin(read, data)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	doc := document(d, root)
	if err := d.err(); err != nil {
		return nil, err
	}
	return doc, nil
}

// readWithin reads no more than maxBytes.
func readWithin(read reader, data []byte) (node, error) {
	if err := checkBytes(data); err != nil {
		return node{}, err
	}
	return read(data)
}

type decoder struct {
	groupID      string // what "self" stands for
	rules, items int    // that were read so far
	problems     []Problem
	more         int                             // problems that are not kept
	change       func(Reference) (string, error) // nil: names are refused
}

func (d *decoder) document(root node, groupID string) *Document {
	if isPacked(root) {
		d.problem("", root, inPartsText)
		return nil
	}
	f, ok := d.fields("", root, "schema", "groupId", "groupName", "mode", "match", "restore", "graceMinutes", "ingress", "egress", "exceptions")
	if !ok {
		return nil
	}
	doc := &Document{Schema: SchemaVersion, at: root.position()}
	d.schema(f)
	doc.GroupID = d.group(f, groupID)
	doc.GroupName = d.string(f, "groupName")
	doc.Mode = Mode(d.oneOf(f, "mode", string(Enforce), string(Alert)))
	doc.Match = d.oneOf(f, "match", "covered", "exact")
	doc.Restore = d.bool(f, "restore")
	doc.GraceMinutes = d.graceMinutes(f)
	d.groupID = doc.GroupID
	if !f.has("ingress") && !f.has("egress") {
		d.problem("", root, "neither ingress nor egress is there, so nothing would be guarded: an empty baseline must say ingress: [], egress: [] or both")
	}
	doc.Ingress = each(d, f, "ingress", func(path string, n node) Entry { return d.entry(path, n, rule.Ingress) })
	doc.Egress = each(d, f, "egress", func(path string, n node) Entry { return d.entry(path, n, rule.Egress) })
	doc.Exceptions = each(d, f, "exceptions", func(path string, n node) Exception { return d.exception(path, n, f) })
	if d.rules > MaxRules {
		d.problem("", root, "too large: %d rules; the most is %d", d.rules, MaxRules)
	}
	return doc
}

// graceMinutes reads a grace of minutes, nil where the document says none.
func (d *decoder) graceMinutes(f fields) *int {
	if !f.has("graceMinutes") {
		return nil
	}
	minutes := d.wholeNumber(f, "graceMinutes", 0, MaxGraceMinutes)
	return &minutes
}

const inPartsText = "it is kept in parts, and some are missing or damaged: push it again, or roll it back"

// isPacked recognises what the store keeps instead of a large document, where
// the document itself could not be put together.
func isPacked(root node) bool {
	return root.kind == object && slices.ContainsFunc(root.items, func(field node) bool { return field.key == "encoding" })
}

func (d *decoder) schema(f fields) {
	if version := f.get("schema"); version.kind != number || version.scalar != "1" {
		d.wrong(f, "schema", "must be %d, the only version this sgwarden knows", SchemaVersion)
	}
}

func (d *decoder) group(f fields, want string) string {
	n := f.get("groupId")
	d.string(f, "groupId") // reports what is no string
	id, err := d.reference("groupId", n)
	_, isName := Name(id)
	switch {
	case err != nil:
		d.wrong(f, "groupId", "%v", err)
	case !isName && !rule.IsGroupID(id):
		d.wrong(f, "groupId", "must be the id of a security group, such as sg-0a1b2c3d4e5f60718")
	case want != "" && id != want:
		d.wrong(f, "groupId", "the document is for %s, not for %s", id, want)
	}
	return id
}

// exception reads an exception of the document whose fields are given.
func (d *decoder) exception(path string, n node, document fields) Exception {
	f, ok := d.fields(path, n, "direction", "protocol", "ports", "sources", "destinations", "description", "expires", "reason", "approvedBy")
	if !ok {
		return Exception{}
	}
	e := Exception{Direction: d.string(f, "direction"), Reason: d.string(f, "reason"), ApprovedBy: d.string(f, "approvedBy")}
	direction, err := rule.ParseDirection(f.get("direction").word())
	switch {
	case err != nil:
		d.wrong(f, "direction", "must be ingress or egress")
		direction = rule.Ingress
	case !document.has(direction.String()):
		d.wrong(f, "direction", "the baseline has no %[1]s list, so %[1]s is not guarded: write %[1]s: [] or leave the exception out", direction)
	}
	e.Entry = d.rulesOf(f, direction)
	e.Expires, err = time.Parse(time.RFC3339, f.get("expires").word())
	if err != nil {
		d.wrong(f, "expires", "must be a time such as 2026-12-01T09:00:00Z")
	}
	return e
}

func (d *decoder) entry(path string, n node, direction rule.Direction) Entry {
	f, ok := d.fields(path, n, "protocol", "ports", peersKey(direction), "description")
	if !ok {
		return Entry{}
	}
	return d.rulesOf(f, direction)
}

func peersKey(direction rule.Direction) string {
	if direction == rule.Egress {
		return "destinations"
	}
	return "sources"
}

// rulesOf reads the fields that entries and exceptions share.
func (d *decoder) rulesOf(f fields, direction rule.Direction) Entry {
	e := Entry{Protocol: f.get("protocol").scalar, Ports: f.get("ports").scalar, Description: d.string(f, "description"), at: f.at.position()}
	protocol, ports := d.protocolAndPorts(f)
	key := peersKey(direction)
	for _, other := range []string{"sources", "destinations"} {
		if other != key && f.has(other) {
			d.wrong(f, other, "%s has %s", direction, key)
		}
	}
	e.rules = make([]rule.Rule, 0, min(len(f.get(key).items), MaxRules))
	peers := each(d, f, key, func(path string, n node) string {
		written, peer, err := d.peer(path, n)
		if err != nil {
			d.problem(path, n, "%v", err)
		}
		e.rules = append(e.rules, rule.Rule{Direction: direction, Protocol: protocol, Ports: ports, Peer: peer})
		return written
	})
	d.rules += len(peers)
	if n := f.get(key); len(n.items) == 0 && (n.kind == list || !f.has(key)) {
		d.wrong(f, key, "is missing or empty: name at least one peer")
	}
	e.setPeers(direction, peers)
	return e
}

func (d *decoder) protocolAndPorts(f fields) (rule.Protocol, rule.Ports) {
	protocol, err := rule.ParseProtocol(f.get("protocol").word())
	if err != nil {
		d.wrong(f, "protocol", "%v", err)
		return protocol, rule.AllPorts
	}
	ports := rule.AllPorts
	if protocol.HasPorts() || f.has("ports") {
		if ports, err = rule.ParsePorts(protocol, f.get("ports").word()); err != nil {
			d.wrong(f, "ports", "%v", err)
		}
	}
	return protocol, ports
}

// peer reads a peer, and returns beside it how the document writes it.
func (d *decoder) peer(path string, n node) (written string, peer rule.Peer, err error) {
	switch {
	case n.kind != text:
		return "", peer, fmt.Errorf("must be a CIDR, sg-…, pl-… or self, not %s", n.kind)
	case n.scalar == "self":
		return n.scalar, rule.Peer{Kind: rule.Group, ID: d.groupID}, nil
	}
	if written, err = d.reference(path, n); err != nil {
		return "", peer, err
	}
	peer, err = parsePeer(written)
	return written, peer, err
}
