package rule

// Rules returns the rules of the set without repeats, in the order given.
func (s *Set) Rules() []Rule { return s.rules }
