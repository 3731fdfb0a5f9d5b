package cams

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Names of deliveries, from the least to the most telling one.
const (
	ignored     = "ignored"
	audit       = "audit"
	status      = "status"
	groupUpdate = "group_update"
	inbound     = "inbound"
)

// The settings that say which items are ours.
const (
	settingSpace    = "BOT_CAMS_CUST_SPACE_ID"
	settingBusiness = "BOT_CAMS_BUSINESS_NUMBER"
)

// maxID bounds the IDs that a webhook brings. Documented ones are under 100 bytes.
const maxID = 256

// Decode reads one push. An item that cannot be read does not lose the others; only a body that
// as a whole is not a push is refused.
func (w *Webhook) Decode(_ *http.Request, body []byte, received time.Time) (chat.Delivery, error) {
	d := decoding{hook: w, received: received, budget: &budget{left: maxValues}, name: ignored}
	items, err := d.unwrap(body)
	if err == nil && len(items) > maxItems {
		err = errTooMany
	}
	if err != nil {
		return chat.Delivery{}, &chat.Refusal{Status: http.StatusBadRequest, Reason: err.Error()}
	}
	for i := range items {
		d.item(&items[i])
	}
	if len(items) > 0 && d.refused >= len(items) && len(d.events) == 0 {
		return chat.Delivery{}, &chat.Refusal{Status: http.StatusBadRequest, Reason: errShape.Error()}
	}
	w.Refused.Add(float64(d.refused))
	return chat.Delivery{Name: d.name, Events: d.events}, nil
}

var errShape = errors.New("wrong shape")

// decoding is the state of one Decode.
type decoding struct {
	hook     *Webhook
	received time.Time
	budget   *budget
	name     string
	events   []chat.Event
	refused  int
}

// unwrap returns the items of a body: an array, one object, either of them inside a JSON string, or
// inside an envelope's data. The last two come from third parties that receive CAMS pushes.
func (d *decoding) unwrap(body []byte) ([]node, error) {
	n, err := d.budget.parse(body)
	for range maxLayers {
		switch {
		case err != nil:
			return nil, err
		case n.kind == '[':
			return n.items, nil
		case n.kind == '"':
			n, err = d.budget.parse([]byte(n.text))
		case n.kind != '{' || n.twice:
			return nil, errShape
		case !envelope(&n):
			return []node{n}, nil
		default:
			n = *n.get("data")
		}
	}
	return nil, errTooDeep
}

// envelope tells whether an object only wraps items: its data is not plain text and it has nothing
// of an item itself.
func envelope(n *node) bool {
	data := n.get("data")
	if data == nil || n.get("messageid") != nil || n.get("object") != nil {
		return false
	}
	text := strings.TrimLeft(data.text, " \t\r\n")
	return data.kind == '[' || data.kind == '{' ||
		data.kind == '"' && text != "" && strings.IndexByte(`[{"`, text[0]) >= 0
}

// item reads one element of a batch.
func (d *decoding) item(n *node) {
	if n.kind == '"' {
		if inner, err := d.budget.parse([]byte(n.text)); err == nil {
			n = &inner
		}
	}
	switch {
	case n.kind != '{' || n.twice:
		d.refused++
	case n.get("object").str() == "whatsapp_business_account":
		d.meta(n)
	case n.below:
		d.refused++
	case d.foreign(n):
		d.hook.foreign("CustSpaceId", settingSpace)
	case n.get("auditstatus") != nil:
		d.saw(audit)
	case n.get("message") == nil && n.get("messageid") != nil && n.get("status") != nil:
		d.saw(status)
	case n.get("message") != nil && (n.get("from") != nil || n.get("fromuserid") != nil):
		d.inbound(n)
	}
}

// foreign tells whether an item says that it belongs to another channel.
func (d *decoding) foreign(n *node) bool {
	space := n.get("custspaceid").str()
	return space != "" && space != string(d.hook.account)
}

// saw keeps the most telling name of a batch.
func (d *decoding) saw(name string) {
	rank := []string{ignored, audit, status, groupUpdate, inbound}
	if slices.Index(rank, name) > slices.Index(rank, d.name) {
		d.name = name
	}
}

// event starts an event of this account in a group.
func (d *decoding) event(group string, kind chat.Kind, member chat.MemberID, stamp *node) chat.Event {
	return chat.Event{
		At:        d.at(stamp),
		Group:     chat.Group{Provider: chat.CAMS, Account: d.hook.account, ID: chat.GroupID(group)},
		GroupType: chat.WhatsApp,
		Kind:      kind,
		Member:    member,
		Trusted:   isNumber(string(member), d.hook.business),
		Received:  d.received,
	}
}

// at reads a timestamp: milliseconds at CAMS, seconds at Meta, as a number or as a string. Below
// 10^11 it can only be seconds (as milliseconds that would be 1973). A missing or impossible time,
// or one ahead of our clock, becomes the time of arrival.
func (d *decoding) at(stamp *node) time.Time {
	v, err := strconv.ParseFloat(strings.TrimSpace(stamp.str()), 64)
	if err != nil || math.IsNaN(v) || v <= 0 || v > 1e15 {
		return d.received
	}
	if v < 1e11 {
		v *= 1000
	}
	if t := time.UnixMilli(int64(v)).UTC(); t.Before(d.received) {
		return t
	}
	return d.received
}

// eventID returns an ID that a repeated push gives again. One that is too long is hashed.
func eventID(prefix string, parts ...string) chat.EventID {
	id := prefix + strings.Join(parts, ":")
	if len(id) > maxID {
		id = prefix + chat.Digest(parts...)
	}
	return chat.EventID(id)
}
