package deploy_test

import (
	"slices"
	"testing"
)

// TestTheSumForAnOrganizationAddsUp and takes the cost of a stack from the page on costs.
func TestTheSumForAnOrganizationAddsUp(t *testing.T) {
	t.Parallel()
	tables := markdownTables(read(t, "docs/organization.md"))
	i := slices.IndexFunc(tables, func(table markdownTable) bool { return len(table.head) > 4 && table.head[3] == "800 stacks" })
	if i < 0 {
		t.Fatal("the page has no table of 800 stacks")
	}
	for _, wrong := range wrongSums(tables[i]) {
		t.Error(wrong)
	}
	month := costTables(t)[0]
	if all, stack := month.rows[len(month.rows)-1][4], tables[i].rows[0][1]; all != stack {
		t.Errorf("a stack costs %s on the page on costs, and %s here", all, stack)
	}
}
