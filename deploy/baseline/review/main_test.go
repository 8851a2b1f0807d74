package review

import (
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/browser"
)

func TestMain(m *testing.M) { browser.Main(m) }
