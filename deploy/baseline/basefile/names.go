package basefile

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

var unusual = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// maxName leaves room for the id: file systems take 255 bytes, names of groups
// have up to 255 characters.
const maxName = 100

// NameFor is unique and stable, and says to people which group it is.
func NameFor(g secgroup.Group) string {
	name := strings.Trim(unusual.ReplaceAllString(g.Name, "-"), "-.")
	name = strings.TrimRight(name[:min(len(name), maxName)], "-.")
	return strings.TrimPrefix(name+"."+g.ID+".yaml", ".")
}

func IsJSON(name string) bool { return filepath.Ext(name) == ".json" }

// LikeSource gives a file's name the ending of the format that it is in.
func LikeSource(name, source string) string {
	if IsJSON(source) {
		return strings.TrimSuffix(name, ".yaml") + ".json"
	}
	return name
}
