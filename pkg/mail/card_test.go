package mail

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// checkCard checks a card against the event schema of Amazon Q Developer's custom
// notifications: the fields and their types, version "1.0", source "custom", textType
// "client-markdown", a description. Beyond that it checks the package's own lengths.
func checkCard(t *testing.T, card []byte) {
	t.Helper()
	if problem := cardProblem(card); problem != "" {
		t.Errorf("%s:\n%s", problem, card)
	}
}

func cardProblem(card []byte) string {
	var n struct {
		Version, Source, ID *string
		Content             *struct {
			TextType, Title, Description *string
			NextSteps, Keywords          []string
		}
		Metadata *struct {
			ThreadID, Summary, EventType *string
			RelatedResources             []string
			AdditionalContext            map[string]string
		}
	}
	decoder := json.NewDecoder(strings.NewReader(string(card)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&n); err != nil {
		return err.Error()
	}
	switch {
	case n.Version == nil || *n.Version != "1.0":
		return `version is not "1.0"`
	case n.Source == nil || *n.Source != "custom":
		return `source is not "custom"`
	case n.Content == nil || n.Content.Description == nil || *n.Content.Description == "":
		return "no description"
	case n.Content.TextType == nil || *n.Content.TextType != "client-markdown":
		return `textType is not "client-markdown"`
	case n.Content.Title == nil || *n.Content.Title == "" || len(*n.Content.Title) > 150:
		return "the title is empty, or longer than 150 bytes"
	case len(*n.Content.Description) > 3_000:
		return fmt.Sprintf("the description has %d bytes", len(*n.Content.Description))
	case len(n.Content.NextSteps) == 0 || len(n.Content.NextSteps) > 5 || len(n.Content.Keywords) > 5:
		return "too many next steps or keywords, or no step"
	case n.ID != nil && !plain.MatchString(*n.ID):
		return "the id is " + *n.ID
	case n.Metadata != nil && n.Metadata.ThreadID != nil && !plain.MatchString(*n.Metadata.ThreadID):
		return "the threadId is " + *n.Metadata.ThreadID
	}
	for _, step := range n.Content.NextSteps {
		if len(step) > 350 {
			return "a step is longer than 350 bytes: " + step
		}
	}
	return markupProblem(append(n.Content.NextSteps, *n.Content.Title, *n.Content.Description))
}

var (
	plain    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,120}$`)
	code     = regexp.MustCompile("`[^`\n]*`")
	own      = regexp.MustCompile(`\*(What happened|Who did it|Handled):\*|https://console\.[a-z.-]+/\S*`)
	notifies = regexp.MustCompile(`(?i)@(here|channel|everyone|all)\b`)
)

// markupProblem finds what a chat would read as markup, a link or a mention, beside
// the package's own.
func markupProblem(texts []string) string {
	for _, text := range texts {
		if strings.ContainsAny(text, "<>") || notifies.MatchString(text) {
			return "a tag or a mention: " + text
		}
		rest := code.ReplaceAllString(own.ReplaceAllString(text, ""), "")
		if strings.ContainsAny(rest, "`*_~[]|\\#") || strings.Contains(rest, "://") {
			return "markup: " + rest
		}
		for _, c := range text {
			if c != '\n' && !unicode.IsPrint(c) {
				return fmt.Sprintf("the character %q", c)
			}
		}
	}
	return ""
}

func TestEveryCardFollowsThePublishedSchema(t *testing.T) {
	t.Parallel()
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkCard(t, Card(s))
		})
	}
	checkCard(t, DigestCard(someStories()))
}

// The twin: the validator finds what is wrong.
func TestTheValidatorOfCardsFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := string(Card(stories()["reverted"]))
	for name, c := range map[string]struct{ old, new string }{
		"another version":  {`"version":"1.0"`, `"version":"1"`},
		"another source":   {`"source":"custom"`, `"source":"sgwarden"`},
		"an unknown field": {`"version"`, `"foo":1,"version"`},
		"no description":   {`"description"`, `"summary"`},
		"another type":     {`client-markdown`, `markdown`},
		"a mention":        {`Who did it`, `<!here>`},
		"a bare mention":   {`sgwarden revoked`, `@channel revoked`},
		"a link":           {`sgwarden revoked`, `https://evil.example`},
		"markup":           {`sgwarden revoked`, `*sgwarden*`},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if cardProblem([]byte(bad)) == "" {
			t.Errorf("%s is not found", name)
		}
	}
	if problem := cardProblem([]byte(good)); problem != "" {
		t.Errorf("the good one: %s", problem)
	}
}
