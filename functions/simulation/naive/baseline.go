package naive

import "slices"

// Permits says whether rules permit another rule, by enumerating its packets. With exact,
// the very rule has to be among them.
func Permits(permitted []int, exact bool, r Rule) bool {
	if exact {
		return slices.ContainsFunc(permitted, func(p int) bool { return Universe[p].Text == r.Text })
	}
	return r.Carried.Without(Together(permitted)).Empty()
}
