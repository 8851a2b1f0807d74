package picture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// The bounds of a search: the paths that are listed, and the beginnings of paths that are
// tried, for the paths that are there for sure and again for those that perhaps are.
const (
	mostPaths = 50
	mostTried = 100_000
)

// Paths returns the paths from one end to another. An end is internet, a CIDR, the id of a
// group or prefix list, or name:NAME. Between the ends there are groups of the picture
// alone. A step needs a rule of the group that receives, and a rule of the group that
// sends; a group whose rules nobody knows asks for none.
func (p Picture) Paths(from, to string) (Answer, error) {
	s := newSearch(p)
	begin, err := s.find(from)
	if err != nil {
		return Answer{}, err
	}
	end, err := s.find(to)
	if err != nil {
		return Answer{}, err
	}
	if begin.ID == end.ID {
		return Answer{}, fmt.Errorf("both ends are %s: name two", begin.End)
	}
	answer := Answer{From: begin.End, To: end.End, Paths: []Path{}, Remarks: []string{}, now: p.now}
	s.connect(begin, end)
	for _, perhaps := range []bool{false, true} {
		if perhaps && !s.guesses() {
			break
		}
		paths, more := s.walk(begin.ID, end.ID, perhaps)
		answer.Paths, answer.More = append(answer.Paths, paths...), answer.More || more
	}
	answer.Remarks = s.unknown(end)
	return answer, nil
}

// search looks for paths.
type search struct {
	ends  map[string]endWithRules
	ids   []string            // of the groups, in order
	steps map[string][]Step   // by where they begin, in the order of where they end
	back  map[string][]string // who has a step to an end
}

func newSearch(p Picture) *search {
	s := &search{ends: map[string]endWithRules{}, steps: map[string][]Step{}, back: map[string][]string{}}
	for _, g := range p.groups {
		if g.isList() {
			s.ends[g.ID] = endWithRules{End: End{g.ID, g.Name}, endpoint: endpoint{kind: PrefixList, id: g.ID}}
			continue
		}
		all := g.drawn(p.now)
		carrying := slices.DeleteFunc(slices.Clone(all), func(d drawn) bool { return !d.carries() })
		s.ends[g.ID] = endWithRules{End{g.ID, groupName(g)}, endpoint{kind: Grouped, id: g.ID}, &g, carrying, internetRules(carrying)}
		s.ids = append(s.ids, g.ID)
	}
	slices.SortFunc(s.ids, func(a, b string) int { return strings.Compare(s.ends[a].String(), s.ends[b].String()) })
	return s
}

// connect finds all steps between the ends and the groups.
func (s *search) connect(begin, end endWithRules) {
	s.ends[begin.ID], s.ends[end.ID] = begin, end
	senders, receivers := s.ids, s.ids
	if begin.group == nil {
		senders = append([]string{begin.ID}, senders...)
	}
	if end.group == nil {
		receivers = append([]string{end.ID}, receivers...)
	}
	for _, from := range senders {
		for _, to := range receivers {
			if from == to || to == begin.ID || from == end.ID {
				continue
			}
			if step, found := step(s.ends[from], s.ends[to]); found {
				s.steps[from] = append(s.steps[from], step)
				s.back[to] = append(s.back[to], from)
			}
		}
	}
}

// trial is the beginning of a path.
type trial struct {
	at      string
	before  *trial // nil where the path begins
	step    Step   // that leads here from before
	perhaps bool   // a step so far is perhaps not there
}

func (t *trial) visited(id string) bool {
	for ; t != nil; t = t.before {
		if t.at == id {
			return true
		}
	}
	return false
}

func (t *trial) path() Path {
	path := Path{Perhaps: t.perhaps}
	for ; t.before != nil; t = t.before {
		path.Steps = append(path.Steps, t.step)
	}
	slices.Reverse(path.Steps)
	return path
}

// walk returns the paths on which a step perhaps is not there, or those without such a
// step, the shortest first. more says that it gave up.
func (s *search) walk(begin, end string, perhaps bool) (paths []Path, more bool) {
	leads := s.leadingTo(end)
	queue := []*trial{{at: begin}}
	for i := 0; i < len(queue); i++ {
		t := queue[i]
		switch {
		case t.at != end:
			queue, more = s.further(queue, t, leads, perhaps, more)
		case t.perhaps == perhaps && len(paths) == mostPaths:
			return paths, true
		case t.perhaps == perhaps:
			paths = append(paths, t.path())
		}
		queue[i] = nil // its memory is no longer needed
	}
	return paths, more
}

// further adds to the queue where a path may go on. more says that the queue is full.
func (s *search) further(queue []*trial, t *trial, leads map[string]bool, perhaps, more bool) ([]*trial, bool) {
	for _, step := range s.steps[t.at] {
		if to := step.To.ID; !leads[to] || t.visited(to) || !perhaps && step.If != "" {
			continue
		}
		if len(queue) == mostTried {
			return queue, true
		}
		queue = append(queue, &trial{step.To.ID, t, step, t.perhaps || step.If != ""})
	}
	return queue, more
}

// guesses reports whether a step is perhaps not there.
func (s *search) guesses() bool {
	for _, steps := range s.steps {
		if slices.ContainsFunc(steps, func(s Step) bool { return s.If != "" }) {
			return true
		}
	}
	return false
}

// leadingTo returns the ends from which steps lead to an end.
func (s *search) leadingTo(end string) map[string]bool {
	leads := map[string]bool{end: true}
	for queue := []string{end}; len(queue) > 0; queue = queue[1:] {
		for _, from := range s.back[queue[0]] {
			if !leads[from] {
				leads[from] = true
				queue = append(queue, from)
			}
		}
	}
	return leads
}

// unknown says which groups outside the picture reach the end, or groups on the way to it.
// Who reaches those is not known.
func (s *search) unknown(end endWithRules) []string {
	remarks := []string{}
	leads := s.leadingTo(end.ID)
	for _, id := range s.ids {
		p := s.ends[id]
		if !leads[id] {
			continue
		}
		if !p.group.knows(rule.Ingress) {
			remarks = append(remarks, "what "+p.End.String()+" lets in is not known: no baseline guards its ingress")
		}
		for _, r := range p.rules {
			outside := r.Direction == rule.Ingress && r.Peer.Kind == rule.Group
			if _, there := s.ends[r.Peer.ID]; outside && !there {
				remarks = append(remarks, p.End.String()+" lets in the group "+r.Peer.ID+", which is not in the picture: who reaches that group is not known")
			}
		}
	}
	return remarks
}
