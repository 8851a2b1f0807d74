package cloud_test

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
)

func TestStackRefusesAParameterThatTheTemplateLacks(t *testing.T) {
	t.Parallel()
	_, err := cloud.Start(t.Context(), cloud.Options{Deploy: cloud.Stack(map[string]string{"Modus": "alert"})})
	if err == nil || !strings.Contains(err.Error(), "no parameter Modus") {
		t.Errorf("error %v", err)
	}
}
