package sim

import "slices"

// The settings of a group at Tencent that decide who comes in and who speaks, by their names on the
// wire (https://www.tencentcloud.com/document/product/1047/34962).
const (
	applyOption  = "ApplyJoinOption"
	inviteOption = "InviteJoinOption"
	muteAll      = "MuteAllMember"
)

// settingValues are what a setting may be set to.
func settingValues() map[string][]string {
	return map[string][]string{
		applyOption:  {"FreeAccess", "NeedPermission", "DisableApply"},
		inviteOption: {"FreeAccess", "NeedPermission", "DisableInvite"},
		muteAll:      {"On", "Off"},
	}
}

// setting returns what get_group_info shows of a setting; empty when the type of group has none. One
// that nobody has set stands as groups of the type are made.
func (g *group) setting(name string) string {
	switch name {
	case muteAll:
		return onOff(g.MuteAll)
	case inviteOption:
		if g.Type == AVChatRoom {
			return ""
		}
		if g.Inviting != "" {
			return g.Inviting
		}
		return "FreeAccess"
	}
	switch {
	case g.Joining != "":
		return g.Joining
	case g.Type == Private:
		return "DisableApply"
	case g.Type == Public:
		return "NeedPermission"
	}
	return "FreeAccess"
}

// fixed tells whether groups of a type do not let a setting be changed. The documents of the client
// SDK say so of the ways to join (https://trtc.io/document/48184); what REST answers there is not
// documented.
func (g *group) fixed(name string) bool {
	switch name {
	case applyOption:
		return g.Type == Private || g.Type == ChatRoom || g.Type == AVChatRoom
	case inviteOption:
		return g.Type == AVChatRoom
	}
	return g.Type == Private
}

// modifyGroup is modify_group_base_info
// (https://www.tencentcloud.com/document/product/1047/34962). All of it takes effect, or nothing.
func (s *Server) modifyGroup(r *request) (any, error) {
	name, err := r.text("Name")
	if err != nil {
		return nil, err
	}
	want := map[string]string{}
	for key, values := range settingValues() {
		value, err := r.text(key)
		if err != nil {
			return nil, err
		}
		if value == "" {
			continue
		}
		if !slices.Contains(values, value) {
			return nil, refuse(badParameter, key+" has no such value")
		}
		want[key] = value
	}
	r.call.Settings = want
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	if !s.options.Tencent.IgnoreFixed {
		for key := range want {
			switch {
			case !g.fixed(key):
			case key == muteAll:
				return nil, refuse(notPermitted, "a Private group has no mutes")
			default:
				return nil, refuse(badParameter, key+" cannot be changed in a group of this type")
			}
		}
	}
	for key, value := range want {
		if !g.fixed(key) {
			g.set(key, value)
		}
	}
	if name != "" {
		g.Name = name
	}
	return ok(), nil
}

func (g *group) set(name, value string) {
	switch name {
	case applyOption:
		g.Joining = value
	case inviteOption:
		g.Inviting = value
	default:
		g.MuteAll = value == "On"
	}
}

// closed tells whether the group's settings keep an arrival out.
func (g *group) closed(invited bool) bool {
	if invited {
		return g.Inviting == "DisableInvite"
	}
	return g.Joining == "DisableApply"
}
