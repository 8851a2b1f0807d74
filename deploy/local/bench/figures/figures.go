// Package figures makes medians, spreads and ratios of what was measured.
package figures

import "slices"

// Series is what was measured, one value a round. None is nil.
type Series []float64

// Median returns the middle value, or the mean of the two in the middle.
func (s Series) Median() float64 { return s.quantile(2) }

// Quartiles returns the bounds of the middle half.
func (s Series) Quartiles() (first, third float64) { return s.quantile(1), s.quantile(3) }

// Worst returns the highest value.
func (s Series) Worst() float64 { return slices.Max(s) }

// quantile returns the value that quarters of the values are below. Between two values it takes the share of each
// (definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages").
func (s Series) quantile(quarters int) float64 {
	sorted := slices.Sorted(slices.Values(s))
	whole, part := quarters*(len(sorted)-1)/4, float64(quarters*(len(sorted)-1)%4)/4
	if part == 0 {
		return sorted[whole]
	}
	return sorted[whole] + part*(sorted[whole+1]-sorted[whole])
}

// Over returns the ratios of two series, round by round, so that a machine that slows down for a while slows down both.
func (s Series) Over(other Series) Series {
	var ratios Series
	for i := range min(len(s), len(other)) {
		ratios = append(ratios, s[i]/other[i])
	}
	return ratios
}
