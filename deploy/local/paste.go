package main

import (
	"context"
	"strings"
)

// paste has somebody run an alert's command literally, as one would who pastes it from the mail: with bash, the AWS CLI
// and their own keys, and with nothing else of this program's. It shows the command.
func (st *stage) paste(ctx context.Context, by, command string) error {
	keys, err := st.As(by, principal(by)).Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	st.screen.printf("  %s pastes the mail's command:\n\n", by)
	st.screen.quote(strings.ReplaceAll(command, " && ", " &&\n"))
	st.screen.printf("\n")
	return st.Run(ctx, nil, "env", "AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "bash", "-c", command)
}
