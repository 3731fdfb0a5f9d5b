package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// fields is the body of a Tencent call. Names and values are case-sensitive there, which
// encoding/json's structs are not, so keys are looked up one by one.
type fields map[string]json.RawMessage

// parseFields reads a body: one JSON object, whose keys the command documents.
func parseFields(body []byte, keys []string) (fields, error) {
	var f fields
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, refuse(badJSON, "the body is empty")
	}
	if err := json.Unmarshal(body, &f); err != nil || f == nil {
		return nil, refuse(badJSON, "the body is not a JSON object")
	}
	for k := range f {
		if !slices.Contains(keys, k) {
			return nil, refuse(badParameter, fmt.Sprintf("unknown key %q", k))
		}
	}
	return f, nil
}

// text returns a string; absent ones are empty.
func (f fields) text(key string) (string, error) {
	raw, there := f[key]
	if !there {
		return "", nil
	}
	var v *string
	if json.Unmarshal(raw, &v) != nil || v == nil {
		return "", refuse(badParameter, key+" is not a string")
	}
	return *v, nil
}

// number returns an unsigned 32-bit number and whether it is there.
func (f fields) number(key string) (uint32, bool, error) {
	raw, there := f[key]
	if !there {
		return 0, false, nil
	}
	var v *uint32
	if json.Unmarshal(raw, &v) != nil || v == nil {
		return 0, true, refuse(badParameter, key+" is not a number from 0 to 4294967295")
	}
	return *v, true, nil
}

// texts returns an array of strings with at least one; other kinds of elements have code of their
// own.
func (f fields) texts(key string, most, wrongType int) ([]string, error) {
	raw, there := f[key]
	if !there {
		return nil, refuse(badParameter, key+" is missing")
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return nil, refuse(badParameter, key+" is not an array with at least one element")
	}
	if len(list) > most {
		return nil, refuse(tooMany, fmt.Sprintf("%s holds %d elements, over %d", key, len(list), most))
	}
	out := make([]string, len(list))
	for i, e := range list {
		var v *string
		if json.Unmarshal(e, &v) != nil || v == nil {
			return nil, refuse(wrongType, key+" holds something that is not a string")
		}
		if *v == "" {
			return nil, refuse(badParameter, key+" holds an empty string")
		}
		out[i] = *v
	}
	return out, nil
}

// accounts returns the accounts that a call names and notes them for the history.
func (r *request) accounts(key string, most int) ([]string, error) {
	list, err := r.texts(key, most, accountType)
	if err != nil {
		return nil, err
	}
	r.call.Members, r.call.Count = list[:min(len(list), maxAccounts)], len(list)
	if r.partial {
		return list[:len(list)/2], nil
	}
	return list, nil
}

// group returns the group that a call names, under the world's lock, which the caller holds.
func (r *request) group(w *World) (*group, error) {
	id, err := r.text("GroupId")
	if err != nil {
		return nil, err
	}
	r.call.Group = id
	if id == "" {
		return nil, refuse(badParameter, "GroupId is missing")
	}
	if !groupID(id) {
		return nil, refuse(badGroupID, "GroupId is not printable ASCII of at most 48 bytes")
	}
	g := w.groups[id]
	if g == nil || g.Provider != Tencent {
		return nil, refuse(noGroup, "the group does not exist")
	}
	return g, nil
}

// groupID reports whether text can be a group's ID (https://trtc.io/document/33529).
func groupID(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return false
		}
	}
	return len(text) <= 48
}
