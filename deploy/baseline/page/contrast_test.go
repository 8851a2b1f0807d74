package page

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// Contrast as WCAG 2.2 computes it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
const (
	forText  = 4.5 // success criterion 1.4.3, level AA
	forSigns = 3.0 // success criterion 1.4.11, level AA
	enhanced = 7.0 // success criterion 1.4.6, level AAA: for people who ask for more contrast
)

var (
	colourBlock = regexp.MustCompile(`(?s):root \{(.*?)\}`)
	colour      = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)
)

// palettes returns the colours by name: light, dark, light and dark with more contrast, and print.
func palettes(t *testing.T) []map[string]string {
	t.Helper()
	var all []map[string]string
	for _, block := range colourBlock.FindAllStringSubmatch(pageCSS, -1) {
		colours := map[string]string{}
		for _, c := range colour.FindAllStringSubmatch(block[1], -1) {
			colours[c[1]] = c[2]
		}
		all = append(all, colours)
	}
	if len(all) != 5 {
		t.Fatalf("page.css has %d palettes, want 5: light, dark, two with more contrast, print", len(all))
	}
	return all
}

func TestColoursHaveContrastEnough(t *testing.T) {
	t.Parallel()
	names := []string{"light", "dark", "more contrast", "more contrast, dark", "print"}
	for i, colours := range palettes(t) {
		text := forText
		if i == 2 || i == 3 {
			text = enhanced
		}
		for _, front := range []string{"ink", "soft", "accent", "critical", "high", "medium", "low", "good"} {
			for _, back := range []string{"paper", "sheet"} {
				wantContrast(t, names[i], colours, front, back, text)
			}
		}
		for _, status := range []string{"critical", "high", "medium", "low", "good"} {
			wantContrast(t, names[i], colours, status, status+"-sheet", text)
			wantContrast(t, names[i], colours, "ink", status+"-sheet", text)
		}
		wantContrast(t, names[i], colours, "edge", "paper", forSigns)
	}
}

func wantContrast(t *testing.T, palette string, colours map[string]string, front, back string, want float64) {
	t.Helper()
	if colours[front] == "" || colours[back] == "" {
		t.Errorf("%s: page.css names no colour --%s or --%s", palette, front, back)
		return
	}
	if got := contrast(colours[front], colours[back]); got < want {
		t.Errorf("%s: --%s on --%s has the contrast %.2f, want at least %.1f", palette, front, back, got, want)
	}
}

func TestContrastOfKnownPairs(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]string{{"000000", "ffffff"}: "21.00", {"ffffff", "ffffff"}: "1.00", {"777777", "ffffff"}: "4.48"} {
		if got := fmt.Sprintf("%.2f", contrast(pair[0], pair[1])); got != want {
			t.Errorf("the contrast of %v is %s, want %s", pair, got, want)
		}
	}
}

func contrast(a, b string) float64 {
	light := []float64{luminance(a), luminance(b)}
	slices.Sort(light)
	return (light[1] + 0.05) / (light[0] + 0.05)
}

func luminance(hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			panic(err) // the pattern admits hexadecimal digits alone
		}
		c := float64(value) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
