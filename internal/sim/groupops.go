package sim

import "slices"

// destroyGroup is destroy_group (https://www.tencentcloud.com/document/product/1047/34896).
func (s *Server) destroyGroup(r *request) (any, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	delete(w.groups, g.ID)
	return ok(), nil
}

// modifyGroup is modify_group_base_info (https://www.tencentcloud.com/document/product/1047/34962).
func (s *Server) modifyGroup(r *request) (any, error) {
	mute, err := r.text("MuteAllMember")
	if err != nil {
		return nil, err
	}
	joining, err := r.text("ApplyJoinOption")
	if err != nil {
		return nil, err
	}
	name, err := r.text("Name")
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "On", "Off"}, mute) {
		return nil, refuse(badParameter, "MuteAllMember is neither On nor Off")
	}
	if !slices.Contains([]string{"", "FreeAccess", "NeedPermission", "DisableApply"}, joining) {
		return nil, refuse(badParameter, "ApplyJoinOption has no such value")
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	if g.Type == Private && mute != "" {
		return nil, refuse(notPermitted, "a Private group has no mutes")
	}
	if mute != "" {
		g.MuteAll = mute == "On"
	}
	if joining != "" {
		g.Joining = joining
	}
	if name != "" {
		g.Name = name
	}
	return ok(), nil
}
