package baseline

import "slices"

// Kind is what a document is about.
type Kind uint8

// The kinds of documents.
const (
	KindBaseline Kind = iota
	KindGuardrail
	KindApproval
	KindPause
	KindTrust
)

// kindFields has for each kind but a baseline a field that no other kind has.
var kindFields = [...]struct {
	field string
	kind  Kind
}{{"forbid", KindGuardrail}, {"rules", KindApproval}, {"until", KindPause}, {"principals", KindTrust}}

// KindOfFile returns what kind of document a file holds, which only the document's
// fields say: forbid is a guardrail's, rules an approval's, until a pause's and
// principals those of trust. Everything else is taken for a baseline, so that
// decoding the file says what is wrong. A file with a field of a baseline alone,
// such as groupId, is one, whatever else it has.
func KindOfFile(data []byte) Kind {
	root, err := readWithin(readYAML, data)
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
