package deploy_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// markdownTable is a table of Markdown: its head, and the rows with the cells' texts.
type markdownTable struct {
	head []string
	rows [][]string
}

// markdownTables returns the tables of a page in their order.
func markdownTables(page string) (tables []markdownTable) {
	inTable := false
	for line := range strings.SplitSeq(page, "\n") {
		if !strings.HasPrefix(line, "|") {
			inTable = false
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !inTable:
			tables = append(tables, markdownTable{head: cells})
		case cells[0] != "---":
			last := &tables[len(tables)-1]
			last.rows = append(last.rows, cells)
		}
		inTable = true
	}
	return tables
}

// figure returns the number in a cell such as 1,234.5, and NaN where there is none.
func figure(cell string) float64 {
	number, err := strconv.ParseFloat(strings.ReplaceAll(cell, ",", ""), 64)
	if err != nil {
		return math.NaN()
	}
	return number
}

// shows reports whether a cell has a value, with as many decimals as the cell has. Halves may go either way.
func shows(cell string, value float64) bool {
	_, decimals, _ := strings.Cut(cell, ".")
	return math.Abs(figure(cell)-value) <= 0.5*math.Pow10(-len(decimals))+1e-9
}

// wrongSums returns what does not add up in a table of costs. From its fourth column on it has pairs of a count and an
// amount: the count times the price, for so many. The last row has the sums of the amounts above.
func wrongSums(table markdownTable) (wrong []string) {
	last := len(table.rows) - 1
	for column := 4; column < len(table.head); column += 2 {
		sum := 0.0
		for _, row := range table.rows[:last] {
			if amount := figure(row[column-1]) * figure(row[1]) / figure(row[2]); !shows(row[column], amount) {
				wrong = append(wrong, fmt.Sprintf("%s: %s, and it is %f", row[0], row[column], amount))
			}
			sum += figure(row[column])
		}
		if !shows(table.rows[last][column], sum) {
			wrong = append(wrong, fmt.Sprintf("the sum of column %d: %s, and it is %f", column, table.rows[last][column], sum))
		}
	}
	return wrong
}

// costTables returns the tables that have prices and amounts: of a month, of the canary, and of a trail.
func costTables(t *testing.T) []markdownTable {
	t.Helper()
	tables := slices.DeleteFunc(markdownTables(read(t, "docs/costs.md")), func(table markdownTable) bool {
		return len(table.head) < 3 || table.head[1] != "price, USD"
	})
	if len(tables) != 3 {
		t.Fatalf("docs/costs.md has %d tables with prices and amounts", len(tables))
	}
	return tables
}

func TestTheAmountsOfThePageOnCostsAddUp(t *testing.T) {
	t.Parallel()
	for _, table := range costTables(t) {
		for _, wrong := range wrongSums(table) {
			t.Error(wrong)
		}
	}
}

func TestAnAmountThatDoesNotAddUpIsFound(t *testing.T) {
	t.Parallel()
	good := "| what | price, USD | for | count | USD |\n| --- | --- | --- | --- | --- |\n| a | 0.20 | 1,000 | 5,000 | 1.00 |\n| b | 2.00 | 1 | 0.5 | 1.00 |\n| **all** | | | | 2.00 |\n"
	for name, c := range map[string]struct {
		old, changed string
		wrong        int
	}{
		"nothing is wrong":         {"a", "a", 0},
		"an amount and the sum":    {"5,000 | 1.00", "5,000 | 1.10", 2},
		"a count":                  {"5,000", "6,000", 1},
		"the sum":                  {"| | | | 2.00", "| | | | 2.10", 1},
		"an amount is no number":   {"5,000 | 1.00", "5,000 | some", 2},
		"a price that is too high": {"| 0.20", "| 0.21", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := strings.Replace(good, c.old, c.changed, 1)
			if wrong := wrongSums(markdownTables(page)[0]); len(wrong) != c.wrong {
				t.Errorf("found %q in %s", wrong, page)
			}
		})
	}
}

// TestTheSweepsOfThePageOnCostsAddUp has the rules by which the page says that the table is made.
func TestTheSweepsOfThePageOnCostsAddUp(t *testing.T) {
	t.Parallel()
	const cpuOfAGroup = 11.77 / 10_000 * 1769 / 128 // seconds
	tables := markdownTables(read(t, "docs/costs.md"))
	table := tables[len(tables)-1]
	if len(table.rows) != 3 || table.head[0] != "groups" {
		t.Fatalf("the last table has the head %q and %d rows", table.head, len(table.rows))
	}
	for _, row := range table.rows {
		groups := figure(row[0])
		ssm, ec2 := 8+groups/10, groups*20/1000
		seconds := ssm/10 + groups*cpuOfAGroup
		gigabyteSeconds, events := seconds*0.125*2880, (ssm+ec2+1)*2880
		for column, want := range []float64{
			groups, groups * 20, ssm, ec2, ssm / 10, groups * cpuOfAGroup, seconds, gigabyteSeconds, gigabyteSeconds * 0.0000133334,
			events, events / 100_000 * 2,
		} {
			if !shows(row[column], want) {
				t.Errorf("%s of %s groups: %s, and it is %f", table.head[column], row[0], row[column], want)
			}
		}
	}
}
