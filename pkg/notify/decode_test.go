package notify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

func TestAMessageIsReadInEachForm(t *testing.T) {
	t.Parallel()
	whole := newPeople(t).byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked))
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := json.Marshal(map[string]string{"default": string(text)})
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"as SNS delivers it": enveloped(t, whole), "raw": string(text), "raw, with its parts": string(parts)} {
		p := newPeople(t)
		if report := p.notifier.Notify(t.Context(), []notify.Message{{ID: "m", Body: body}}); len(report.Failed) != 0 || len(p.mails) != 1 {
			t.Errorf("%s: got %+v", name, report)
		}
	}
}

func TestAMessageWithoutAnAlertFailsAloneAndIsLogged(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "{", "null", "[]", "{}", `"x"`, `{"Type":"Notification"}`, `{"Type":"Notification","Message":""}`, `{"Message":"{}"}`, `{"Message":3}`,
		`{"schema":2,"kind":"drift","id":"1"}`, `{"schema":1,"id":"1"}`, `{"schema":1,"kind":"drift"}`, `{"schema":1,"kind":"drift","id":"1","findings":{}}`,
		`{"schema":1,"kind":"drift","id":"1","event":{"time":"yesterday"}}`, strings.Repeat("[", 100_000), "\xff\xfe",
	} {
		p := newPeople(t)
		good := p.batch(p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked)))
		report := p.notifier.Notify(t.Context(), append(good, notify.Message{ID: "poison", Body: body}))
		if diff := cmp.Diff([]string{"poison"}, report.Failed); diff != "" || len(p.mails) != 1 || !strings.Contains(p.log.String(), notify.NoAlert) {
			t.Errorf("%.60q: %s%d mails", body, diff, len(p.mails))
		}
	}
}

// FuzzABody promises that a body ends in a mail or as a failure, and never ends the
// function: then the other alerts of its batch would fail too.
func FuzzABody(f *testing.F) {
	p := newPeople(&testing.T{})
	f.Add(enveloped(f, p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked))))
	f.Add(enveloped(f, p.ofDocument(alert.BaselineChanged, "/sg-baseline/groups/sg-1", "e1")))
	f.Add(`{"schema":1,"kind":"drift","id":"1","madeAt":"9999-12-31T23:59:59-23:59","exposureSeconds":1e308,"findings":[{"rule":"ingress tcp 22 ::/0","action":"revoked"},{}]}`)
	f.Add(`{"schema":1,"kind":"baseline-changed","id":"1","closed":[{"how":"x","since":"0000-01-01T00:00:00Z"}],"peers":{"":""},"actor":{}}`)
	f.Add(`{"Message":"{"}`)
	f.Fuzz(func(t *testing.T, body string) {
		p := newPeople(t)
		good := p.batch(p.byEvent("sg-9", "e9", ci, alert.Reverted, opened(web, "sgr-9", revoked)))
		report := p.notifier.Notify(t.Context(), append(good, notify.Message{ID: "fuzz", Body: body}))
		if len(p.mails) == 0 || len(report.Failed) > 1 {
			t.Errorf("got %+v and %d mails", report, len(p.mails))
		}
	})
}
