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
		var document struct {
			ID string `xml:"PublishResult>MessageId"`
		}
		if err := xml.Unmarshal(answer.body, &document); err != nil {
			p.config.Failed(fmt.Errorf("keep what was published: read the answer: %w", err))
		} else {
			p.config.Published(publication(c.form, document.ID))
		}
	}
	answer.writeTo(w)
}

func publication(form url.Values, id string) Publication {
	p := Publication{
		Time: time.Now(), MessageID: id, TopicARN: form.Get("TopicArn"), Subject: form.Get("Subject"),
		Message: form.Get("Message"), Structure: form.Get("MessageStructure"), Attributes: map[string]string{},
	}
	for i := 1; ; i++ {
		name := fmt.Sprintf("MessageAttributes.entry.%d.", i)
		key := form.Get(name + "Name")
		if key == "" {
			return p
		}
		p.Attributes[key] = form.Get(name + "Value.StringValue")
	}
}
