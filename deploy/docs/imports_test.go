package docs_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sgwarden/sgwarden/"

// layersOf reads the picture of imports: the line of each package, from the top.
func layersOf(t *testing.T) map[string]int {
	t.Helper()
	_, rest, found := strings.Cut(read(t, "deploy/docs/architecture.md"), "```layers\n")
	picture, _, _ := strings.Cut(rest, "```")
	if !found {
		t.Fatal("architecture.md has no picture of the imports")
	}
	layers := map[string]int{}
	for number, line := range strings.Split(picture, "\n") {
		for _, name := range strings.Fields(line) {
			layers[name] = number
		}
	}
	return layers
}

// importsOf are the packages of this module that a package imports, tests left out.
func importsOf(t *testing.T, folder string) (imported []string) {
	t.Helper()
	files, err := filepath.Glob("../../" + folder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, is := strings.CutPrefix(name, module); is {
				imported = append(imported, own)
			}
		}
	}
	return imported
}

func TestImportsGoOneWayAsThePictureShows(t *testing.T) {
	t.Parallel()
	layers := layersOf(t)
	count := 0
	for folder, layer := range layers {
		for _, imported := range importsOf(t, folder) {
			count++
			if below, known := layers[imported]; !known || below <= layer {
				t.Errorf("%s imports %s, which is not on a lower line of the picture in architecture.md", folder, imported)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d imports were found: is the way to find them still right?", count)
	}
}

func TestThePictureOfImportsHasEachPackage(t *testing.T) {
	t.Parallel()
	layers := layersOf(t)
	repository := os.DirFS("../..")
	for _, root := range []string{"pkg", "functions"} {
		err := fs.WalkDir(repository, root, func(name string, entry fs.DirEntry, err error) error {
			folder := path.Dir(name)
			if err != nil || entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			if _, drawn := layers[folder]; !drawn && !isOfTests(folder) {
				t.Errorf("the picture of imports in architecture.md lacks %s", folder)
				layers[folder] = 0
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// isOfTests reports whether a folder of functions holds what only tests use.
func isOfTests(folder string) bool {
	for _, root := range []string{"functions/conformance", "functions/footprint", "functions/simulation", "pkg/judge/vectors"} {
		if folder == root || strings.HasPrefix(folder, root+"/") {
			return true
		}
	}
	return false
}

func TestAdaptersDoNotImportTheLogic(t *testing.T) {
	t.Parallel()
	logic := []string{"pkg/judge", "pkg/remediate", "pkg/sweep", "pkg/notify", "pkg/mail"}
	for _, adapter := range []string{"pkg/ec2groups", "pkg/ec2lists", "pkg/ssmstore", "pkg/snstopic", "pkg/busevents"} {
		imported := importsOf(t, adapter)
		if len(imported) == 0 {
			t.Errorf("%s imports nothing: is the way to find imports still right?", adapter)
		}
		for _, name := range imported {
			if slices.Contains(logic, name) {
				t.Errorf("the adapter %s imports the logic of %s", adapter, name)
			}
		}
	}
}
