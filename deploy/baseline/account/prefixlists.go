package account

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// ErrNoList says that a prefix list isn't in EC2.
var ErrNoList = errors.New("there is no such prefix list")

// ErrChanging says that EC2 is carrying out a change of a prefix list.
var ErrChanging = errors.New("the prefix list is being changed")

// FindList returns a live prefix list with its entries. A list that isn't there is an
// ErrNoList, which says where it was looked for. A list that is being changed is an
// ErrChanging: its entries are not known.
func (a *Account) FindList(ctx context.Context, id string) (prefixlist.List, error) {
	cfg, err := a.AWS(ctx)
	if err != nil {
		return prefixlist.List{}, err
	}
	list, err := ec2lists.Lists{Client: ec2.NewFromConfig(cfg)}.List(ctx, id)
	switch {
	case errors.Is(err, secgroup.ErrNotFound):
		where, err := a.Identity(ctx)
		if err != nil {
			return list, err
		}
		return list, reportOnly{fmt.Sprintf("there is no prefix list %s in account %s, region %s: check the id, the region (AWS_REGION) and the account (AWS_PROFILE)", id, where.Account, where.Region), ErrNoList}
	case err != nil:
		return list, err
	case list.IsChanging():
		return list, reportOnly{fmt.Sprintf("the prefix list %s is being changed (its state is %s), so its entries are not known: run the command again in a minute", id, list.State), ErrChanging}
	}
	return list, nil
}

// LiveLists are live prefix lists, by id.
type LiveLists struct {
	There map[string]prefixlist.List
	// Changing says of lists that are being changed, so that their entries are not known.
	// Each is an ErrChanging.
	Changing map[string]error
}

// listsAtOnce is how many lists are read side by side. EC2 answers 20 such calls a second
// in an account and region, and more at first (EC2 API reference, "Request throttling").
const listsAtOnce = 8

// FindLists returns the live prefix lists of those ids that are ids of prefix lists.
// Lists that are not there are not in it.
func (a *Account) FindLists(ctx context.Context, ids []string) (LiveLists, error) {
	found := LiveLists{There: map[string]prefixlist.List{}, Changing: map[string]error{}}
	var one sync.Mutex
	var reading sync.WaitGroup
	var failed error
	free := make(chan struct{}, listsAtOnce)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, id := range ids {
		if !rule.IsPrefixListID(id) {
			continue
		}
		free <- struct{}{}
		reading.Go(func() {
			defer func() { <-free }()
			list, err := a.FindList(ctx, id)
			one.Lock()
			defer one.Unlock()
			if err = found.take(id, list, err); err != nil && failed == nil {
				failed = err
				stop() // the others
			}
		})
	}
	reading.Wait()
	return found, failed
}

// take takes up what came of one list. The error is one that is not about the list.
func (l LiveLists) take(id string, list prefixlist.List, err error) error {
	switch {
	case errors.Is(err, ErrNoList):
	case errors.Is(err, ErrChanging):
		l.Changing[id] = err
	case err != nil:
		return err
	default:
		l.There[id] = list
	}
	return nil
}

// ReportOnly returns why sgwarden reports changes of a prefix list and can't undo them;
// empty where it can.
func (a *Account) ReportOnly(ctx context.Context, l prefixlist.List) (string, error) {
	where, err := a.Identity(ctx)
	return l.Unchangeable(where.Account), err
}
