package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// redriven is what replay and discard print with --output json.
type redriven struct {
	Stack  string `json:"stack"`
	Chosen int    `json:"chosen"` // messages that were to be replayed or discarded
	Done   int    `json:"done"`   // of those, the ones that were removed from their queues
	Remain int    `json:"remain"` // all messages that are left; those in flight are not counted
}

func (a *app) replayLetters(ctx context.Context, desk deadletters.Desk, r redriveRequest, all []deadletters.Contents) error {
	chosen := deadletters.Choose(all, func(m deadletters.Message) bool { return m.Understood && r.names(m) })
	if err := r.absent(chosen, "nothing that can be replayed has the id"); err != nil {
		return err
	}
	shown := all
	if len(r.ids) > 0 {
		shown = chosen
	}
	count, _ := deadletters.Count(chosen)
	if err := a.agreed(r, shown, count, fmt.Sprintf("Replay %d of these messages?", count)); err != nil {
		return err
	}
	done, err := desk.Replay(ctx, chosen)
	total, inFlight := deadletters.Count(all)
	err = errors.Join(err, a.sayRedriven(redriven{r.stack, count, done, total - done}, "replayed", ""))
	if err == nil && len(r.ids) == 0 && total+inFlight != count {
		err = errFindings
	}
	return err
}

func (a *app) discardLetters(ctx context.Context, desk deadletters.Desk, r redriveRequest, all []deadletters.Contents) error {
	chosen := deadletters.Choose(all, r.names)
	if err := r.absent(chosen, "no message has the id"); err != nil {
		return err
	}
	who, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	count, _ := deadletters.Count(chosen)
	usable, _ := deadletters.Count(deadletters.Choose(chosen, func(m deadletters.Message) bool { return m.Understood }))
	question := fmt.Sprintf("Discard %s for good?", words.Count(count, "message"))
	if usable > 0 {
		question = fmt.Sprintf("'redrive replay' can replay %d of them. A discarded event is never judged, and a discarded alert is never told.\n%s", usable, question)
	}
	if err := a.agreed(r, chosen, count, question); err != nil {
		return err
	}
	why := deadletters.Why{Who: who.ARN, Reason: r.reason, At: a.Now()}
	done, err := desk.Discard(ctx, chosen, why)
	total, _ := deadletters.Count(all)
	logged := ""
	if done > 0 {
		logged = fmt.Sprintf("; logged in stream %s of %s", deadletters.StreamOf(why.At), strings.Join(logGroups(chosen), ", "))
	}
	return errors.Join(err, a.sayRedriven(redriven{r.stack, count, done, total - done}, "discarded", logged))
}

// logGroups returns the log groups of the queues.
func logGroups(chosen []deadletters.Contents) []string {
	var groups []string
	for _, c := range chosen {
		groups = append(groups, c.Queue.LogGroup)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// names reports whether a message is asked for. Without ids, each one is.
func (r redriveRequest) names(m deadletters.Message) bool {
	return len(r.ids) == 0 || slices.ContainsFunc(r.ids, m.Is)
}

// absent returns an error if some ids name none of the messages.
func (r redriveRequest) absent(chosen []deadletters.Contents, says string) error {
	var absent []string
	for _, id := range r.ids {
		if !slices.ContainsFunc(messagesOf(chosen), func(m deadletters.Message) bool { return m.Is(id) }) {
			absent = append(absent, id)
		}
	}
	if len(absent) > 0 {
		return fmt.Errorf("nothing was done: %s %s", says, strings.Join(absent, " "))
	}
	return nil
}

// agreed shows messages, and asks unless yes was said before or there is nothing to do.
func (a *app) agreed(r redriveRequest, shown []deadletters.Contents, count int, question string) error {
	if a.output == "text" {
		if err := a.printLetters(shown); err != nil {
			return err
		}
	}
	if r.yes || count == 0 {
		return nil
	}
	return a.ask("nothing "+r.do+"ed", question)
}

func (a *app) sayRedriven(r redriven, did, more string) error {
	if a.output == "json" {
		return a.printJSON(r)
	}
	_, err := fmt.Fprintf(a.out, "==> %s %d of %d messages; %d remain%s\n", did, r.Done, r.Chosen, r.Remain, more)
	return err
}
