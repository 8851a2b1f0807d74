package proxy

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Publication is one message as it was published to SNS, with the parts for all protocols.
type Publication struct {
	Time       time.Time
	MessageID  string
	TopicARN   string
	Subject    string
	Message    string // JSON with a part for each protocol where Structure is "json"
	Structure  string
	Attributes map[string]string // string and number values
}

// Part is what a subscriber of the protocol gets: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
func (p Publication) Part(protocol string) string {
	if p.Structure != "json" {
		return p.Message
	}
	var parts map[string]string
	if err := json.Unmarshal([]byte(p.Message), &parts); err != nil {
		return p.Message
	}
	if part, found := parts[protocol]; found {
		return part
	}
	return parts["default"]
}

func (p *Proxy) publish(w http.ResponseWriter, c *call) {
	answer, ok := p.forward(w, c)
	if !ok {
		return
	}
	if answer.succeeded() {
		publications, err := publications(c, answer, p.config.Now())
		if err != nil {
			p.config.Failed(fmt.Errorf("keep what was published: %w", err))
		}
		for _, publication := range publications {
			p.config.Published(publication)
		}
	}
	answer.writeTo(w)
}

// publications are the messages of a Publish or PublishBatch that SNS took.
func publications(c *call, a *answer, now time.Time) ([]Publication, error) {
	var document struct {
		ID      string `xml:"PublishResult>MessageId"`
		Entries []struct {
			ID        string `xml:"Id"`
			MessageID string `xml:"MessageId"`
		} `xml:"PublishBatchResult>Successful>member"`
	}
	if err := xml.Unmarshal(a.body, &document); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if c.action == "Publish" {
		return []Publication{publication(c.form, "", c.form.Get("TopicArn"), document.ID, now)}, nil
	}
	taken := map[string]string{}
	for _, entry := range document.Entries {
		taken[entry.ID] = entry.MessageID
	}
	var list []Publication
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("PublishBatchRequestEntries.member.%d.", i)
		id := c.form.Get(prefix + "Id")
		if id == "" {
			return list, nil
		}
		if message, ok := taken[id]; ok {
			list = append(list, publication(c.form, prefix, c.form.Get("TopicArn"), message, now))
		}
	}
}

func publication(form url.Values, prefix, topic, id string, now time.Time) Publication {
	p := Publication{
		Time: now, MessageID: id, TopicARN: topic,
		Subject:    form.Get(prefix + "Subject"),
		Message:    form.Get(prefix + "Message"),
		Structure:  form.Get(prefix + "MessageStructure"),
		Attributes: map[string]string{},
	}
	for i := 1; ; i++ {
		name := fmt.Sprintf("%sMessageAttributes.entry.%d.", prefix, i)
		key := form.Get(name + "Name")
		if key == "" {
			return p
		}
		p.Attributes[key] = form.Get(name + "Value.StringValue")
	}
}
