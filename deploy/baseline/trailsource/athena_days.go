package trailsource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dayFilter limits a query to the partitions that can hold events of a selection. known is false where the table has no
// partition keys that sgwarden knows for dates.
func (s shape) dayFilter(from, to time.Time) (filter string, known bool) {
	last := lastDelivery(to)
	if name, layout := s.dateKey(); name != "" {
		return fmt.Sprintf("%s BETWEEN '%s' AND '%s'", quoted(name), from.UTC().Format(layout), endOf(last).Format(layout)), true
	}
	if s.partition("year") == "" {
		return "", false
	}
	return s.calendarFilter(from.UTC(), last), true
}

func endOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 59, 0, time.UTC)
}

// layouts are Go's words for those of Java's date formats (Athena User Guide, "Supported types for partition projection").
var layouts = strings.NewReplacer("yyyy", "2006", "MM", "01", "dd", "02", "HH", "15", "mm", "04", "'", "")

// dateKey returns the partition key that is a date as text, and the form of its values. A key with partition projection
// says the form. Without it, only the documented key timestamp is known, whose form is yyyy/MM/dd.
func (s shape) dateKey() (name, layout string) {
	for _, key := range namesOf(s.partitions) {
		format := s.properties["projection."+key+".format"]
		if strings.EqualFold(s.properties["projection."+key+".type"], "date") && strings.HasPrefix(format, "yyyy") && strings.Contains(format, "dd") {
			if layout := layouts.Replace(format); sortsByTime(layout) {
				return key, layout
			}
		}
	}
	if s.partitions["timestamp"] == "string" && s.properties["projection.timestamp.type"] == "" {
		return "timestamp", dayFolder
	}
	return "", ""
}

// sortsByTime says whether texts of a form stand in the order of time, and have nothing but digits and separators.
func sortsByTime(layout string) bool {
	at := -1
	for _, part := range []string{"2006", "01", "02"} {
		next := strings.Index(layout, part)
		if next <= at {
			return false
		}
		at = next
	}
	return strings.Trim(layout, "0123456789/-_: ") == ""
}

// manyMonths and manyDays bound the length of a filter. Beyond them, years and months are filtered, and not days.
const (
	manyMonths = 36
	manyDays   = 62
)

// calendarFilter limits keys for the year, and for the month and the day where the table has those. The values may have
// leading zeros or not, so both are asked for.
func (s shape) calendarFilter(from, last time.Time) string {
	month, day := s.partition("month") != "", s.partition("day") != ""
	days := int(last.Sub(from).Hours()/24) + 1
	if !month || days > manyMonths*30 {
		var years []int
		for year := from.Year(); year <= last.Year(); year++ {
			years = append(years, year)
		}
		return s.in("year", years)
	}
	byMonth := map[string][]int{}
	var order []string
	for at := from; !at.After(endOf(last)); at = at.AddDate(0, 0, 1) {
		filter := s.in("year", []int{at.Year()}) + " AND " + s.in("month", []int{int(at.Month())})
		if byMonth[filter] == nil {
			order = append(order, filter)
		}
		byMonth[filter] = append(byMonth[filter], at.Day())
	}
	var alternatives []string
	for _, filter := range order {
		if day && days <= manyDays {
			filter += " AND " + s.in("day", byMonth[filter])
		}
		alternatives = append(alternatives, "("+filter+")")
	}
	return "(" + strings.Join(alternatives, " OR ") + ")"
}

// in limits a partition key to some numbers, as the type of the key wants them.
func (s shape) in(key string, numbers []int) string {
	var values []string
	for _, n := range numbers {
		if s.partitions[key] == "string" || strings.HasPrefix(s.partitions[key], "varchar") {
			values = append(values, fmt.Sprintf("'%02d'", n))
			if n < 10 {
				values = append(values, fmt.Sprintf("'%d'", n))
			}
			continue
		}
		values = append(values, strconv.Itoa(n))
	}
	return quoted(key) + " IN (" + strings.Join(slices.Compact(values), ", ") + ")"
}

// quoted is a name of SQL. Names come from patterns and from the table, whose names have no quotes.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
