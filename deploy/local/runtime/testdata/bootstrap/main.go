// A function that does what its event asks for.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type answer struct {
	Pid       int      `json:"pid"`
	Env       []string `json:"env"`
	RequestID string   `json:"requestId"`
	ARN       string   `json:"arn"`
	Function  string   `json:"function"`
	LeftMS    int64    `json:"leftMs"`
	Large     string   `json:"large"`
}

func main() {
	if text := os.Getenv("FAIL_INIT"); text != "" {
		fmt.Fprintln(os.Stderr, text)
		os.Exit(1)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, event json.RawMessage) (*answer, error) {
	var in struct{ Do string }
	if err := json.Unmarshal(event, &in); err != nil {
		return nil, err
	}
	fmt.Println("handling", in.Do)
	a := &answer{Pid: os.Getpid(), Env: os.Environ(), Function: lambdacontext.FunctionName}
	switch in.Do {
	case "fail":
		return nil, errors.New("asked to fail")
	case "panic":
		panic("asked to panic")
	case "exit":
		os.Exit(3)
	case "hang":
		select {}
	case "sleep":
		time.Sleep(200 * time.Millisecond)
	case "large":
		a.Large = strings.Repeat("x", 1<<20)
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		a.RequestID, a.ARN = lc.AwsRequestID, lc.InvokedFunctionArn
	}
	if deadline, ok := ctx.Deadline(); ok {
		a.LeftMS = time.Until(deadline).Milliseconds()
	}
	return a, nil
}
