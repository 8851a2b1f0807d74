package traillog

import "sync"

// reportEvery is how many bytes are read between two reports.
const reportEvery = 1 << 20

// progress collects what the workers have done.
type progress struct {
	mutex    sync.Mutex
	now      Progress
	reported int64 // BytesDone of the last report
	report   func(Progress)
}

func (p *progress) update(change func(*Progress), always bool) {
	if p.report == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	change(&p.now)
	if always || p.now.BytesDone-p.reported >= reportEvery {
		p.reported = p.now.BytesDone
		p.report(p.now)
	}
}

func (p *progress) listed(s Source) { p.update(func(n *Progress) { n.BytesTotal += s.Size }, false) }

func (p *progress) read(bytes int64) {
	p.update(func(n *Progress) { n.BytesDone += bytes }, false)
}
func (p *progress) event()             { p.update(func(n *Progress) { n.Events++ }, false) }
func (p *progress) records(many int64) { p.update(func(n *Progress) { n.Records += many }, false) }
func (p *progress) finished()          { p.update(func(n *Progress) { n.Sources++ }, true) }
