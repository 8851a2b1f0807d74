package compare

// Drift counts how the live rules of a group differ from what is approved.
type Drift struct {
	Violating    int `json:"violating"` // live and not permitted
	InGrace      int `json:"inGrace"`   // permitted by nothing but the grace
	Missing      int `json:"missing"`   // permitted, and not live
	NotCanonical int `json:"unreadable"`
}

// None reports whether nothing differs.
func (d Drift) None() bool { return d == Drift{} }

// Drift counts the changes of a group that was compared with its live rules.
func (g Group) Drift() Drift {
	var d Drift
	for _, c := range g.Changes {
		switch {
		case c.Kind == ruleAdded && c.Until != nil:
			d.InGrace++
		case c.Kind == ruleAdded:
			d.Violating++
		case c.Kind == ruleRemoved:
			d.Missing++
		case c.Kind == ruleNotCanonical:
			d.NotCanonical++
		}
	}
	return d
}

// Violating returns the live rules of a group that nothing permits, or only the grace.
func (g Group) Violating() []string {
	rules := []string{}
	for _, c := range g.Changes {
		if c.Kind == ruleAdded {
			rules = append(rules, c.Rule)
		}
	}
	return rules
}
