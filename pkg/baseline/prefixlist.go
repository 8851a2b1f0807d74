package baseline

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"
	"unicode/utf8"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// maxEntryDescription is the most characters that EC2 lets the description of an
// entry have (EC2 API reference, AddPrefixListEntry, Description).
const maxEntryDescription = 255

// PrefixList says which entries a managed prefix list may have.
// DecodePrefixList makes only valid ones.
type PrefixList struct {
	Schema         int               `json:"schema"`
	PrefixListID   string            `json:"prefixListId"`
	PrefixListName string            `json:"prefixListName,omitempty"` // for people; never compared
	Mode           Mode              `json:"mode,omitempty"`
	Restore        bool              `json:"restore,omitempty"`
	GraceMinutes   *int              `json:"graceMinutes,omitempty"` // 0 to 1440; nil: Grace's default holds
	Entries        []PrefixListEntry `json:"entries"`                // empty: no entry is permitted

	at position
}

// PrefixListEntry is an approved entry of a managed prefix list.
type PrefixListEntry struct {
	CIDR        string `json:"cidr"` // as the document writes it
	Description string `json:"description,omitempty"`

	prefix netip.Prefix
	at     position
}

// NewPrefixListEntry returns an entry for a prefix, which has no host bits.
func NewPrefixListEntry(prefix netip.Prefix, description string) PrefixListEntry {
	return PrefixListEntry{CIDR: prefix.String(), Description: description, prefix: prefix}
}

// Prefix returns the entry's addresses.
func (e PrefixListEntry) Prefix() netip.Prefix { return e.prefix }

// Position returns the line and column, counted from 1, at which the entry stands
// in what it was decoded from; both are 0 for one that was made here.
func (e PrefixListEntry) Position() (line, column int) { return e.at.line, e.at.column }

// Position returns the line and column, counted from 1, at which the document
// begins in what it was decoded from; both are 0 for one that was made here.
func (p *PrefixList) Position() (line, column int) { return p.at.line, p.at.column }

// Enforces reports whether entries that are not approved are to be taken out.
func (p *PrefixList) Enforces() bool { return p.Mode != Alert }

// Grace returns for how long the entries that the version before this document
// permitted stay permitted. A document without graceMinutes leaves that to
// otherwise.
func (p *PrefixList) Grace(otherwise time.Duration) time.Duration {
	return graceOr(p.GraceMinutes, otherwise)
}

// DecodePrefixList reads the approved entries of a prefix list from the JSON that
// SSM holds, as strictly as Decode reads a baseline. Entries of both IP versions, an
// entry that is there twice, and a document for another list than id (if given) are
// errors too. The error is an *Error.
func DecodePrefixList(data []byte, id string) (*PrefixList, error) {
	return decodePrefixList(readJSON, data, id)
}

func decodePrefixList(read reader, data []byte, id string) (*PrefixList, error) {
	return decodeAs(read, data, func(d *decoder, root node) *PrefixList { return d.prefixList(root, id) })
}

func (d *decoder) prefixList(root node, id string) *PrefixList {
	if isPacked(root) {
		d.problem("", root, inPartsText)
		return nil
	}
	f, ok := d.fields("", root, "schema", "prefixListId", "prefixListName", "mode", "restore", "graceMinutes", "entries")
	if !ok {
		return nil
	}
	d.schema(f)
	p := &PrefixList{
		Schema: SchemaVersion, PrefixListID: d.prefixListID(f, id), PrefixListName: d.string(f, "prefixListName"),
		Mode: Mode(d.oneOf(f, "mode", string(Enforce), string(Alert))), Restore: d.bool(f, "restore"),
		GraceMinutes: d.graceMinutes(f), at: root.position(),
	}
	if !f.has("entries") {
		d.wrong(f, "entries", "is missing: where no entry is permitted, write entries: []")
	}
	paths := map[netip.Prefix]string{} // of the entries that were read so far
	p.Entries = each(d, f, "entries", func(path string, n node) PrefixListEntry { return d.prefixListEntry(path, n, paths) })
	d.oneFamily(f, p.Entries)
	return p
}

func (d *decoder) prefixListID(f fields, want string) string {
	d.string(f, "prefixListId") // reports what is no string
	id := f.get("prefixListId").word()
	switch {
	case !rule.IsPrefixListID(id):
		d.wrong(f, "prefixListId", "must be the id of a managed prefix list, such as pl-0a1b2c3d4e5f60718")
	case want != "" && id != want:
		d.wrong(f, "prefixListId", "the document is for %s, not for %s", id, want)
	}
	return id
}

func (d *decoder) prefixListEntry(path string, n node, paths map[netip.Prefix]string) PrefixListEntry {
	f, ok := d.fields(path, n, "cidr", "description")
	if !ok {
		return PrefixListEntry{}
	}
	e := PrefixListEntry{CIDR: f.get("cidr").word(), Description: d.string(f, "description"), at: n.position()}
	if utf8.RuneCountInString(e.Description) > maxEntryDescription {
		d.wrong(f, "description", "is longer than the %d characters that EC2 permits", maxEntryDescription)
	}
	peer, err := rule.ParsePeer(e.CIDR)
	switch {
	case f.get("cidr").kind != text || !isCIDR(e.CIDR):
		d.wrong(f, "cidr", "must be a CIDR, such as 10.0.0.0/8: a prefix list holds nothing else")
	case err != nil:
		d.wrong(f, "cidr", "%v", err)
	case paths[peer.Prefix] != "":
		d.wrong(f, "cidr", "is the same as in %s", paths[peer.Prefix])
	default:
		paths[peer.Prefix] = path
	}
	e.prefix = peer.Prefix
	return e
}

func isCIDR(s string) bool { _, err := netip.ParsePrefix(s); return err == nil }

// oneFamily reports entries of another IP version than that of the first entry: EC2
// gives a prefix list one address family (EC2 API reference, CreateManagedPrefixList).
func (d *decoder) oneFamily(f fields, entries []PrefixListEntry) {
	isFirst4, known := false, false
	for i, e := range entries {
		switch {
		case !e.prefix.IsValid():
		case !known:
			isFirst4, known = e.prefix.Addr().Is4(), true
		case e.prefix.Addr().Is4() != isFirst4:
			item := f.get("entries").items[i]
			d.problem(fmt.Sprintf("entries[%d]", i), item, "%s is of another IP version than the entries before: a prefix list has one", e.CIDR)
		}
	}
}

// EncodePrefixList returns the document as JSON, for SSM; DecodePrefixList reads the
// JSON back. The error says why DecodePrefixList would refuse the JSON.
func EncodePrefixList(p *PrefixList) ([]byte, error) {
	written := *p
	written.Schema = SchemaVersion
	if written.Entries == nil {
		written.Entries = []PrefixListEntry{}
	}
	data, err := json.Marshal(written)
	if err == nil {
		_, err = DecodePrefixList(data, p.PrefixListID)
	}
	if err != nil {
		return nil, fmt.Errorf("encode the entries of %s: %w", p.PrefixListID, err)
	}
	return data, nil
}
