package sim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
	"unicode/utf16"
)

// camsGroup returns the group that a call names, under the world's lock, which the caller holds.
func (c *operationCall) camsGroup(w *World) (*group, error) {
	g := w.groups[c.Get("GroupId")]
	if g == nil || g.Provider != CAMS {
		return nil, business(codeNoGroup, "The group does not exist")
	}
	return g, nil
}

// listChatGroup is ListChatGroup.
func (s *Server) listChatGroup(c *operationCall) (row, error) {
	if !c.Has("Page") {
		return nil, gateway(http.StatusBadRequest, "MissingPage", "The parameter Page is mandatory.")
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	rows := []row{}
	for _, id := range slices.Sorted(maps.Keys(w.groups)) {
		g := w.groups[id]
		status := c.Get("GroupStatus")
		if g.Provider != CAMS || status != "" && status != "ACTIVE" || c.Get("Subject") != "" && c.Get("Subject") != g.Name {
			continue
		}
		rows = append(rows, row{
			"BusinessNumber": s.options.CAMS.BusinessNumber, "GroupId": g.ID, "GroupStatus": "ACTIVE", "Subject": g.Name,
			"Description": "", "InviteLink": g.Link, "ProfilePictureFile": "", "TotalParticipantCount": len(g.members),
		})
	}
	from, to, err := c.page(len(rows))
	if err != nil {
		return nil, err
	}
	return row{"Data": row{"Total": len(rows), "List": rows[from:to]}}, nil
}

// listParticipants is ListChatGroupParticipants. Whoever was removed may linger in it, as Meta
// removes behind CAMS' back.
func (s *Server) listParticipants(c *operationCall) (row, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := c.camsGroup(w)
	if err != nil {
		return nil, err
	}
	numbers := slices.Clone(g.list())
	numbers = append(numbers, slices.Sorted(maps.Keys(g.leaving))...)
	if s.options.CAMS.ListBusiness {
		numbers = append(numbers, s.options.CAMS.BusinessNumber)
	}
	from, to, err := c.page(len(numbers))
	if err != nil {
		return nil, err
	}
	rows := []row{}
	for _, n := range numbers[from:to] {
		rows = append(rows, row{"ParticipantNumber": n})
	}
	if to == len(numbers) { // one reading of the list is over
		for n := range g.leaving {
			if g.leaving[n]--; g.leaving[n] <= 0 {
				delete(g.leaving, n)
			}
		}
	}
	return row{"Data": row{"Total": len(numbers), "List": rows}}, nil
}

// deleteParticipants is DeleteChatGroupParticipants: 1 to 8 members, whom it keeps from coming back.
// What an empty list does is not documented and may be dangerous; here it is refused and counted.
func (s *Server) deleteParticipants(c *operationCall) (row, error) {
	numbers, err := s.participants(c)
	if err != nil {
		return nil, err
	}
	fault := c.fault()
	switch {
	case fault.Nothing:
		numbers = nil
	case c.partial:
		numbers = numbers[:len(numbers)/2]
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := c.camsGroup(w)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, n := range numbers {
		if n == s.options.CAMS.BusinessNumber {
			s.history.violate(func(v *Violations) { v.BusinessKicks++ })
			continue
		}
		s.watch(g, n, false)
		if !g.take(n) {
			continue
		}
		gone = append(gone, n)
		if len(g.gone) < maxExpelled {
			g.gone[n] = true
		}
		if linger := max(s.options.CAMS.Linger, fault.Linger); linger > 0 {
			g.leaving[n] = linger
		}
	}
	s.history.removals(g.ID, numbers, gone)
	if s.options.CAMS.DocSample {
		return row{"Success": false, "Result": 20}, nil
	}
	return row{"Result": len(gone)}, nil
}

// participants reads and checks List.
func (s *Server) participants(c *operationCall) ([]string, error) {
	var list []struct{ ParticipantNumber string }
	if c.Has("List") && compact(c.Get("List"), &list) != nil {
		return nil, gateway(http.StatusBadRequest, codeInvalid, "List is not a compact JSON array of ParticipantNumber.")
	}
	if len(list) == 0 {
		s.history.violate(func(v *Violations) { v.EmptyLists++ })
		return nil, gateway(http.StatusBadRequest, codeInvalid, "List is empty.")
	}
	numbers := make([]string, len(list))
	for i, e := range list {
		numbers[i] = e.ParticipantNumber
	}
	c.call.Members, c.call.Count = numbers[:min(len(numbers), maxAccounts)], len(numbers)
	if len(list) > maxParticipants {
		return nil, business(codeTooMany, fmt.Sprintf("More than %d participants", maxParticipants))
	}
	seen := map[string]bool{}
	for _, n := range numbers {
		if !isNumber(n) {
			return nil, business(codeNumber, "A participant's number is wrong")
		}
		if seen[n] {
			return nil, business(codeDuplicate, "A participant stands twice")
		}
		seen[n] = true
	}
	return numbers, nil
}

// addInviteLink is AddChatGroupInviteLink.
func (s *Server) addInviteLink(c *operationCall) (row, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := c.camsGroup(w)
	if err != nil {
		return nil, err
	}
	g.Link = w.newLink()
	return row{"InviteLink": g.Link}, nil
}

// deleteInviteLink is DeleteChatGroupInviteLink: nobody can join until there is a new link.
func (s *Server) deleteInviteLink(c *operationCall) (row, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := c.camsGroup(w)
	if err != nil {
		return nil, err
	}
	fault := c.fault()
	if g.Link == "" || fault.Nothing {
		return row{"Result": 0}, nil
	}
	if g.Link = ""; fault.NewLink {
		g.Link = w.newLink()
	}
	return row{"Result": 1}, nil
}

// deleteChatGroup is DeleteChatGroup, which cannot be undone.
func (s *Server) deleteChatGroup(c *operationCall) (row, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := c.camsGroup(w)
	if err != nil {
		return nil, err
	}
	if c.fault().Nothing {
		return row{"Result": 0}, nil
	}
	delete(w.groups, g.ID)
	return row{"Result": 1}, nil
}

// Limits of a free text: its characters, and the time after a member's last message
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes).
const (
	maxWhatsAppText = 4096
	serviceWindow   = 24 * time.Hour
)

// sendMessage is SendChatappMessage, as far as plain text goes.
func (s *Server) sendMessage(c *operationCall) (row, error) {
	var content struct {
		Text string `json:"text"`
	}
	switch {
	case c.Get("ChannelType") != "whatsapp":
		return nil, business(codeChannel, "The channel type is not supported")
	case c.Get("Type") != "message" || c.Get("MessageType") != "text":
		return nil, business(codeMessage, "Only text messages are supported")
	case !isNumber(c.Get("From")):
		return nil, business(codeDigits, "From holds digits only")
	case c.Get("From") != s.options.CAMS.BusinessNumber:
		return nil, business(codeNumber, "No such business number")
	case compact(c.Get("Content"), &content) != nil || content.Text == "" || len(utf16.Encode([]rune(content.Text))) > maxWhatsAppText:
		return nil, business(codeContent, "The content is wrong")
	}
	c.call.Text = content.Text[:min(len(content.Text), maxText)]
	to := c.Get("To")
	switch c.Get("RecipientType") {
	case "individual", "":
		if !isNumber(to) {
			return nil, business(codeNumber, "To is not a number")
		}
		c.call.Members, c.call.Count = []string{to}, 1
	case "group":
		c.call.Group = to
	default:
		return nil, business(codeInvalid, "There is no such RecipientType")
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	said := Said{Member: s.options.CAMS.BusinessNumber, Text: content.Text, At: s.now(), Delivered: true}
	w.serial++
	said.ID = fmt.Sprintf("%024x", w.serial)
	if c.call.Group != "" {
		g := w.groups[to]
		if g == nil || g.Provider != CAMS {
			return nil, business(codeNoGroup, "The group does not exist")
		}
		if s.now().Sub(g.heard) > serviceWindow {
			return nil, business(codeReengage, "Re-engagement message")
		}
		g.keep(said)
	}
	return row{"MessageId": said.ID}, nil
}
