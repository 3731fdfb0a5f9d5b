package spool

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/groupguard/groupguard/internal/chat"
)

const (
	codecVersion = 1
	maxEntry     = 4 << 20 // bytes; a webhook's body is under 1 MiB
)

// errTooLarge is the error of an event that no webhook can have brought.
var errTooLarge = errors.New("event is too large for the spool")

// errOtherForm is the error of an entry that another version of this program can read.
var errOtherForm = errors.New("what is stored was written by another version")

// entry is the form of an event on the disk. It has every field of chat.Event, and gives back exactly
// what it was made of. Its names are read by later versions: they never change their meaning.
type entry struct {
	Version   int      `json:"v"`
	At        stamp    `json:"at"`
	Received  stamp    `json:"received"`
	Provider  octets   `json:"provider,omitempty"`
	Account   octets   `json:"account,omitempty"`
	Group     octets   `json:"group,omitempty"`
	GroupType octets   `json:"group_type,omitempty"`
	Topic     octets   `json:"topic,omitempty"`
	ID        octets   `json:"id,omitempty"`
	Kind      octets   `json:"kind,omitempty"`
	Member    octets   `json:"member,omitempty"`
	Name      octets   `json:"name,omitempty"`
	Text      octets   `json:"text,omitempty"`
	Media     []octets `json:"media,omitzero"`
	Files     []octets `json:"files,omitzero"`
	Mentions  []octets `json:"mentions,omitzero"`
	AtAll     bool     `json:"at_all,omitempty"`
	Message   octets   `json:"message,omitempty"`
	JoinedAt  stamp    `json:"joined_at"`
	Inviter   octets   `json:"inviter,omitempty"`
	JoinKind  octets   `json:"join_kind,omitempty"`
	Asked     bool     `json:"asked,omitempty"`
	Answered  bool     `json:"answered,omitempty"`
	Refused   bool     `json:"refused,omitempty"`
	Late      bool     `json:"late,omitempty"`
	Trusted   bool     `json:"trusted,omitempty"`
}

// octets is a string of any bytes. JSON holds no bytes that are not UTF-8, and a replaced byte in an ID
// would name somebody else: such a string is an array that holds its base64.
type octets string

// MarshalJSON implements json.Marshaler.
func (o octets) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a text full of them would take six times the room
	var v any = string(o)
	if !utf8.ValidString(string(o)) {
		v = [1]string{base64.StdEncoding.EncodeToString([]byte(o))}
	}
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), err
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *octets) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '[' {
		return json.Unmarshal(data, (*string)(o))
	}
	var coded [1]string
	if err := json.Unmarshal(data, &coded); err != nil {
		return err
	}
	text, err := base64.StdEncoding.DecodeString(coded[0])
	*o = octets(text)
	return err
}

// stamp is a time as seconds and nanoseconds since 1970: exact, whatever the year.
type stamp [2]int64

func stampOf(t time.Time) stamp { return stamp{t.Unix(), int64(t.Nanosecond())} }

func (s stamp) time() time.Time {
	if s == stampOf(time.Time{}) {
		return time.Time{}
	}
	return time.Unix(s[0], s[1])
}

func octetsOf[S ~string](in []S) []octets {
	if in == nil {
		return nil
	}
	out := make([]octets, len(in))
	for i, s := range in {
		out[i] = octets(s)
	}
	return out
}

func stringsOf(in []octets) []string {
	if in == nil {
		return nil
	}
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// encode returns the stored form of an event.
func encode(e *chat.Event) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(entry{
		Version: codecVersion, At: stampOf(e.At), Received: stampOf(e.Received),
		Provider: octets(e.Provider), Account: octets(e.Account), Group: octets(e.Group.ID), GroupType: octets(e.GroupType),
		Topic: octets(e.Topic), ID: octets(e.ID), Kind: octets(e.Kind), Member: octets(e.Member), Name: octets(e.Name),
		Text: octets(e.Text), Media: octetsOf(e.Media), Files: octetsOf(e.Files), Mentions: octetsOf(e.Mentions),
		AtAll: e.AtAll, Message: octets(e.Message), JoinedAt: stampOf(e.JoinedAt), Inviter: octets(e.Inviter),
		JoinKind: octets(e.JoinKind), Asked: e.Asked, Answered: e.Answered, Refused: e.Refused, Late: e.Late, Trusted: e.Trusted,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding an event: %w", err)
	}
	if b.Len() > maxEntry {
		return nil, errTooLarge
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// decode reads the stored form of an event. Its error repeats nothing of it.
func decode(body []byte) (chat.Event, error) {
	var v entry
	if err := json.Unmarshal(body, &v); err != nil {
		return chat.Event{}, errors.New("what is stored is no event")
	}
	if v.Version != codecVersion {
		return chat.Event{}, fmt.Errorf("%w: it has form %d and this program knows %d", errOtherForm, v.Version, codecVersion)
	}
	return chat.Event{
		At: v.At.time(), Received: v.Received.time(),
		Group:     chat.Group{Provider: chat.Provider(v.Provider), Account: chat.Account(v.Account), ID: chat.GroupID(v.Group)},
		GroupType: chat.GroupType(v.GroupType), Topic: string(v.Topic), ID: chat.EventID(v.ID), Kind: chat.Kind(v.Kind),
		Member: chat.MemberID(v.Member), Name: string(v.Name), Text: string(v.Text),
		Media: stringsOf(v.Media), Files: stringsOf(v.Files), Mentions: stringsOf(v.Mentions), AtAll: v.AtAll,
		Message: string(v.Message), JoinedAt: v.JoinedAt.time(), Inviter: chat.MemberID(v.Inviter),
		JoinKind: chat.JoinKind(v.JoinKind), Asked: v.Asked, Answered: v.Answered, Refused: v.Refused, Late: v.Late, Trusted: v.Trusted,
	}, nil
}
