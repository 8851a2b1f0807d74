package made

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// style writes a record again in another way that means the same: its members in another order, since the order means
// nothing in CloudTrail's records; and where odd is set also with spaces and escapes.
func style(record json.RawMessage, random *rand.Rand, odd bool) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(record, &members); err != nil {
		return nil, fmt.Errorf("write a record in another way: %w", err)
	}
	names := slices.Sorted(maps.Keys(members))
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	spaced, escaped := odd && random.IntN(3) == 0, odd && random.IntN(3) == 0
	b := []byte("{")
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		value := members[name]
		if escaped && (name == "eventName" || name == "eventSource") {
			value = escape(value, random)
		}
		quoted := append(append([]byte(`"`), name...), '"')
		if escaped {
			quoted = escape(quoted, random)
		}
		b = append(append(append(append(b, space(spaced)...), quoted...), space(spaced)...), ':')
		b = append(append(append(b, space(spaced)...), value...), space(spaced)...)
	}
	return append(b, '}'), nil
}

func space(spaced bool) string {
	if spaced {
		return " \t"
	}
	return ""
}

// escape writes one letter of a string as \u00…, which no reader may take for another text.
func escape(quoted []byte, random *rand.Rand) []byte {
	i := 1 + random.IntN(len(quoted)-2)
	return slices.Concat(quoted[:i], fmt.Appendf(nil, `\u%04x`, quoted[i]), quoted[i+1:])
}
