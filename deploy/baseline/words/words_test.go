package words

import (
	"testing"
	"time"
)

func TestALengthHasNoNoughtsAtItsEnd(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		2 * time.Hour: "2h", 90 * time.Minute: "1h30m", 20 * time.Minute: "20m", 45 * time.Second: "45s", 0: "0s",
		time.Hour + 5*time.Second: "1h0m5s", 10*time.Hour + 10*time.Minute + 10*time.Second: "10h10m10s", 1400 * time.Millisecond: "1s",
	} {
		if got := Length(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}
