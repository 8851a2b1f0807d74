package words

import "testing"

func TestBytesAreReadAtAGlance(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 bytes", 1: "1 byte", 812: "812 bytes", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB",
		1_234_567_890: "1.2 GB", 12_000_000_000_000: "12.0 TB", 1_500_000_000_000_000: "1500.0 TB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
