package simulation

import "time"

// mostOfStandard is how many bytes a standard parameter holds (SSM User Guide,
// "Managing parameter tiers"). The functions pay for no others.
const mostOfStandard = 4096

// answerSSM carries out a call of Parameter Store.
func (w *world) answerSSM(c *call) (answer, error) {
	r := c.ssm
	switch c.action {
	case "GetParameters", "GetParametersByPath", "GetParameterHistory":
		return w.readParameters(c, r)
	case "PutParameter":
		if len(r.Value) > mostOfStandard {
			return answer{}, apiErrorf(400, "ValidationException", "Standard tier parameters support a maximum parameter value of 4096 characters.")
		}
		w.judgePending(c.by, r, time.Now())
		number, operation, err := w.ssm.put(r, functionARN, time.Now())
		if err != nil {
			return answer{}, err
		}
		w.parameterEvent(r.Name, operation)
		return jsonAnswer(map[string]any{"Version": number})
	case "DeleteParameter", "DeleteParameters":
		names := r.Names
		if r.Name != "" {
			names = []string{r.Name}
		}
		for _, name := range names {
			w.judgeDeletion(name, w.ssm.value(name))
		}
		deleted, invalid := w.ssm.remove(names, time.Now())
		if c.action == "DeleteParameter" && len(deleted) == 0 {
			return answer{}, apiErrorf(400, "ParameterNotFound", "")
		}
		for _, name := range deleted {
			w.parameterEvent(name, "Delete")
		}
		return jsonAnswer(map[string]any{"DeletedParameters": deleted, "InvalidParameters": invalid})
	}
	return answer{}, apiErrorf(400, "InvalidAction", "the simulator does not know %s", c.action)
}

func (w *world) readParameters(c *call, r ssmRequest) (a answer, err error) {
	switch c.action {
	case "GetParameters":
		found, invalid := w.ssm.get(r.Names)
		if err := w.decrypt(c, r, found); err != nil {
			return a, err
		}
		a, err = jsonAnswer(map[string]any{"Parameters": found, "InvalidParameters": invalid})
		a.received = func() { c.by.sawDocuments(r.Names, found) }
	case "GetParametersByPath":
		page, next := w.ssm.byPath(r)
		if err := w.decrypt(c, r, page); err != nil {
			return a, err
		}
		a, err = jsonAnswer(map[string]any{"Parameters": page, "NextToken": next})
		a.received = func() { c.by.sawList(r, page, next == "") }
	case "GetParameterHistory":
		page, next, err := w.ssm.history(r)
		if err != nil {
			return a, err
		}
		if err := w.decrypt(c, r, page); err != nil {
			c.by.excuses.reads++ // nobody knows what the grace permits
			return a, err
		}
		return jsonAnswer(map[string]any{"Parameters": page, "NextToken": next})
	}
	return a, err
}

// decrypt refuses the whole call for one parameter whose key is denied.
func (w *world) decrypt(c *call, r ssmRequest, found []version) error {
	refused := false
	for _, v := range found {
		if v.Type == secureString && r.WithDecryption {
			c.by.locked[v.Name], refused = c.by.locked[v.Name] || c.action == "GetParameters", true
		}
	}
	if !refused {
		return nil
	}
	w.deal(c, keyDenied)
	return apiErrorf(400, "AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.")
}
