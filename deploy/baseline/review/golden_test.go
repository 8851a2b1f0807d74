package review

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/page"
	"github.com/sgwarden/sgwarden/deploy/golden"
)

// shared matches what all pages have, which package page tests.
var shared = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|(Policy" content=").*?(">)`)

// drawn stands for the picture.
var drawn = Drawing{SVG: `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="60" role="img"><title>picture</title><rect width="400" height="60" fill="#eef"/></svg>`, Text: "internet may reach ecs-front on tcp 443"}

func html(t *testing.T, r *Review, lang page.Lang) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.HTML(&b, lang, drawn); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheReviewOfASmallAccount(t *testing.T) {
	t.Parallel()
	r := New(sample(t))
	for _, lang := range []page.Lang{page.English, page.Japanese} {
		golden.Compare(t, string(lang)+".html.golden", string(shared.ReplaceAll(html(t, r, lang), []byte("$1$3$5…$2$4$6"))))
	}
	var table, events bytes.Buffer
	if err := r.CSV(&table); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "review.csv.golden", table.String())
	if err := r.OCSF(&events, "v1.2.3"); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "review.ndjson.golden", events.String())
	beside, err := r.Sidecar()
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "review.json.golden", string(beside))
}

func TestEachTextIsThereInBothLanguages(t *testing.T) {
	t.Parallel()
	if missing := texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
	r := New(sample(t))
	for _, lang := range []page.Lang{page.English, page.Japanese} {
		if key := regexp.MustCompile(`⟦.*?⟧`).Find(html(t, r, lang)); key != nil {
			t.Errorf("%s: no text for %s", lang, key)
		}
	}
}
