package picture

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// ByVPC puts the groups of a VPC into one box.
const ByVPC = "vpc"

// tagPrefix begins what puts the groups of one value of a tag into a box.
const tagPrefix = "tag:"

// CheckGroupBy returns an error for what no picture can be grouped by. Empty is fine.
func CheckGroupBy(by string) error {
	if by == "" || by == ByVPC || strings.HasPrefix(by, tagPrefix) && by != tagPrefix {
		return nil
	}
	return errors.New("want vpc, or tag:NAME such as tag:team")
}

// folded puts groups together where the options ask for that, or where they are more
// than are readable.
func (p Picture) folded(o Options) Picture {
	count, asked := 0, o.GroupBy != ""
	for _, g := range p.groups {
		if !g.isList() {
			count++
		}
	}
	switch by := cmp.Or(o.GroupBy, ByVPC); {
	case !asked && count <= Most:
		return p
	case !asked && !p.hasVPCs():
		p.Note = fmt.Sprintf("%s are more than the %d that one picture shows readably, and their VPCs are not known: choose fewer files, or see live groups, whose VPCs EC2 tells", words.Count(count, "group"), Most)
		return p
	default:
		p = p.boxed(by)
		p.Note = fmt.Sprintf("%s are put together by %s", words.Count(count, "group"), byText(by))
		if !asked {
			p.Note = fmt.Sprintf("%s are more than the %d that one picture shows readably, so they are put together by VPC; --group-by tag:NAME puts them together by a tag", words.Count(count, "group"), Most)
		}
		return p
	}
}

func byText(by string) string {
	if name, isTag := strings.CutPrefix(by, tagPrefix); isTag {
		return "the tag " + name
	}
	return "VPC"
}

func (p Picture) hasVPCs() bool {
	return slices.ContainsFunc(p.groups, func(g Group) bool { return g.VPC != "" })
}

// boxKey begins the keys of boxes.
const boxKey = "box:"

// boxOf returns the box that a group belongs to.
func boxOf(g Group, by string) Node {
	value, what := g.VPC, "VPC"
	if name, isTag := strings.CutPrefix(by, tagPrefix); isTag {
		value, what = g.Tags[name], "tag "+name
	}
	if value == "" {
		return Node{Key: boxKey, Kind: Box, Name: "no " + what + " known"}
	}
	return Node{Key: boxKey + value, Kind: Box, Name: value}
}

// boxed returns the picture with boxes instead of groups.
func (p Picture) boxed(by string) Picture {
	boxes, of := map[string]*Node{}, map[string]string{}
	var keys []string
	for _, g := range p.groups {
		if g.isList() {
			continue
		}
		box := boxOf(g, by)
		if boxes[box.Key] == nil {
			boxes[box.Key] = &box
			keys = append(keys, box.Key)
		}
		boxes[box.Key].Groups = append(boxes[box.Key].Groups, g.ID)
		of[g.ID] = box.Key
	}
	slices.Sort(keys)
	folded := Picture{now: p.now, groups: p.groups}
	for _, n := range p.Nodes {
		if of[n.Key] == "" {
			folded.Nodes = append(folded.Nodes, n)
		}
	}
	for _, key := range keys {
		box := *boxes[key]
		box.Notes = []string{words.Count(len(box.Groups), "group")}
		folded.Nodes = append(folded.Nodes, box)
	}
	folded.Edges = mergedEdges(p.Edges, of)
	return folded
}

// mergedEdges joins edges whose ends are in the same boxes.
func mergedEdges(edges []Edge, of map[string]string) []Edge {
	found := map[likeness]*Edge{}
	for _, e := range edges {
		e.From, e.To = cmp.Or(of[e.From], e.From), cmp.Or(of[e.To], e.To)
		like := likeness{pair: pair{e.From, e.To}, state: e.State, oneSide: e.OneSide}
		if e.Until != nil {
			like.until = *e.Until
		}
		into := found[like]
		if into == nil {
			e.Rules, e.traffic = slices.Clone(e.Rules), slices.Clone(e.traffic)
			found[like] = &e
			continue
		}
		into.Rules = append(into.Rules, e.Rules...)
		into.traffic = append(into.traffic, e.traffic...)
	}
	merged := make([]Edge, 0, len(found))
	for _, e := range found {
		e.Ports = portsText(e.traffic)
		merged = append(merged, *e)
	}
	slices.SortFunc(merged, compareEdges)
	return merged
}
