package ssmstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// SweepRequest asks for a sweep at once, with the parameter
// <prefix>/sweep-request. A rule of EventBridge starts the sweeper when the
// parameter is created. A request that finds the parameter writes a new version,
// which starts nothing. The sweep that is under way finds the new version when
// it ends, and sweeps once more. So a flood of requests starts one sweep:
//
//	remediator   parameter   sweeper
//	Ask ───────> version 1 ─ starts ─> Pending is 1, sweep
//	Ask ───────> version 2                   Done(1) is again
//	                                   Pending is 2, sweep
//	             deleted <───────────────── Done(2)
//
// A sweep that dies leaves the parameter, and Parameter Store sends its events on
// a best-effort basis (Systems Manager User Guide, "Setting up notifications or
// triggering actions based on Parameter Store events"). In both cases the
// scheduled sweep, which takes the same steps, answers the request.
type SweepRequest struct{ Store Store }

func (q SweepRequest) name() string { return q.Store.Prefix + "/sweep-request" }

// Ask asks for a sweep that begins after this call. The reason is for people who
// look at the parameter. To ask twice is no error. An error is SSM's own, and
// then nothing may have been asked for.
func (q SweepRequest) Ask(ctx context.Context, reason string) error {
	err := q.put(ctx, reason, false)
	if awserr.ClassOf(err) == awserr.Duplicate {
		err = q.put(ctx, reason, true)
	}
	if err != nil {
		return fmt.Errorf("ask for a sweep: put parameter %s: %w", q.name(), awserr.WithSentinel(err))
	}
	return nil
}

func (q SweepRequest) put(ctx context.Context, reason string, overwrite bool) error {
	_, err := q.Store.Client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(q.name()), Value: aws.String(requestValue(reason)), Type: types.ParameterTypeString, Overwrite: aws.Bool(overwrite),
	})
	return err
}

// maxReason is in bytes. A standard parameter holds 4 KB.
const maxReason = 1000

// requestValue returns a value that SSM takes for any reason. SSM refuses an
// empty value, and one with {{}}, which would refer to another parameter (SSM API
// reference, PutParameter). The name of a security group may have braces (EC2 API
// reference, CreateSecurityGroup), and a reason may quote the name.
func requestValue(reason string) string {
	reason = strings.NewReplacer("{", "(", "}", ")").Replace(reason)
	return "sweep requested: " + strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
}

// Pending returns the version of the request that there is, and 0 where there is
// none. It reads no value, so the key of a SecureString is not needed. A sweep
// calls Pending before it reads anything else.
func (q SweepRequest) Pending(ctx context.Context) (version int64, err error) {
	answer, err := q.Store.Client.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{q.name()}})
	if err != nil {
		return 0, fmt.Errorf("look for a request for a sweep: get parameter %s: %w", q.name(), awserr.WithSentinel(err))
	}
	if len(answer.Parameters) == 0 {
		return 0, nil
	}
	return answer.Parameters[0].Version, nil
}

// Done ends a sweep that began with this version pending. It deletes a request
// that is still of the same version. again is true where the sweep has to be
// repeated, from Pending on, for one of these reasons:
//   - There is another version, so somebody asked after the sweep began.
//   - The version is not 0, and the request was deleted. Another sweep, which ran at
//     the same time, has deleted it. The deleted request may have been a newer one.
//
// With version 0, Done deletes nothing.
//
// SSM can't delete a parameter on condition of its version. A request that comes
// between the look at the version and the deletion is deleted with the older one.
// The change that it is about then waits for the scheduled sweep.
func (q SweepRequest) Done(ctx context.Context, version int64) (again bool, err error) {
	current, err := q.Pending(ctx)
	if err != nil || current != version {
		return err == nil, err
	}
	if version == 0 {
		return false, nil
	}
	_, err = q.Store.Client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(q.name())})
	if err != nil && awserr.ClassOf(err) != awserr.NotFound {
		return false, fmt.Errorf("end the request for a sweep: delete parameter %s: %w", q.name(), awserr.WithSentinel(err))
	}
	return false, nil
}
