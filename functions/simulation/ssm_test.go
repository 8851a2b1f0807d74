package simulation

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ssm is Parameter Store. Reads see the last write (SSM promises it nowhere, but
// the product depends on nothing else for its decisions).
type ssm struct {
	parameters map[string][]version
	changes    []parameterChange
}

type version struct {
	Name, Type, Value string
	Version           int64
	LastModifiedDate  float64 // seconds since 1970
	LastModifiedUser  string  `json:",omitempty"`
}

// parameterChange is a parameter's value from a time on; "" where there is none.
type parameterChange struct {
	at          time.Time
	name, value string
}

// ssmRequest has the fields of all actions.
type ssmRequest struct {
	Name, Path, Value, Type, NextToken string
	Names                              []string
	Recursive, Overwrite               bool
	WithDecryption                     bool
	MaxResults                         int
}

// secureString is the type of the parameters whose key is denied to the functions.
const secureString = "SecureString"

// value is a parameter's, "" where there is none.
func (s *ssm) value(name string) string {
	versions := s.parameters[name]
	if len(versions) == 0 {
		return ""
	}
	return versions[len(versions)-1].Value
}

// put writes a version and says which operation it was.
func (s *ssm) put(r ssmRequest, user string, at time.Time) (number int64, operation string, err error) {
	versions := s.parameters[r.Name]
	operation = "Create"
	if len(versions) > 0 {
		operation = "Update"
		if !r.Overwrite {
			return 0, "", apiErrorf(400, "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
		}
	}
	number = int64(len(versions)) + 1
	s.parameters[r.Name] = append(versions, version{r.Name, cmp.Or(r.Type, "String"), r.Value, number, float64(at.UnixMilli()) / 1000, user})
	s.changes = append(s.changes, parameterChange{at, r.Name, r.Value})
	return number, operation, nil
}

// remove deletes parameters and returns those that were there.
func (s *ssm) remove(names []string, at time.Time) (deleted, invalid []string) {
	for _, name := range names {
		if _, found := s.parameters[name]; !found {
			invalid = append(invalid, name)
			continue
		}
		delete(s.parameters, name)
		s.changes = append(s.changes, parameterChange{at, name, ""})
		deleted = append(deleted, name)
	}
	return deleted, invalid
}

func (s *ssm) get(names []string) (found []version, invalid []string) {
	for _, name := range names {
		if versions := s.parameters[name]; len(versions) > 0 {
			found = append(found, versions[len(versions)-1])
		} else {
			invalid = append(invalid, name)
		}
	}
	return found, invalid
}

// byPath gives a page of the parameters under a path, in the order of their
// names.
func (s *ssm) byPath(r ssmRequest) (page []version, next string) {
	var names []string
	for name := range s.parameters {
		rest, under := strings.CutPrefix(name, strings.TrimSuffix(r.Path, "/")+"/")
		if under && (r.Recursive || !strings.Contains(rest, "/")) && name > r.NextToken {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > r.MaxResults {
		names = names[:r.MaxResults]
		next = names[len(names)-1]
	}
	page, _ = s.get(names)
	return page, next
}

func (s *ssm) history(r ssmRequest) (page []version, next string, err error) {
	versions := s.parameters[r.Name]
	if len(versions) == 0 {
		return nil, "", apiErrorf(400, "ParameterNotFound", "")
	}
	from, _ := strconv.Atoi(r.NextToken) // "" is the beginning
	end := min(len(versions), from+r.MaxResults)
	if end < len(versions) {
		next = strconv.Itoa(end)
	}
	return versions[from:end], next, nil
}
