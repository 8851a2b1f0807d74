package ssmstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// parameterStore is SSM with its limits: 4 KB a standard parameter, ten names a call.
type parameterStore struct {
	mu      sync.Mutex
	values  map[string][]awsstub.Parameter // the versions of each
	onWrite func(name string)
	day     int
	days    float64 // 0 for writes that all fall on one day
}

func (p *parameterStore) start(t *testing.T) (*awsstub.Stub, ssmstore.Store) {
	t.Helper()
	p.values = map[string][]awsstub.Parameter{}
	s := awsstub.New(0, map[string]awsstub.Handler{
		"PutParameter": p.put, "GetParameters": p.get, "GetParameterHistory": p.history, "GetParametersByPath": p.byPath, "DeleteParameters": p.remove,
	})
	t.Cleanup(s.Close)
	return s, ssmstore.Store{Client: ssm.NewFromConfig(s.Config()), Prefix: "/sg-baseline"}
}

func (p *parameterStore) put(r awsstub.Request) (any, error) {
	name, value := r.JSON["Name"].(string), r.JSON["Value"].(string)
	if len(value) > 4096 {
		return nil, &awsstub.Error{Code: "ValidationException", Message: "too large"}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	versions := p.values[name]
	switch overwrite, _ := r.JSON["Overwrite"].(bool); {
	case len(versions) > 0 && !overwrite:
		return nil, &awsstub.Error{Code: "ParameterAlreadyExists"}
	case len(versions) == 0 && r.JSON["Type"] == nil:
		return nil, &awsstub.Error{Code: "ValidationException", Message: "a new parameter needs a type"}
	}
	kind, _ := r.JSON["Type"].(string)
	if kind == "" {
		kind = versions[0].Type
	}
	p.day++ // a day passes between any two writes
	p.values[name] = append(versions, awsstub.Parameter{
		Name: name, Type: kind, Value: value, Version: int64(len(versions) + 1), LastModifiedDate: float64(p.day) * 86_400 * p.days,
	})
	if p.onWrite != nil {
		p.onWrite(name)
	}
	return map[string]any{"Version": len(versions) + 1}, nil
}

func (p *parameterStore) get(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := r.JSON["Names"].([]any)
	if len(names) > 10 {
		return nil, &awsstub.Error{Code: "ValidationException", Message: "too many names"}
	}
	var answer awsstub.ParametersAnswer
	for _, name := range names {
		if versions := p.values[name.(string)]; len(versions) > 0 {
			answer.Parameters = append(answer.Parameters, versions[len(versions)-1])
		}
	}
	return answer, nil
}

func (p *parameterStore) history(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return awsstub.HistoryAnswer{Parameters: p.values[r.JSON["Name"].(string)]}, nil
}

func (p *parameterStore) byPath(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var answer awsstub.HistoryAnswer
	for name, versions := range p.values {
		if strings.HasPrefix(name, r.JSON["Path"].(string)+"/") {
			answer.Parameters = append(answer.Parameters, versions[len(versions)-1])
		}
	}
	return answer, nil
}

func (p *parameterStore) remove(r awsstub.Request) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range r.JSON["Names"].([]any) {
		delete(p.values, name.(string))
	}
	return map[string]any{}, nil
}

func (p *parameterStore) parts() int {
	n := 0
	for name := range p.values {
		if strings.HasPrefix(name, "/sg-baseline/parts/") {
			n++
		}
	}
	return n
}

// bigDocument permits n rules that don't compress well.
func bigDocument(n int, seed uint64) *baseline.Document {
	random := rand.New(rand.NewPCG(seed, 1))
	doc := &baseline.Document{Schema: 1, GroupID: group, Ingress: []baseline.Entry{}, Egress: []baseline.Entry{}}
	for range n {
		addr := netip.AddrFrom4([4]byte{10, byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())})
		port := uint16(random.Uint32())
		doc.Allow(rule.Rule{
			Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: port, To: port},
			Peer: rule.Peer{Kind: rule.CIDR, Prefix: netip.PrefixFrom(addr, 32)},
		}, fmt.Sprintf("ticket %x of %x", random.Uint64(), random.Uint64()))
	}
	return doc
}

func TestABaselineOfAnySizeReadsBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rules, leastParts, mostParts int
	}{{0, 0, 0}, {10, 0, 0}, {60, 0, 0}, {1_000, 2, 40}, {3_000, 20, 100}} {
		t.Run(fmt.Sprintf("%d rules", c.rules), func(t *testing.T) {
			t.Parallel()
			p := &parameterStore{}
			_, store := p.start(t)
			doc := bigDocument(c.rules, 1)
			version, err := store.Put(context.Background(), doc, baseline.Stored{})
			if err != nil || version != 1 {
				t.Fatalf("version %d, %v", version, err)
			}
			got := read(t, store)
			if diff := cmp.Diff(doc.PermanentRules(), got.PermanentRules(), cmp.Comparer(func(a, b rule.Rule) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
			if n := p.parts(); n < c.leastParts || n > c.mostParts {
				t.Errorf("%d parts", n)
			}
			for d, err := range store.AllBaselines(context.Background()) {
				listed, decodeErr := baseline.Decode(d.Stored.Value, group)
				if err != nil || decodeErr != nil || d.Stored.ReadError != nil || len(listed.PermanentRules()) != c.rules {
					t.Errorf("the list says %v, %v, unreadable: %v", err, decodeErr, d.Stored.ReadError)
				}
			}
		})
	}
}

func read(t *testing.T, store ssmstore.Store) *baseline.Document {
	t.Helper()
	stored, err := store.ReadBaseline(context.Background(), group)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := baseline.Decode(stored.Value, group)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestAReaderSeesTheOldBaselineOrTheNewOne reads between any two writes.
func TestAReaderSeesTheOldBaselineOrTheNewOne(t *testing.T) {
	t.Parallel()
	p := &parameterStore{}
	_, store := p.start(t)
	old, next := bigDocument(1_000, 1), bigDocument(1_001, 2)
	if _, err := store.Put(context.Background(), old, baseline.Stored{}); err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	p.onWrite = func(string) {
		p.mu.Unlock()
		seen[len(read(t, store).PermanentRules())]++
		p.mu.Lock()
	}
	replaced, err := store.ReadBaseline(context.Background(), group)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(context.Background(), next, replaced); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || seen[1_000] < 2 || seen[1_001] < 1 {
		t.Errorf("seen, by the number of rules: %v", seen)
	}
}

func TestOldPartsGoAndThoseOfTheLastVersionsStay(t *testing.T) {
	t.Parallel()
	p := &parameterStore{days: 1}
	_, store := p.start(t)
	const versions = 12
	perVersion := 0
	var stored baseline.Stored
	for i := range uint64(versions) {
		if _, err := store.Put(context.Background(), bigDocument(400, i), stored); err != nil {
			t.Fatal(err)
		}
		var err error
		if stored, err = store.ReadBaseline(context.Background(), group); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			perVersion = p.parts()
		}
	}
	if n := p.parts(); perVersion == 0 || n < 9*perVersion || n > 11*perVersion {
		t.Errorf("%d parts, and %d after one version", n, perVersion)
	}
	history, err := store.History(context.Background(), store.Parameter(group))
	if err != nil || len(history) != versions {
		t.Fatalf("%d versions, %v", len(history), err)
	}
	for i, v := range history {
		if _, err := baseline.Decode(v.Value, group); (err == nil) != (i >= 2) {
			t.Errorf("version %d: %v", v.Version, err)
		}
	}
}

func TestPartsThatAreMissingOrForgedMakeABrokenBaselineThatCanBeMended(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(p *parameterStore, part string){
		"missing": func(p *parameterStore, part string) { delete(p.values, part) },
		"forged":  func(p *parameterStore, part string) { p.values[part][0].Value = strings.Repeat("A", 4096) },
	} {
		p := &parameterStore{}
		_, store := p.start(t)
		if _, err := store.Put(context.Background(), bigDocument(1_000, 1), baseline.Stored{}); err != nil {
			t.Fatal(err)
		}
		for part := range p.values {
			if strings.HasSuffix(part, "/2") {
				harm(p, part)
			}
		}
		stored, err := store.ReadBaseline(context.Background(), group)
		if err != nil {
			t.Errorf("%s: asks for a retry that would read the same: %v", name, err)
		}
		if doc, err := baseline.Decode(stored.Value, group); err == nil || !strings.Contains(err.Error(), "missing or damaged: push it again") {
			t.Errorf("%s: got %v, %v", name, doc, err)
		}
		if _, err := store.Put(context.Background(), bigDocument(1_000, 1), stored); err != nil {
			t.Errorf("%s: it can't be pushed again: %v", name, err)
		}
		if got := read(t, store); len(got.PermanentRules()) != 1_000 {
			t.Errorf("%s: pushed again, it has %d rules", name, len(got.PermanentRules()))
		}
	}
}

// TestPartsOfAnotherWriterStay: A has written its parts when B writes all of its
// own and cleans up; then A names its parts.
func TestPartsOfAnotherWriterStay(t *testing.T) {
	t.Parallel()
	p := &parameterStore{}
	_, store := p.start(t)
	if _, err := store.Put(context.Background(), bigDocument(1_000, 1), baseline.Stored{}); err != nil {
		t.Fatal(err)
	}
	stored, err := store.ReadBaseline(context.Background(), group)
	if err != nil {
		t.Fatal(err)
	}
	parts, done := p.parts(), false
	p.onWrite = func(string) {
		if done || p.parts() < 2*parts {
			return
		}
		done = true
		p.mu.Unlock()
		if _, err := store.Put(context.Background(), bigDocument(1_000, 3), stored); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
	}
	_, err = store.Put(context.Background(), bigDocument(1_000, 2), stored)
	if !done || !errors.Is(err, ssmstore.ErrChanged) || !strings.Contains(err.Error(), "version 3 was written, over another") {
		t.Errorf("got %v", err)
	}
	if got := read(t, store); len(got.PermanentRules()) != 1_000 {
		t.Errorf("%d rules", len(got.PermanentRules()))
	}
}

func TestASecureBaselineHasSecureParts(t *testing.T) {
	t.Parallel()
	p := &parameterStore{}
	s, store := p.start(t)
	p.values[store.Parameter(group)] = []awsstub.Parameter{{Name: store.Parameter(group), Type: "SecureString", Value: "{}", Version: 1}}
	stored, err := store.ReadBaseline(context.Background(), group)
	if err != nil || !stored.Secure {
		t.Fatalf("got %+v, %v", stored, err)
	}
	if _, err := store.Put(context.Background(), bigDocument(1_000, 1), stored); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Requests("PutParameter") {
		if name := r.JSON["Name"].(string); strings.Contains(name, "/parts/") && r.JSON["Type"] != "SecureString" {
			t.Errorf("%s is a %s", name, r.JSON["Type"])
		}
	}
	if p.parts() == 0 {
		t.Error("no parts")
	}
}
