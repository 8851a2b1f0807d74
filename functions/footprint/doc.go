// Package footprint holds tests of what a function weighs: the size of its binary, what
// is linked into it, and what it does before main. They need no clock. Its code builds a
// function for such tests, and lists the operations of AWS that are linked.
package footprint
