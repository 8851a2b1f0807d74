package snstopic_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func TestAMailAndACardArePublishedAsPlainText(t *testing.T) {
	t.Parallel()
	s, topic := start(t)
	if err := topic.Send(t.Context(), "[sgwarden] reverted", "What happened: & more"); err != nil {
		t.Fatal(err)
	}
	if err := topic.Post(t.Context(), []byte(`{"version":"1.0"}`)); err != nil {
		t.Fatal(err)
	}
	var got []map[string]string
	for _, r := range s.Requests() {
		form := map[string]string{}
		for name := range r.Form {
			form[name] = r.Form.Get(name)
		}
		got = append(got, form)
	}
	want := []map[string]string{
		{"TopicArn": arn, "Subject": "[sgwarden] reverted", "Message": "What happened: & more"},
		{"TopicArn": arn, "Message": `{"version":"1.0"}`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAMailThatCannotBePublishedIsAnError(t *testing.T) {
	t.Parallel()
	s, topic := start(t)
	s.Inject("Publish", 2, awsstub.Fault{Error: &awsstub.Error{Code: "AuthorizationError", Message: "no", Status: 403}})
	for _, err := range []error{topic.Send(t.Context(), "s", "b"), topic.Post(t.Context(), []byte("{}"))} {
		if err == nil || !strings.HasPrefix(err.Error(), "publish to "+arn+": ") {
			t.Errorf("got %v", err)
		}
	}
}
