package proxy

import (
	"context"
	"net/http"
)

// listWrites change a managed prefix list. moto has no RestoreManagedPrefixListVersion.
var listWrites = map[string]bool{"ModifyManagedPrefixList": true, "DeleteManagedPrefixList": true}

// listWrite passes on a write to a managed prefix list and puts its event on the bus.
func (p *Proxy) listWrite(w http.ResponseWriter, c *call) {
	done := p.config.Bus.Begin()
	called := p.config.Now()
	answer, ok := p.forward(w, c)
	if !ok {
		done()
		return
	}
	record, recorded := p.record(c, answer, called)
	p.after.Go(func() {
		defer done()
		if recorded {
			p.putEvent(context.WithoutCancel(c.request.Context()), record)
		}
	})
	answer.writeTo(w)
}
