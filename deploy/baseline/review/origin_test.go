package review

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

func TestWhoApprovedARuleSinceWhen(t *testing.T) {
	t.Parallel()
	with := func(peers string) string {
		return "schema: 1\ngroupId: sg-0a1b2c3d4e5f60718\ningress: [" + peers + "]"
	}
	const web, ssh = "{protocol: tcp, ports: 443, sources: [10.0.0.0/8]}", "{protocol: tcp, ports: 22, sources: [10.0.0.0/8]}"
	const webText, sshText = "ingress tcp 443 10.0.0.0/8", "ingress tcp 22 10.0.0.0/8"
	const day1, day2, day3 = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
	first := Origin{By: ana, At: at(day1), Version: 1}
	both := with(web + ", " + ssh)
	broken := account.Version{}
	broken.Version.Version = 2
	v := func(number int64, by, when, yaml string) account.Version {
		return version(number, by, when, decode(t, yaml))
	}
	for _, c := range []struct {
		name     string
		versions []account.Version
		want     map[string]Origin
	}{
		{"nothing is known", nil, map[string]Origin{}},
		{"both came at once", []account.Version{v(1, ana, day1, both)}, map[string]Origin{webText: first, sshText: first}},
		{"one came later", []account.Version{v(1, ana, day1, with(web)), v(2, bo, day2, both)}, map[string]Origin{webText: first, sshText: {By: bo, At: at(day2), Version: 2}}},
		{"one went and came back", []account.Version{v(1, ana, day1, both), v(2, bo, day2, with(web)), v(3, bo, day3, both)}, map[string]Origin{webText: first, sshText: {By: bo, At: at(day3), Version: 3}}},
		{"a broken version between", []account.Version{v(1, ana, day1, both), broken, v(3, bo, day3, both)}, map[string]Origin{webText: first, sshText: first}},
		{"the history begins later", []account.Version{v(7, ana, day1, with(web)), v(8, bo, day2, with(web))}, map[string]Origin{webText: {By: ana, At: at(day1), Version: 7, OrEarlier: true}}},
		{"an author that SSM does not name", []account.Version{v(1, "N/A", day1, with(web))}, map[string]Origin{webText: {At: at(day1), Version: 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := map[string]Origin{}
			for item, origin := range origins(c.versions) {
				got[item.Text()] = origin
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
