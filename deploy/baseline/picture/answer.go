package picture

import "time"

// Answer says by which paths one end reaches another.
type Answer struct {
	From  End    `json:"from"`
	To    End    `json:"to"`
	Paths []Path `json:"paths"` // the shortest first; those that may not be there come last
	// More says that there are more paths than are listed, or that the search ended before
	// all were tried.
	More bool `json:"more"`
	// Remarks are what the answer can't know.
	Remarks []string `json:"remarks"`

	now time.Time
}

// End is an end of a step.
type End struct {
	ID   string `json:"id"` // sg-…, pl-…, a CIDR, or internet
	Name string `json:"name,omitempty"`
}

// Path is a way from one end to the other. No group or address is on it twice.
type Path struct {
	Steps []Step `json:"steps"`
	// Perhaps says that a step may not be there, as the step says.
	Perhaps bool `json:"perhaps"`
}

// Step is what one end may send to the next.
type Step struct {
	From  End    `json:"from"`
	To    End    `json:"to"`
	Ports string `json:"ports"`
	// Rules permit the step: those of the end that receives, then those of the end
	// that sends.
	Rules []Line `json:"rules"`
	// If is what the step depends on and nobody knows here; empty for a step that is there
	// for sure.
	If string `json:"if,omitempty"`
}
