package simulation

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// document is a baseline as its author means it. The judge uses the meaning;
// the product gets the text.
type document struct {
	group      string
	broken     string // instead of all else: a text that is no baseline of the group
	locked     bool   // a SecureString whose key is denied to the functions; broken is its ciphertext
	packed     bool   // written as the store keeps large documents
	alertOnly  bool
	exact      bool
	restore    bool
	leftOut    [2]bool // the directions that it doesn't mention: ingress, egress
	permanent  []int   // rules of the universe
	exceptions []exception
	// graceMinutes overrides the functions' setting; nil for none.
	graceMinutes *int
	// formers are what the judge knows of former versions: they permit for the time of
	// the grace.
	formers []former
	grace   time.Duration
}

type exception struct {
	rule    int
	expires time.Time
}

func (d *document) usable() bool { return d.broken == "" }

// enforces reports whether the document may lead to a revoke.
func (d *document) enforces() bool { return d != nil && d.usable() && !d.alertOnly }

// side is the index of a direction.
func side(egress bool) int { return map[bool]int{true: 1}[egress] }

func (d *document) guards(egress bool) bool { return !d.leftOut[side(egress)] }

// permitted are the rules at a time.
func (d *document) permitted(at time.Time) []int {
	rules := slices.Clone(d.permanent)
	for _, e := range d.exceptions {
		if at.Before(e.expires) {
			rules = append(rules, e.rule)
		}
	}
	return rules
}

// permits judges a rule by enumerating its packets.
func (d *document) permits(rule int, at time.Time) bool {
	return d.permitsRule(naive.Universe[rule], at)
}

func (d *document) permitsRule(r naive.Rule, at time.Time) bool {
	if !d.guards(r.Egress) {
		return true
	}
	if d.gracePermits(r, at) {
		return true
	}
	return naive.Permits(d.permitted(at), d.exact, r)
}

// without is the document without what it says of a direction.
func (d *document) without(egress bool) *document {
	next := *d
	ofDirection := func(rule int) bool { return naive.Universe[rule].Egress == egress }
	next.leftOut[side(egress)] = true
	next.permanent = slices.DeleteFunc(slices.Clone(d.permanent), ofDirection)
	next.exceptions = slices.DeleteFunc(slices.Clone(d.exceptions), func(e exception) bool { return ofDirection(e.rule) })
	return &next
}

// with is the document with one more standing rule, and so with its direction.
func (d *document) with(rule int) *document {
	next := *d
	next.leftOut[side(naive.Universe[rule].Egress)] = false
	next.permanent = append(slices.Clone(d.permanent), rule)
	return &next
}

// text is the document as somebody puts it into Parameter Store.
func (d *document) text() string {
	if d.broken != "" {
		return d.broken
	}
	written := map[string]any{"schema": 1, "groupId": d.group, "restore": d.restore}
	if d.alertOnly {
		written["mode"] = "alert"
	}
	if d.exact {
		written["match"] = "exact"
	}
	if d.graceMinutes != nil {
		written["graceMinutes"] = *d.graceMinutes
	}
	for _, egress := range []bool{false, true} {
		if d.guards(egress) {
			written[strings.ToLower(direction(egress))] = d.entries(egress)
		}
	}
	var exceptions []any
	for _, e := range d.exceptions {
		x := entry(e.rule)
		x["direction"], x["expires"], x["reason"] = strings.Fields(naive.Universe[e.rule].Text)[0], e.expires.UTC().Format(time.RFC3339), "repair"
		exceptions = append(exceptions, x)
	}
	if exceptions != nil {
		written["exceptions"] = exceptions
	}
	if d.packed {
		return pack(mustEncode(written))
	}
	return mustEncode(written)
}

func (d *document) entries(egress bool) []any {
	entries := []any{}
	for _, r := range d.permanent {
		if naive.Universe[r].Egress == egress {
			entries = append(entries, entry(r))
		}
	}
	return entries
}

func entry(rule int) map[string]any {
	r := naive.Universe[rule]
	e := map[string]any{"protocol": r.Protocol, "ports": r.Ports}
	e[map[bool]string{false: "sources", true: "destinations"}[r.Egress]] = []string{r.Peer}
	return e
}

func mustEncode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return string(text)
}

// papers knows what the texts in Parameter Store mean.
type papers struct {
	documents  map[string]*document
	guardrails map[string]*guardrail
	pauses     map[string]*pause
	approvals  map[string]*approval
	trusts     map[string]*trust
}

func newPapers() papers {
	return papers{map[string]*document{}, map[string]*guardrail{}, map[string]*pause{}, map[string]*approval{}, map[string]*trust{}}
}

func (l *papers) add(d *document) string {
	text := d.text()
	l.documents[text] = d
	return text
}

func (l *papers) addPause(p *pause) string {
	text := p.text()
	l.pauses[text] = p
	return text
}

func (l *papers) addTrust(x *trust) string {
	text := x.text()
	l.trusts[text] = x
	return text
}

func (l *papers) addApproval(a *approval) string {
	text := a.text()
	l.approvals[text] = a
	return text
}

func (l *papers) addGuardrail(g *guardrail) string {
	text := g.text()
	l.guardrails[text] = g
	return text
}
