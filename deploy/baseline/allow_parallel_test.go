package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// TestParallelAllowsAreAllThere has five commands approve at the same time, again and
// again, as several people in an incident do.
func TestParallelAllowsAreAllThere(t *testing.T) {
	t.Parallel()
	const people, rounds = 5, 6
	cfg := motoConfig(t)
	for name, flags := range map[string][]string{"for good": {"--for-good"}, "for hours": {"--reason", "INC-1"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range rounds {
				store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
				put(t, store, "", "")
				var all sync.WaitGroup
				results := make([]ran, people)
				for i := range people {
					all.Go(func() {
						args := append([]string{"allow", "--prefix", store.Prefix, "--allow-missing", group, fmt.Sprintf("ingress tcp %d 10.0.0.0/8", 1000+i)}, flags...)
						results[i] = runAt(t, time.Now(), &cfg, args...)
					})
				}
				all.Wait()
				checkAllAreThere(t, store, results)
			}
		})
	}
}

// checkAllAreThere looks for the rule of each command in what a function would read.
func checkAllAreThere(t *testing.T, store ssmstore.Store, results []ran) {
	t.Helper()
	documents, err := store.Read(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	text := string(documents.Group.Value)
	for _, approval := range documents.Approvals {
		text += string(approval.Value)
	}
	for i, got := range results {
		expect(t, got, 0, fmt.Sprintf("ingress tcp %d 10.0.0.0/8 is permitted", 1000+i))
		if !strings.Contains(text, fmt.Sprint(1000+i)) {
			t.Errorf("%s is lost: %s", got.out, text)
		}
	}
}
