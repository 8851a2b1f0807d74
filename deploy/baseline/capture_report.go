package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
)

// noteUnwatched notes on groups which prefix lists their rules name while nobody watches
// the entries of the list: no document of the list is in the directory or in Parameter
// Store. A list that AWS manages needs no document.
func (c capture) noteUnwatched(ctx context.Context, t basefile.Directory, captured []capturedList, results []capturedGroup) error {
	var ids []string
	for _, r := range results {
		for _, id := range r.lists {
			_, hasFile := t.ByID[id]
			isCaptured := slices.ContainsFunc(captured, func(l capturedList) bool { return l.PrefixListID == id && l.Error == "" })
			if !hasFile && !isCaptured && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	unwatched, err := c.unwatched(ctx, ids)
	for i := range results {
		for _, id := range results[i].lists {
			if unwatched[id] {
				results[i].Notes = append(results[i].Notes, fmt.Sprintf("the prefix list %[1]s is approved by its id; its entries aren't watched until baseline capture %[1]s", id))
			}
		}
	}
	return err
}

// unwatched returns which prefix lists have no document in Parameter Store and aren't
// managed by AWS. A list that can't be read counts as another's.
func (c capture) unwatched(ctx context.Context, ids []string) (map[string]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	store, err := c.Store(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := c.Baselines(ctx, store, ids)
	if err != nil {
		return nil, err
	}
	unwatched := map[string]bool{}
	for _, id := range ids {
		if _, has := stored[id]; has {
			continue
		}
		list, err := c.FindList(ctx, id)
		isExpected := errors.Is(err, account.ErrNoList) || errors.Is(err, account.ErrChanging) || awserr.ClassOf(err) == awserr.Denied
		if err != nil && !isExpected {
			return nil, err
		}
		unwatched[id] = list.Owner != prefixlist.AWS
	}
	return unwatched, nil
}

func (c capture) report(results []capturedGroup, lists []capturedList) error {
	groups, listsSum := tally{thing: "group"}, tally{thing: "prefix list"}
	for _, r := range results {
		groups.add(r.GroupID, r.Changed, r.Error)
	}
	for _, l := range lists {
		listsSum.add(l.PrefixListID, l.Changed, l.Error)
	}
	errs := append(groups.errs, listsSum.errs...)
	if c.output == "json" {
		return errors.Join(append([]error{c.printJSON(capturedJSON(results, lists))}, errs...)...)
	}
	for _, r := range results {
		if r.Changed {
			fmt.Fprintf(c.out, "wrote %s: %s\n", r.File, words.Count(r.Rules, "rule"))
		}
		for _, note := range r.Notes {
			fmt.Fprintf(c.out, "note: %s: %s\n", r.GroupID, note)
		}
	}
	for _, l := range lists {
		if l.Changed {
			fmt.Fprintf(c.out, "wrote %s: %s\n", l.File, words.Count(l.Entries, "entry"))
		}
		for _, note := range l.Notes {
			fmt.Fprintf(c.out, "note: %s: %s\n", l.PrefixListID, note)
		}
	}
	text := listsSum.String()
	if len(results) > 0 || len(lists) == 0 {
		text = groups.String() + text
	}
	_, err := fmt.Fprint(c.out, text)
	return errors.Join(append(errs, err)...)
}

// capturedJSON is what --output json has. There are no prefixLists where none was named.
func capturedJSON(results []capturedGroup, lists []capturedList) map[string]any {
	shown := map[string]any{"groups": append([]capturedGroup{}, results...)}
	if len(lists) > 0 {
		shown["prefixLists"] = lists
	}
	return shown
}

// tally counts what became of files.
type tally struct {
	thing          string
	total, written int
	errs           []error
}

func (t *tally) add(id string, changed bool, problem string) {
	t.total++
	if changed {
		t.written++
	}
	if problem != "" {
		t.errs = append(t.errs, fmt.Errorf("%s: %s", id, problem))
	}
}

// String is a line, empty for nothing but groups that are none.
func (t *tally) String() string {
	if t.total == 0 && t.thing != "group" {
		return ""
	}
	return fmt.Sprintf("%s: %d written, %d unchanged, %d failed\n", words.Count(t.total, t.thing), t.written, t.total-t.written-len(t.errs), len(t.errs))
}
