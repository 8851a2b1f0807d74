package settings

import "errors"

// Sweeper is what only the sweeper's function has in its environment.
type Sweeper struct {
	// MailTopicARN is the topic whose subscription is watched: MAIL_TOPIC_ARN. Empty for
	// none.
	MailTopicARN string
	// MailSubscriber says that somebody asked for mails, so that the topic should have a
	// confirmed subscription: MAIL_SUBSCRIBER.
	MailSubscriber bool
}

// ReadSweeper reads them through get, as Read does.
func ReadSweeper(get func(string) string) (Sweeper, error) {
	subscriber := get("MAIL_SUBSCRIBER")
	if subscriber == "" {
		subscriber = "off"
	}
	var s Sweeper
	var topicErr, subscriberErr error
	s.MailTopicARN, topicErr = topicARN(get, "MAIL_TOPIC_ARN", false)
	s.MailSubscriber, subscriberErr = onOff("MAIL_SUBSCRIBER", subscriber)
	return s, errors.Join(topicErr, subscriberErr)
}
