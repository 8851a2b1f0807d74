package naive

import "testing"

func TestWhatTwoRulesHaveInCommonIsInTheUniverse(t *testing.T) {
	t.Parallel()
	for _, a := range Universe {
		for _, b := range Universe {
			for _, c := range Common(a, b) {
				r := Universe[Index(c.Text)]
				if a.Prefix.IsValid() == b.Prefix.IsValid() && a.PeerKind() == b.PeerKind() && r.Carried != a.Carried.And(b.Carried) {
					t.Errorf("%s and %s have %v in common, not %v", a.Text, b.Text, a.Carried.And(b.Carried), r.Carried)
				}
			}
			if len(Common(a, b)) == 0 && !a.Carried.And(b.Carried).Empty() {
				t.Errorf("%s and %s have %v in common, and no rule says so", a.Text, b.Text, a.Carried.And(b.Carried))
			}
		}
	}
	t.Logf("%d rules that people write, %d in all, %d bits of traffic", len(Originals), len(Universe), 2*len(flows)*len(peers))
}
