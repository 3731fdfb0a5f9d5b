package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// maxAdded is how many accounts add_group_member takes.
const maxAdded = 300

// What add_group_member says of one account.
const (
	addFailed = iota
	addDone
	addThere
	addWaits // for the account's consent
)

// addMember is add_group_member (https://www.tencentcloud.com/document/product/1047/34921): not in an
// AVChatRoom. An app admin is not bound by how members may join; somebody who is banned stays out.
func (s *Server) addMember(r *request) (any, error) {
	accounts, err := r.memberList()
	if err != nil {
		return nil, err
	}
	silence, _, err := r.number("Silence")
	if err != nil {
		return nil, err
	}
	if silence > 1 {
		return nil, refuse(badParameter, "Silence is neither 0 nor 1")
	}
	r.call.Silent = silence == 1
	is, err := s.addable(r)
	if err != nil {
		return nil, err
	}
	a := Arrival{Group: is.ID, Members: accounts, Inviter: r.admin, At: s.now(), platform: platformREST}
	refused, err := s.askJoin(is, a)
	if err != nil {
		return nil, refuse(10016, "refused by the app backend")
	}
	results, joined, err := s.admit(a, refused)
	if err != nil {
		return nil, err
	}
	if a.Members = joined; len(joined) > 0 {
		s.echoJoin(is, a)
	}
	return struct {
		envelope
		MemberList []row
	}{ok(), results}, nil
}

// addable returns the group that the call names, if members can be added to it.
func (s *Server) addable(r *request) (Group, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return Group{}, err
	}
	if g.Type == AVChatRoom {
		return Group{}, refuse(notPermitted, "nobody can be added to an AVChatRoom")
	}
	return g.Group, nil
}

// admit adds whom it can, and says of each what became of it.
func (s *Server) admit(a Arrival, refused []string) (results []row, joined []string, err error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.groups[a.Group]
	if g == nil {
		return nil, nil, refuse(noGroup, "the group does not exist")
	}
	for _, m := range a.Members {
		result := addDone
		_, there := g.members[m]
		switch {
		case there:
			result = addThere
		case slices.Contains(refused, m), g.out(m, a.At), g.full(1) != nil:
			result = addFailed
		case s.options.Tencent.AskConsent:
			result = addWaits
		default:
			g.put(m, a.At)
			joined = append(joined, m)
		}
		results = append(results, row{"Member_Account": m, "Result": result})
	}
	return results, joined, nil
}

// memberList reads the accounts of add_group_member and notes them for the history.
func (r *request) memberList() ([]string, error) {
	var list []struct{ Member_Account string }
	d := json.NewDecoder(bytes.NewReader(r.fields["MemberList"]))
	d.DisallowUnknownFields()
	if d.Decode(&list) != nil || len(list) == 0 {
		return nil, refuse(badParameter, "MemberList is not an array of accounts with at least one")
	}
	if len(list) > maxAdded {
		return nil, refuse(tooMany, fmt.Sprintf("MemberList holds %d accounts, over %d", len(list), maxAdded))
	}
	accounts := make([]string, len(list))
	for i, e := range list {
		if accounts[i] = e.Member_Account; e.Member_Account == "" {
			return nil, refuse(badParameter, "MemberList holds an empty account")
		}
	}
	r.call.Members, r.call.Count = accounts, len(accounts)
	if r.partial {
		return accounts[:len(accounts)/2], nil
	}
	return accounts, nil
}
