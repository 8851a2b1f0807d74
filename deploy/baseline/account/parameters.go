package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// maxValue is what a standard parameter holds, in bytes (SSM User Guide, "Managing
// parameter tiers").
const maxValue = 4096

// PutDocument writes a document that fits one parameter, and returns the parameter's
// version. replaces is what was read before: zero creates the parameter, and is
// ssmstore.ErrChanged where there is one already. A parameter keeps its type.
func PutDocument(ctx context.Context, store ssmstore.Store, name string, document []byte, replaces baseline.Stored) (int64, error) {
	return PutDescribed(ctx, store, name, document, replaces, "")
}

// PutDescribed is PutDocument that also sets the parameter's description, at most 1,024
// characters (SSM API reference, PutParameter).
func PutDescribed(ctx context.Context, store ssmstore.Store, name string, document []byte, replaces baseline.Stored, description string) (int64, error) {
	document = ssmstore.Storable(document)
	if len(document) > maxValue {
		return 0, fmt.Errorf("put parameter %s: it would have %d bytes, and a parameter holds at most %d", name, len(document), maxValue)
	}
	input := &ssm.PutParameterInput{Name: &name, Value: aws.String(string(document)), Type: types.ParameterTypeString}
	if description != "" {
		input.Description = &description
	}
	if replaces.Exists() {
		key, err := store.KeyOf(ctx, replaces)
		if err != nil {
			return 0, err
		}
		input.Overwrite = aws.Bool(true)
		if key != nil {
			input.Type, input.KeyId = types.ParameterTypeSecureString, key
		} else {
			input.Type = "" // as it is
		}
	}
	return store.PutParameter(ctx, input, replaces)
}
