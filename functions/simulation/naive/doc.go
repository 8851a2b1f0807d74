// Package naive is the simple second opinion of tests: what rules permit, by enumerating
// every packet that some rule of a small universe could distinguish from another. It shares no
// code with the product, so that both are wrong together only by accident.
package naive
