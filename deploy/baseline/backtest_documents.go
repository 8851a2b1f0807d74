package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/replay"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// longestPause is how long before its end a pause can have been written at most. A file
// does not say when that was.
const longestPause = 24 * time.Hour

// documentsInFiles reads all documents of files and directories.
func documentsInFiles(paths []string) (replay.Documents, error) {
	files, err := basefile.ReadAs(anyKind, paths)
	if err != nil {
		return replay.Documents{}, err
	}
	d := newDocuments()
	var wrong []string
	for _, f := range files {
		if f.Problem == nil {
			f.Problem = takeFile(&d, f)
		}
		if f.Problem != nil {
			wrong = append(wrong, f.Problems()...)
		}
	}
	if len(wrong) > 0 {
		return d, errors.New(words.Lines(wrong))
	}
	if len(d.Baselines) == 0 && d.Guardrail == nil {
		return d, fmt.Errorf("%s: there is no baseline and no guardrail to judge by", strings.Join(paths, ", "))
	}
	return d, nil
}

func newDocuments() replay.Documents {
	return replay.Documents{Baselines: map[string]*baseline.Document{}, Approvals: map[string][]*baseline.Approval{}}
}

// anyKind leaves the kinds that package basefile does not know to takeFile.
func anyKind(data []byte) (basefile.Contents, error) {
	switch yamlfile.KindOf(data) {
	case baseline.KindBaseline, baseline.KindPrefixList:
		return basefile.Strictly(data)
	}
	return basefile.Contents{}, nil
}

// takeFile takes up the document of a file. That of a prefix list is left out.
func takeFile(d *replay.Documents, f basefile.File) (err error) {
	if f.Doc != nil {
		d.Baselines[f.Doc.GroupID] = f.Doc
		return nil
	}
	only := func(taken bool) error {
		if taken {
			return errors.New("there is another file of this kind: keep one of them")
		}
		return nil
	}
	switch yamlfile.KindOf(f.Data) {
	case baseline.KindGuardrail:
		if err = only(d.Guardrail != nil); err == nil {
			d.Guardrail, err = yamlfile.DecodeGuardrail(f.Data)
		}
	case baseline.KindTrust:
		if err = only(d.Trust != nil); err == nil {
			d.Trust, err = yamlfile.DecodeTrust(f.Data)
		}
	case baseline.KindPause:
		if err = only(d.Pause != nil); err == nil {
			err = takePause(d, f.Data)
		}
	case baseline.KindApproval:
		err = takeApproval(d, f)
	}
	return err
}

func takePause(d *replay.Documents, data []byte) (err error) {
	if d.Pause, err = yamlfile.DecodePause(data, shortlyBefore(data)); err == nil {
		d.PausedFrom = d.Pause.Until.Add(-longestPause)
	}
	return err
}

// takeApproval reads approvals/GROUP-ID/NAME.json. An approval itself does not say its group.
func takeApproval(d *replay.Documents, f basefile.File) error {
	folder, file := filepath.Split(f.Path)
	group := filepath.Base(folder)
	if !rule.IsGroupID(group) {
		return errors.New("an approval does not say its group: put the file into a folder with the id of the group for a name, such as approvals/sg-0a1b2c3d4e5f60718/")
	}
	a, err := yamlfile.DecodeApproval(f.Data, strings.TrimSuffix(file, filepath.Ext(file)), shortlyBefore(f.Data))
	if err == nil {
		d.Approvals[group] = append(d.Approvals[group], a)
	}
	return err
}

// shortlyBefore returns a time shortly before a document's end, when the document can have
// been written: one of the past is as good as any here. It is zero for a document without
// an end, which then is refused.
func shortlyBefore(data []byte) time.Time {
	var ends struct {
		Expires, Until time.Time
	}
	if yaml.Unmarshal(data, &ends) != nil {
		return time.Time{}
	}
	if ends.Expires.IsZero() {
		return ends.Until.Add(-time.Minute)
	}
	return ends.Expires.Add(-time.Minute)
}

// storedDocuments reads all documents of Parameter Store, and where they are of.
func (a *app) storedDocuments(ctx context.Context, o *replay.Options) error {
	where, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	o.Account, o.Region = where.Account, where.Region
	store, err := a.Store(ctx)
	if err != nil {
		return err
	}
	stored, err := a.Baselines(ctx, store, nil)
	if err != nil {
		return err
	}
	o.Documents = newDocuments()
	for id, d := range stored {
		if rule.IsPrefixListID(id) {
			continue
		}
		if o.Documents.Baselines[id], err = account.Decode(d); err != nil {
			return err
		}
	}
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return err
	}
	approvals, err := a.StoredApprovals(ctx, store, nil)
	if err != nil {
		return err
	}
	o.Documents.Approvals = approvals.Of
	a.warn(approvals.Unusable...)
	if err := a.takeShared(&o.Documents, shared); err != nil {
		return err
	}
	if len(o.Documents.Baselines) == 0 && o.Documents.Guardrail == nil {
		return fmt.Errorf("there is no baseline and no guardrail under %s in account %s, region %s: capture baselines first, or name files with --baselines", store.Prefix, where.Account, where.Region)
	}
	return nil
}

// takeShared takes up what is for all groups. A pause and trust that can't be used pause
// nothing and trust nobody, as in the remediator.
func (a *app) takeShared(d *replay.Documents, shared baseline.Documents) (err error) {
	if shared.Guardrail.Exists() {
		if d.Guardrail, err = account.DecodeGuardrail(shared.Guardrail); err != nil {
			return err
		}
	}
	if shared.Pause.Exists() {
		if d.Pause, err = shared.Pause.Pause(a.Now()); err != nil {
			a.warn(fmt.Sprintf("the pause at %s pauses nothing: %v", shared.Pause.Parameter, err))
			d.Pause = nil
		} else if d.PausedFrom = shared.Pause.ModifiedAt; d.PausedFrom.IsZero() {
			d.PausedFrom = d.Pause.Until.Add(-longestPause)
		}
	}
	if shared.Trust.Exists() {
		if d.Trust, err = shared.Trust.Trust(); err != nil {
			a.warn(fmt.Sprintf("by %s nobody is trusted: %v", shared.Trust.Parameter, err))
			d.Trust = nil
		}
	}
	return nil
}

// warn says what is left out, besides the result.
func (a *app) warn(texts ...string) {
	for _, text := range texts {
		fmt.Fprintf(a.Errs, "note: %s\n", text)
	}
}

// ownRoles are the IAM roles of sgwarden itself: those of the flag, or else of the
// environment, as the functions have it.
func (a *app) ownRoles(flags []string) ([]string, error) {
	arns := slices.Clone(flags)
	if len(arns) == 0 && a.Getenv("OWN_ROLE_ARNS") != "" {
		arns = strings.Split(a.Getenv("OWN_ROLE_ARNS"), ",")
	}
	for _, arn := range arns {
		if err := principal.CheckRole(arn); err != nil {
			return nil, misused("--own-role %q: want the ARN of an IAM role: %v", arn, err)
		}
	}
	return arns, nil
}
