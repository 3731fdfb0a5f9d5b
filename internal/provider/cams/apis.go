package cams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
)

// The calls of CAMS that Groupguard makes
// (https://www.alibabacloud.com/help/en/chatapp/developer-reference/, version 2020-06-06).
const (
	apiRemove   = "DeleteChatGroupParticipants"
	apiRevoke   = "DeleteChatGroupInviteLink"
	apiDissolve = "DeleteChatGroup"
	apiMembers  = "ListChatGroupParticipants"
	apiGroups   = "ListChatGroup"
	apiSay      = "SendChatappMessage"
)

const (
	// MaxMembers is what one removal takes, and what a group holds: eight.
	MaxMembers = 8
	// pageSize is that of the official samples; no greatest size is documented.
	pageSize = 20
	// A group of more members than maxMemberPages hold cannot be (the limit is 8), and one number
	// has 10,000 groups at most.
	maxMemberPages = 10
	maxGroupPages  = 500
)

// ErrIncomplete is returned for a list whose pages do not add up. It must not be compared.
var ErrIncomplete = errors.New("list is incomplete")

// GroupInfo is one row of ListChatGroup.
type GroupInfo struct {
	ID         chat.GroupID `json:"GroupId"`
	Status     string       `json:"GroupStatus"` // ACTIVE, INACTIVE, SUSPENDED, CREATING, DELETING, UPDATING
	InviteLink string
}

// DeleteChatGroupParticipants removes 1 to 8 numbers from a group. The rate slot is taken by the
// caller. Success proves little: the removal is asynchronous, and the official sample of an answer
// says 20 rows, false and OK at once. The member list decides.
func (c *Client) DeleteChatGroupParticipants(ctx context.Context, g chat.GroupID, members []chat.MemberID) (requestID string, err error) {
	if len(members) == 0 || len(members) > MaxMembers {
		// The list is documented as optional, and what its absence does is not.
		return "", failed(apiRemove, actions.Permanent, "request", fmt.Errorf("%d members in one removal", len(members)))
	}
	list, err := memberList(members)
	if err != nil {
		return "", failed(apiRemove, actions.Permanent, "request", err)
	}
	c.caller.Batch(apiRemove, len(members))
	a, err := c.call(ctx, apiRemove, url.Values{"GroupId": {string(g)}, "List": {list}}, slotTaken)
	if err != nil {
		return "", err
	}
	return a.RequestID, nil
}

// DeleteChatGroupInviteLink revokes a group's invite link. The rate slot is taken by the caller. Where
// the answer does not make sure that it was done, the list of groups decides.
func (c *Client) DeleteChatGroupInviteLink(ctx context.Context, g chat.GroupID) (sure bool, requestID string, err error) {
	return c.onGroup(ctx, apiRevoke, g)
}

// DeleteChatGroup dissolves a group, with the same doubt. It cannot be undone. The rate slot is taken
// by the caller.
func (c *Client) DeleteChatGroup(ctx context.Context, g chat.GroupID) (sure bool, requestID string, err error) {
	return c.onGroup(ctx, apiDissolve, g)
}

func (c *Client) onGroup(ctx context.Context, api string, g chat.GroupID) (bool, string, error) {
	a, err := c.call(ctx, api, url.Values{"GroupId": {string(g)}}, slotTaken)
	if err != nil {
		return false, "", err
	}
	return a.did(), a.RequestID, nil
}

// ListChatGroupParticipants returns the numbers in a group, in digits, or an error when the pages do
// not add up to the total that each of them names. Its calls go behind those that confirm a removal.
func (c *Client) ListChatGroupParticipants(ctx context.Context, g chat.GroupID) ([]chat.MemberID, error) {
	return c.participants(ctx, g, slotPatient)
}

func (c *Client) participants(ctx context.Context, g chat.GroupID, s slot) ([]chat.MemberID, error) {
	type row struct{ ParticipantNumber string }
	rows, err := walk(ctx, c, apiMembers, url.Values{"GroupId": {string(g)}}, maxMemberPages, s,
		func(r row) string { return string(memberOf(r.ParticipantNumber)) })
	if err != nil {
		return nil, err
	}
	members := make([]chat.MemberID, len(rows))
	for i, r := range rows {
		members[i] = memberOf(r.ParticipantNumber)
	}
	return members, nil
}

// ListChatGroup returns the groups of the business number, with the same care.
func (c *Client) ListChatGroup(ctx context.Context) ([]GroupInfo, error) {
	return c.groups(ctx, slotPatient)
}

func (c *Client) groups(ctx context.Context, s slot) ([]GroupInfo, error) {
	return walk(ctx, c, apiGroups, url.Values{}, maxGroupPages, s, func(g GroupInfo) string { return string(g.ID) })
}

// page is the Data of a list's answer.
type page[T any] struct {
	Total *int
	List  []T
}

// walk reads a list page by page, each with its own rate slot. A list that changes on the way shows
// as a total that differs, a row that comes twice or one that is missing.
func walk[T any](ctx context.Context, c *Client, api string, params url.Values, pages int, s slot, id func(T) string) ([]T, error) {
	var rows []T
	total, seen := -1, map[string]bool{}
	for i := range pages {
		params.Set("Page", `{"Index":`+strconv.Itoa(i+1)+`,"Size":`+strconv.Itoa(pageSize)+`}`)
		a, err := c.call(ctx, api, params, s)
		if err != nil {
			return nil, err
		}
		var p page[T]
		if json.Unmarshal(a.Data, &p) != nil || p.Total == nil || !a.confirmed() {
			return nil, fmt.Errorf("reading page %d of %s: %w", i+1, api, ErrIncomplete)
		}
		if total >= 0 && *p.Total != total {
			return nil, fmt.Errorf("reading page %d of %s: the total changed from %d to %d: %w", i+1, api, total, *p.Total, ErrIncomplete)
		}
		total = *p.Total
		for _, r := range p.List {
			if id(r) == "" || seen[id(r)] {
				return nil, fmt.Errorf("reading page %d of %s: a row is empty or comes twice: %w", i+1, api, ErrIncomplete)
			}
			seen[id(r)] = true
			rows = append(rows, r)
		}
		if len(rows) >= total || len(p.List) == 0 {
			break
		}
	}
	if len(rows) != total {
		return nil, fmt.Errorf("reading %s: %d rows of %d: %w", api, len(rows), total, ErrIncomplete)
	}
	return rows, nil
}
