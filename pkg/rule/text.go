package rule

import (
	"fmt"
	"strings"
)

// String writes the rule text, e.g. "ingress tcp 22 0.0.0.0/0".
func (r Rule) String() string {
	return r.Direction.String() + " " + r.Protocol.String() + " " + PortsText(r.Protocol, r.Ports) + " " + r.Peer.String()
}

// TextError says which word of a rule text is wrong.
type TextError struct {
	Text string
	Word int // counted from 1; one past the last when a word is missing
	Err  error
}

func (e *TextError) Error() string {
	return fmt.Sprintf("rule %q, word %d: %v", e.Text, e.Word, e.Err)
}

func (e *TextError) Unwrap() error { return e.Err }

// Parse reads the rule text that String writes: direction, protocol, ports and
// peer, separated by spaces. The error is a *TextError.
func Parse(text string) (Rule, error) {
	words := strings.Fields(text)
	wrong := func(word int, err error) (Rule, error) {
		return Rule{}, &TextError{text, word, err}
	}
	if len(words) < 4 {
		return wrong(len(words)+1, fmt.Errorf("missing: want DIRECTION PROTOCOL PORTS PEER, such as ingress tcp 22 10.0.0.0/8"))
	}
	if len(words) > 4 {
		return wrong(5, fmt.Errorf("%q is one word too many: want DIRECTION PROTOCOL PORTS PEER", words[4]))
	}
	direction, err := ParseDirection(words[0])
	if err != nil {
		return wrong(1, err)
	}
	protocol, err := ParseProtocol(words[1])
	if err != nil {
		return wrong(2, err)
	}
	ports, err := ParsePorts(protocol, words[2])
	if err != nil {
		return wrong(3, err)
	}
	peer, err := ParsePeer(words[3])
	if err != nil {
		return wrong(4, err)
	}
	return Rule{direction, protocol, ports, peer}, nil
}

// ParseDirection reads "ingress" or "egress".
func ParseDirection(s string) (Direction, error) {
	switch s {
	case "ingress":
		return Ingress, nil
	case "egress":
		return Egress, nil
	}
	return 0, fmt.Errorf("%q is not ingress or egress", s)
}
