package docs_test

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// page is a text in Markdown.
type page struct {
	name string // path in the repository
	text string
}

var (
	comment    = regexp.MustCompile(`(?s)<!--.*?-->`)
	fence      = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	codeSpan   = regexp.MustCompile("`[^`\n]+`")
	mdLink     = regexp.MustCompile(`\]\(([^()\s]+)(?:\s+"[^"]*")?\)`)
	mdRefLink  = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s*(\S+)`)
	htmlLink   = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	absolute   = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
	heading    = regexp.MustCompile(`(?m)^#{1,6}[ \t]+(.+?)[ \t]*#*$`)
	headLink   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	notInSlug  = regexp.MustCompile(`[^\p{L}\p{N}\p{M}_ -]`)
	namedPath  = regexp.MustCompile("(?m)(?:^|[\\s`\"'(>\\[=])((?:\\./)?(?:deploy|pkg|functions|events)/[\\w./*{},-]*)(#[\\w-]+)?")
	markedHTML = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
)

// links are the targets of all links of a page, in the order in which they stand. A comment has none.
func (p page) links() (targets []string) {
	text := codeSpan.ReplaceAllString(fence.ReplaceAllString(comment.ReplaceAllString(p.text, ""), ""), "")
	for _, form := range []*regexp.Regexp{mdLink, mdRefLink, htmlLink} {
		for _, match := range form.FindAllStringSubmatch(text, -1) {
			targets = append(targets, match[1])
		}
	}
	return targets
}

// anchors are what a link to the page can name after its #. GitHub makes an anchor of a heading: in small letters, without
// punctuation, with a hyphen for each space. An anchor that the page has already gets -1, -2 and so on.
func (p page) anchors() map[string]bool {
	text := fence.ReplaceAllString(p.text, "")
	anchors, count := map[string]bool{}, map[string]int{}
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		plain := headLink.ReplaceAllString(match[1], "$1")
		slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(plain), ""), " ", "-")
		name := slug
		if n := count[slug]; n > 0 {
			name = fmt.Sprintf("%s-%d", slug, n)
		}
		count[slug]++
		anchors[name] = true
	}
	for _, match := range markedHTML.FindAllStringSubmatch(text, -1) {
		anchors[match[1]] = true
	}
	return anchors
}

// paths are what a page names that looks like a path from the repository's root, wherever it stands: in running text, in
// back quotes, in a block of commands or in a picture. Each has its anchor, if any. Targets of links are not among them.
func (p page) paths() (paths []string) {
	for _, match := range namedPath.FindAllStringSubmatch(mdLink.ReplaceAllString(comment.ReplaceAllString(p.text, ""), "]"), -1) {
		name := strings.TrimPrefix(strings.TrimRight(match[1], ".,-"), "./")
		paths = append(paths, name+match[2])
	}
	return paths
}

// wrong says what a page links to or names that isn't there, one line each.
func wrong(repository fs.FS, p page) (lines []string) {
	for _, link := range p.links() {
		if absolute.MatchString(link) {
			continue
		}
		name, anchor, _ := strings.Cut(link, "#")
		target := p.name
		if name != "" {
			target = path.Join(path.Dir(p.name), name)
		}
		if fault := missing(repository, target, anchor); fault != "" {
			lines = append(lines, fmt.Sprintf("%s: the link %s: %s", p.name, link, fault))
		}
	}
	for _, target := range p.paths() {
		name, anchor, _ := strings.Cut(target, "#")
		if fault := missing(repository, name, anchor); fault != "" {
			lines = append(lines, fmt.Sprintf("%s: the path %s: %s", p.name, target, fault))
		}
	}
	return lines
}

// missing says that a path is not in the repository, or that the page there has no such anchor. It is empty where all is
// there. In a path, * stands for any letters but the slash, as in a shell, and {a,b} for each of the words.
func missing(repository fs.FS, name, anchor string) string {
	if before, rest, has := strings.Cut(name, "{"); has {
		words, after, _ := strings.Cut(rest, "}")
		for word := range strings.SplitSeq(words, ",") {
			if fault := missing(repository, before+word+after, anchor); fault != "" {
				return fault
			}
		}
		return ""
	}
	found, err := fs.Glob(repository, path.Clean(name))
	if err != nil || len(found) == 0 {
		return fmt.Sprintf("there is no file or folder %s", path.Clean(name))
	}
	if anchor == "" {
		return ""
	}
	text, err := fs.ReadFile(repository, found[0])
	if err != nil {
		return err.Error()
	}
	if !(page{found[0], string(text)}).anchors()[anchor] {
		return fmt.Sprintf("%s has no heading with the anchor #%s", found[0], anchor)
	}
	return ""
}
