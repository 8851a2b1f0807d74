package baseline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// namePrefix begins what a file may have instead of a group's id.
const namePrefix = "name:"

// maxName is the most characters that a group's name has (EC2 API reference,
// CreateSecurityGroup, GroupName).
const maxName = 255

// Reference is a value of a file that refers to a group or a prefix list.
type Reference struct {
	Path         string // such as groupId or ingress[0].sources[1]
	Line, Column int    // counted from 1
	Text         string // as written: sg-…, pl-… or name:…
}

// Name returns the group's name of name:…, and whether text has that form.
func Name(text string) (name string, ok bool) {
	if !strings.HasPrefix(text, namePrefix) {
		return "", false
	}
	return text[len(namePrefix):], true
}

// ParseReference checks what may refer to a group or a prefix list in a file:
// sg-…, pl-… or name:….
func ParseReference(text string) error {
	peer, err := parsePeer(text)
	if err == nil && peer.Kind == rule.CIDR {
		err = fmt.Errorf("%q is not sg-…, pl-… or name:…", text)
	}
	return err
}

// parsePeer takes a group that is named for one whose id is name:….
func parsePeer(text string) (rule.Peer, error) {
	if name, ok := Name(text); ok {
		return rule.Peer{Kind: rule.Group, ID: text}, checkName(name)
	}
	return rule.ParsePeer(text)
}

// checkName checks a name against what EC2 accepts (EC2 API reference,
// CreateSecurityGroup, GroupName); spaces around a name EC2 removes.
func checkName(name string) error {
	const others = " ._-:/()#,@[]+=&;{}!$*"
	strange := strings.IndexFunc(name, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(others, r)
	})
	switch {
	case name == "":
		return errors.New("name: is followed by no name: write name:web for the group that is called web")
	case strange >= 0, len(name) > maxName, strings.HasPrefix(name, "sg-"), name != strings.TrimSpace(name):
		return fmt.Errorf("%q is not a name that EC2 lets a group have: up to %d of a-z, A-Z, 0-9, spaces and %s, not beginning with sg-",
			name, maxName, strings.TrimSpace(others))
	}
	return nil
}

// reference returns what the document has instead of a group's or a prefix
// list's id, and of anything else as it is written.
func (d *decoder) reference(path string, n node) (string, error) {
	word := n.word()
	_, isName := Name(word)
	if d.change == nil {
		if isName {
			return "", fmt.Errorf("%s names a group, which is for files: put its id here, or have baseline resolve do it", word)
		}
		return word, nil
	}
	err := ParseReference(word)
	switch {
	case err == nil:
		return d.change(Reference{path, int(n.line), int(n.column), word})
	case isName:
		return "", err
	}
	return word, nil // whoever parses it says what is wrong with it
}
