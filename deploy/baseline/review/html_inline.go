package review

import (
	"html/template"
	"regexp"
)

// styles are what the policy of the page forbids within it: only the page's own style
// element may say how things look. review.css says of the picture what these said.
var styles = regexp.MustCompile(`(?s)<style>.*?</style>|^(<svg[^>]*?) style="[^"]*"`)

// inline returns a picture without styles. Text in a picture can hold none of what is looked
// for, since package picture writes < as &lt;.
func inline(svg template.HTML) template.HTML {
	return template.HTML(styles.ReplaceAllString(string(svg), "$1")) // less of what is markup already
}
