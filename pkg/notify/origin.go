package notify

import "github.com/sgwarden/sgwarden/pkg/alert"

// Origin is an account and a region.
type Origin struct{ Account, Region string }

func (r received) origin() Origin { return Origin{r.Account, r.Region} }

// differsFrom reports whether an alert is of another account or region. An alert that names
// neither is at home, and so is each alert where home is not known.
func (home Origin) differsFrom(a alert.Alert) bool {
	its := Origin{a.Account, a.Region}
	return home != Origin{} && its != Origin{} && its != home
}
