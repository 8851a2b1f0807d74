// Command notifier is the Lambda function that merges alerts into mails for people, or
// forwards them to a central stack, whose notifier does. An
// SQS queue that is subscribed to the alert topic feeds it.
package main

import (
	"os"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/functions/wiring/notifying"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

func main() {
	env, err := settings.ReadNotifier(os.Getenv)
	if err != nil {
		wiring.Stop("notifier", err)
	}
	config := wiring.AWS("notifier", wiring.Calls{SSM: 1, SNS: 1})
	log := wiring.LoggerAt(env.LogLevel, os.Stdout)
	wiring.Serve("notifier", env.Namespace, handler{notifying.Notifier(env, config, log)})
}
