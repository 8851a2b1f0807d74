package made

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// delivery writes records and hands them out in CloudTrail's order, which is none.
type delivery struct {
	o         Options
	random    *rand.Rand
	yield     func(Record) bool
	templates map[any][]*template // some styles of each shape
	values    [slots][]byte
	waiting   []Record
	reused    [][]byte
	delivered int
	ended     bool
}

func newDelivery(o Options, yield func(Record) bool) *delivery {
	return &delivery{o: o, random: rand.New(rand.NewPCG(o.Seed, 0x7472)), yield: yield, templates: map[any][]*template{}}
}

func (d *delivery) all() {
	for r := range newWorld(d.o).records() {
		d.waiting = append(d.waiting, d.write(r))
		if len(d.waiting) > d.o.Disorder {
			d.deliver()
		}
		if d.ended {
			return
		}
	}
	for len(d.waiting) > 0 && !d.ended {
		d.deliver()
	}
}

// deliver hands out one of the records that wait, and one time in a while hands it out twice.
func (d *delivery) deliver() {
	i := 0
	if d.o.Disorder > 0 {
		i = d.random.IntN(len(d.waiting))
	}
	r := d.waiting[i]
	d.waiting[i] = d.waiting[len(d.waiting)-1]
	d.waiting = d.waiting[:len(d.waiting)-1]
	d.ended = !d.yield(r)
	if d.delivered++; !d.ended && d.o.Doubled > 0 && d.delivered%d.o.Doubled == 0 {
		r.Copy = true
		d.ended = !d.yield(r)
	}
	d.reused = append(d.reused, r.JSON[:0])
}

func (d *delivery) write(r record) Record {
	styles := d.templates[r.shape]
	if styles == nil {
		styles = d.styles(r.shape)
		d.templates[r.shape] = styles
	}
	d.values = [slots][]byte{
		slotTime: r.time.AppendFormat(d.values[slotTime][:0], "2006-01-02T15:04:05Z"), slotEvent: []byte(eventID(r.eventID)),
		slotAccount: []byte(r.account), slotRegion: []byte(r.region), slotGroup: []byte(r.groupID),
		slotRule: ruleID(d.values[slotRule], r.ruleIDs[0]), slotSecondRule: ruleID(d.values[slotSecondRule], r.ruleIDs[1]),
	}
	var b []byte
	if n := len(d.reused); n > 0 {
		b, d.reused = d.reused[n-1], d.reused[:n-1]
	}
	b = styles[d.random.IntN(len(styles))].write(b, &d.values)
	return Record{JSON: b, Account: r.account, Region: r.region, Time: r.time, Call: r.call}
}

// ruleID writes sgr-0 and 16 hexadecimal digits.
func ruleID(b []byte, n uint64) []byte {
	const most = 1 << 60
	b = append(b[:0], "sgr-0"...)
	return strconv.AppendUint(b, most|n, 16)
}

// styles are ways to write the records of a shape.
func (d *delivery) styles(of any) []*template {
	text, err := d.text(of)
	all := make([]*template, 2)
	for i := range all {
		var styled []byte
		if err == nil {
			styled, err = style(text, d.random, d.o.Odd)
		}
		if err != nil {
			panic(fmt.Sprintf("make a history: %v", err)) // all shapes are fixed in this package; a test makes each
		}
		all[i] = newTemplate(styled)
	}
	return all
}

func (d *delivery) text(of any) (json.RawMessage, error) {
	if origin, isOther := of.(otherShape); isOther {
		return otherRecords[origin], nil
	}
	return of.(shape).record()
}
