package simulation

import (
	"slices"
	"time"
)

// changeBaseline approves or un-approves something, or does worse.
func (w *world) changeBaseline(t throw, g *group) {
	is := w.papers.documents[w.ssm.value(groupsPath+g.id)]
	switch n := t.IntN(28); {
	case is == nil || n < 3:
		w.writeBaseline(w.newDocument(t, g.id))
	case n < 9 && is.usable() && len(g.rules) > 0: // approve what is there
		w.writeBaseline(is.with(pick(t, g.rules).rule))
	case n < 15 && is.usable() && len(is.permanent) > 0: // un-approve
		next := *is
		i := t.IntN(len(is.permanent))
		next.permanent = slices.Delete(slices.Clone(is.permanent), i, i+1)
		w.writeBaseline(&next)
	case n < 17:
		w.writeBaseline(&document{group: g.id, broken: pick(t, brokenTexts(g.id))})
	case n < 18:
		w.tally.faults[poisonDocument]++
		w.writeBaseline(&document{group: g.id, broken: pick(t, poisons())})
	case n < 19:
		w.writeBaseline(&document{group: g.id, broken: ciphertext(g.id), locked: true})
	case n < 21 && is.usable(): // leave a direction out, or guard it again
		w.writeBaseline(is.turned(t))
	case n < 25:
		w.replaceBaseline(t, is)
	default:
		w.unwrite(groupsPath + g.id)
	}
}

// turned mentions a direction that the document left out, or leaves out one of
// two.
func (d *document) turned(t throw) *document {
	next := *d
	for _, egress := range []bool{false, true} {
		if !d.guards(egress) {
			next.leftOut[side(egress)] = false
			return &next
		}
	}
	return d.without(t.chance(0.5))
}

// replaceBaseline deletes a baseline and soon writes it again, as some tools do
// instead of overwriting it.
func (w *world) replaceBaseline(t throw, is *document) {
	w.tally.faults[baselineReplaced]++
	w.unwrite(groupsPath + is.group)
	if is.usable() && t.chance(0.5) {
		is = is.with(t.originalRule())
	}
	time.AfterFunc(t.between(200*time.Millisecond, 5*time.Second), func() { w.locked(func() { w.writeBaseline(is) }) })
}

// writeBaseline puts a baseline, as somebody with any SSM client would.
func (w *world) writeBaseline(d *document) {
	if d.usable() && (d.leftOut[0] || d.leftOut[1]) {
		w.tally.faults[directionLeftOut]++
	}
	if d.usable() && w.beyondQuota(d) {
		w.tally.faults[baselineBeyondQuota]++
	}
	w.write(groupsPath+d.group, w.papers.add(d), d.locked)
}

// changeGuardrail writes a guardrail, a broken one at times.
func (w *world) changeGuardrail(t throw) {
	g := &guardrail{enforce: t.chance(0.7), broken: t.chance(0.2)}
	g.locked = !g.broken && t.chance(0.15)
	w.writeGuardrail(g)
}

func (w *world) writeGuardrail(g *guardrail) {
	w.write(guardrailName, w.papers.addGuardrail(g), g.locked)
}

// write puts a parameter, as a SecureString whose key is denied to the functions
// where it is locked.
func (w *world) write(name, value string, locked bool) {
	r := ssmRequest{Name: name, Value: value, Overwrite: true, Type: map[bool]string{false: "String", true: secureString}[locked]}
	_, operation, err := w.ssm.put(r, "arn:aws:iam::"+account+":user/ana", time.Now())
	if err != nil {
		panic(err)
	}
	w.note(people, "%s parameter %s: %s", operation, name, value)
	w.parameterEvent(name, operation)
}

func (w *world) unwrite(name string) {
	if deleted, _ := w.ssm.remove([]string{name}, time.Now()); len(deleted) > 0 {
		w.note(people, "Delete parameter %s", name)
		w.parameterEvent(name, "Delete")
	}
}
