package baseline

// Kind is what a document is about.
type Kind uint8

// The kinds of documents.
const (
	KindBaseline Kind = iota
	KindGuardrail
	KindApproval
	KindPause
	KindTrust
	KindPrefixList
)

// kindFields has for each kind but a baseline a field that no other kind has, or two.
var kindFields = [...]struct {
	field string
	kind  Kind
}{{"forbid", KindGuardrail}, {"rules", KindApproval}, {"until", KindPause}, {"principals", KindTrust}, {"prefixListId", KindPrefixList}, {"entries", KindPrefixList}}
