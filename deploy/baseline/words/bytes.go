package words

import "fmt"

// Bytes is a number of bytes for people, in powers of a thousand: 812 bytes, 1.2 GB.
func Bytes(n int64) string {
	size, unit := float64(n), ""
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if size < 999.95 {
			break
		}
		size, unit = size/1000, larger
	}
	if unit == "" {
		return Count(int(n), "byte")
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}
