package alert

import "time"

// Record is an alert that the journal keeps, because the run that made the alert
// may have ended before it could deliver it.
type Record struct {
	Name      string // of the journal's entry
	WrittenAt time.Time
	Alert     Alert
}
