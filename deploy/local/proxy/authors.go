package proxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

// parameterReads are the calls whose answers say who wrote a parameter's version.
var parameterReads = map[string]bool{"GetParameterHistory": true, "DescribeParameters": true}

// version is one version of a parameter.
type version struct {
	name   string
	number int64
}

// authors knows who wrote each version of a parameter. moto says "N/A" of all of them.
type authors struct {
	mu   sync.Mutex
	arns map[version]string
}

// wrote keeps who wrote the version that an answer to PutParameter names.
func (a *authors) wrote(name, arn string, answered []byte) error {
	var put struct{ Version int64 }
	if err := json.Unmarshal(answered, &put); err != nil {
		return fmt.Errorf("read the answer to PutParameter of %s: %w", name, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.arns == nil {
		a.arns = map[version]string{}
	}
	a.arns[version{name, put.Version}] = arn
	return nil
}

// complete writes the authors into an answer that lists parameters, as LastModifiedUser:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterHistory.html
func (a *authors) complete(answered []byte) ([]byte, error) {
	var list map[string]any
	decoder := json.NewDecoder(bytes.NewReader(answered))
	decoder.UseNumber() // times keep their fractions
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("read a list of parameters: %w", err)
	}
	parameters, _ := list["Parameters"].([]any)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range parameters {
		parameter, _ := p.(map[string]any)
		name, _ := parameter["Name"].(string)
		number, _ := parameter["Version"].(json.Number)
		n, err := number.Int64()
		if arn, known := a.arns[version{name, n}]; known && err == nil {
			parameter["LastModifiedUser"] = arn
		}
	}
	return json.Marshal(list)
}

func (p *Proxy) parameterRead(w http.ResponseWriter, c *call) {
	answer, ok := p.forward(w, c)
	if !ok {
		return
	}
	if answer.succeeded() {
		body, err := p.authors.complete(answer.body)
		if err != nil {
			p.config.Failed(fmt.Errorf("say who wrote parameters: %w", err))
		} else {
			answer.body = body
			answer.header.Set("Content-Length", strconv.Itoa(len(body)))
		}
	}
	answer.writeTo(w)
}
