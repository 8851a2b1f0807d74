package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// askLambda reads what moto's Lambda answers into answer.
func (c *Cloud) askLambda(ctx context.Context, path string, answer any) error {
	body, err := sendAWS(ctx, http.MethodGet, c.moto.URL+path, "lambda", "", "")
	if err == nil {
		err = json.Unmarshal(body, answer)
	}
	if err != nil {
		return fmt.Errorf("ask Lambda for %s: %w", path, err)
	}
	return nil
}

// putS3 makes a bucket, /BUCKET, or an object, /BUCKET/KEY.
func putS3(ctx context.Context, endpoint, path, content string) error {
	if _, err := sendAWS(ctx, http.MethodPut, endpoint+path, "s3", "binary/octet-stream", content); err != nil {
		return fmt.Errorf("put %s into S3: %w", path, err)
	}
	return nil
}

// sendAWS makes a call for which a whole SDK client would be too much. moto finds the service in the signature's scope
// and doesn't check the signature.
func sendAWS(ctx context.Context, method, address, service, kind, content string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %.200s", response.Status, body)
	}
	return body, nil
}
