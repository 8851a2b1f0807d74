package baseline

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	// maxApproved is the most rules that one approval has.
	maxApproved = 50
	// maxApprovalName keeps the name of an approval's parameter far below the 1,011
	// characters that SSM allows with the parameter's ARN (SSM API reference,
	// PutParameter, Name).
	maxApprovalName = 128
	// approvalTime is the longest that an approval lasts after it is written.
	approvalTime = 90 * 24 * time.Hour
)

// Approval permits some rules for one group until a time.
type Approval struct {
	Name    string // the last part of the parameter's name
	Rules   []rule.Rule
	Expires time.Time // in UTC
	Reason  string
}

// Active reports whether the approval permits its rules at a time: an approval
// ends the moment that it expires.
func (a *Approval) Active(now time.Time) bool { return now.Before(a.Expires) }

// IsApprovalName reports whether s can be the last part of the name of an
// approval's parameter: 1 to 128 letters, digits, dots, underscores and hyphens.
func IsApprovalName(s string) bool {
	for i := range len(s) {
		c := s[i]
		isLetter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !isLetter && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= maxApprovalName
}

// DecodeApproval reads an approval from the JSON that SSM holds, as strictly as
// Decode reads a baseline. at is when the parameter was written: the approval may
// expire at most 90 days later. An approval that has ended is a valid one. The
// error is an *Error.
func DecodeApproval(data []byte, name string, at time.Time) (*Approval, error) {
	return decodeApproval(readJSON, data, name, ahead{from: at, written: true})
}

func decodeApproval(read reader, data []byte, name string, when ahead) (*Approval, error) {
	return decodeAs(read, data, func(d *decoder, root node) *Approval {
		if !IsApprovalName(name) {
			d.problem("", node{}, "%q can't be the name of an approval: use 1 to %d letters, digits, dots, underscores and hyphens", shortened(name, maxKey), maxApprovalName)
		}
		a := d.approval(root, when)
		a.Name = name
		return a
	})
}

// approval never returns nil, but what it returns may have problems.
func (d *decoder) approval(root node, when ahead) *Approval {
	f, ok := d.fields("", root, "schema", "rules", "expires", "reason")
	if !ok {
		return &Approval{}
	}
	d.schema(f)
	when.most, when.mostText, when.what = approvalTime, "90 days", "the approval"
	return &Approval{Rules: d.approved(f), Expires: d.moment(f, "expires", when), Reason: d.reason(f)}
}

// approved reads the rules of an approval, which are few: it reads none of more
// than maxApproved.
func (d *decoder) approved(f fields) []rule.Rule {
	n := f.get("rules")
	switch {
	case !f.has("rules") || n.kind == list && len(n.items) == 0:
		d.wrong(f, "rules", "is missing or empty: write at least one rule, such as ingress tcp 22 203.0.113.7/32")
		return nil
	case len(n.items) > maxApproved && n.kind == list:
		d.wrong(f, "rules", "has %d rules; the most is %d", len(n.items), maxApproved)
		return nil
	}
	paths := map[rule.Rule]string{}
	return each(d, f, "rules", func(path string, n node) rule.Rule {
		r, err := ruleOf(n)
		if other, twice := paths[r]; err == nil && twice {
			err = fmt.Errorf("is the same rule as %s", other)
		}
		if err != nil {
			d.problem(path, n, "%v", err)
			return r
		}
		paths[r] = path
		return r
	})
}

// ruleOf reads rule text.
func ruleOf(n node) (rule.Rule, error) {
	if n.kind != text {
		return rule.Rule{}, fmt.Errorf("must be a rule such as ingress tcp 22 203.0.113.7/32, not %s", n.kind)
	}
	return rule.Parse(n.word())
}

// EncodeApproval returns an approval as JSON, for SSM; DecodeApproval reads the
// JSON back. The approval's name is not part of the JSON. The error says why
// DecodeApproval would refuse the JSON. How far ahead the expiry lies is left to
// DecodeApproval, since that depends on when the JSON is written.
func EncodeApproval(a *Approval) ([]byte, error) {
	texts := make([]string, len(a.Rules))
	for i, r := range a.Rules {
		texts[i] = r.String()
	}
	data, err := json.Marshal(struct {
		Schema  int       `json:"schema"`
		Rules   []string  `json:"rules"`
		Expires time.Time `json:"expires"`
		Reason  string    `json:"reason"`
	}{SchemaVersion, texts, a.Expires.UTC(), a.Reason})
	if a.Expires.IsZero() {
		err = errors.Join(err, errors.New("it has no expiry"))
	}
	if err == nil {
		_, err = decodeApproval(readJSON, data, "any", ahead{from: a.Expires, written: true})
	}
	if err != nil {
		return nil, fmt.Errorf("encode the approval %s: %w", a.Name, err)
	}
	return data, nil
}
