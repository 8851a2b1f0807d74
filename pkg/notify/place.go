package notify

import "github.com/sgwarden/sgwarden/pkg/alert"

// Place is an account and a region.
type Place struct{ Account, Region string }

func (r received) place() Place { return Place{r.Account, r.Region} }

// isLeftBy reports whether an alert is of another account or region. An alert that names
// neither is at home, and so is each alert where home is not known.
func (home Place) isLeftBy(a alert.Alert) bool {
	its := Place{a.Account, a.Region}
	return home != Place{} && its != Place{} && its != home
}
