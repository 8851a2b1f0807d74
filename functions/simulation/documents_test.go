package simulation

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// document is a baseline as its author means it. The judge goes by that; the
// product gets the text.
type document struct {
	group      string
	broken     string // in place of all else: a text that is no baseline of the group
	alertOnly  bool
	exact      bool
	restore    bool
	standing   []int // rules of the universe
	exceptions []exception
}

type exception struct {
	rule    int
	expires time.Time
}

func (d *document) usable() bool { return d.broken == "" }

// permitted are the rules at a time.
func (d *document) permitted(at time.Time) []int {
	rules := slices.Clone(d.standing)
	for _, e := range d.exceptions {
		if at.Before(e.expires) {
			rules = append(rules, e.rule)
		}
	}
	return rules
}

// permits judges a rule by enumerating its packets.
func (d *document) permits(rule int, at time.Time) bool { return d.permitsRule(universe[rule], at) }

func (d *document) permitsRule(r universeRule, at time.Time) bool {
	permitted := d.permitted(at)
	if d.exact {
		return slices.ContainsFunc(permitted, func(p int) bool { return universe[p].text == r.text })
	}
	return r.carried.without(together(permitted)).empty()
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
	entries := map[bool][]any{false: {}, true: {}}
	for _, r := range d.standing {
		entries[universe[r].egress] = append(entries[universe[r].egress], entry(r))
	}
	written["ingress"], written["egress"] = entries[false], entries[true]
	var exceptions []any
	for _, e := range d.exceptions {
		x := entry(e.rule)
		x["direction"], x["expires"], x["reason"] = strings.Fields(universe[e.rule].text)[0], e.expires.UTC().Format(time.RFC3339), "repair"
		exceptions = append(exceptions, x)
	}
	if exceptions != nil {
		written["exceptions"] = exceptions
	}
	return mustEncode(written)
}

func entry(rule int) map[string]any {
	r := universe[rule]
	e := map[string]any{"protocol": r.protocol, "ports": r.ports}
	e[map[bool]string{false: "sources", true: "destinations"}[r.egress]] = []string{r.peer}
	return e
}

func mustEncode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return string(text)
}

// guardrail forbids ssh from wider public sources than a /24.
type guardrail struct {
	enforce bool
	broken  bool
}

func (g *guardrail) text() string {
	if g.broken {
		return `{"schema": 1}`
	}
	return mustEncode(map[string]any{
		"schema": 1, "mode": map[bool]string{false: "alert", true: "enforce"}[g.enforce],
		"forbid": []any{map[string]any{"direction": "ingress", "protocol": "tcp", "ports": "22", "widest": map[string]any{"ipv4": 24, "ipv6": 64}}},
	})
}

// papers knows what the texts in Parameter Store mean.
type papers struct {
	documents  map[string]*document
	guardrails map[string]*guardrail
}

func (l *papers) add(d *document) string {
	text := d.text()
	l.documents[text] = d
	return text
}

func (l *papers) addGuardrail(g *guardrail) string {
	text := g.text()
	l.guardrails[text] = g
	return text
}
