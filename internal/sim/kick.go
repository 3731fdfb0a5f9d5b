package sim

// deleteMember is delete_group_member (https://www.tencentcloud.com/document/product/1047/34949):
// at most 100 accounts, success for those who are no members, not possible in an AVChatRoom. What
// it does to an owner is not documented; here he stays, and the attempt is counted.
func (s *Server) deleteMember(r *request) (any, error) {
	accounts, err := r.accounts("MemberToDel_Account", 100)
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
	if r.call.Reason, err = r.text("Reason"); err != nil {
		return nil, err
	}
	r.call.Silent = silence == 1
	is, gone, err := s.kick(r, accounts)
	if err != nil {
		return nil, err
	}
	s.history.removals(is.ID, accounts, gone)
	if len(gone) > 0 {
		s.echoExit(is, r.admin, gone)
	}
	return ok(), nil
}

func (s *Server) kick(r *request, accounts []string) (Group, []string, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return Group{}, nil, err
	}
	if g.Type == AVChatRoom {
		return Group{}, nil, refuse(badParameter, "members of an AVChatRoom cannot be removed")
	}
	var gone []string
	for _, a := range accounts {
		s.watch(g, a, false)
		if a != g.Owner && g.take(a) {
			gone = append(gone, a)
		}
	}
	return g.Group, gone, nil
}

// watch counts acts against those who must not be acted on. The caller holds the world's lock.
func (s *Server) watch(g *group, account string, mute bool) {
	switch g.role(account) {
	case "Owner":
		s.history.violate(func(v *Violations) {
			if mute {
				v.OwnerMutes++
			} else {
				v.OwnerKicks++
			}
		})
	case "Admin":
		s.history.violate(func(v *Violations) { v.AdminKicks++ })
	}
}

// forbidSend is forbid_send_msg (https://www.tencentcloud.com/document/product/1047/34951): at most
// 500 accounts, not in a Private group. A mute outlives leaving and coming back.
func (s *Server) forbidSend(r *request) (any, error) {
	accounts, err := r.accounts("Members_Account", 500)
	if err != nil {
		return nil, err
	}
	seconds, there, err := r.number("MuteTime")
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, refuse(badParameter, "MuteTime is missing")
	}
	if _, err := r.text("TopicId"); err != nil {
		return nil, err
	}
	r.call.Seconds = seconds
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	if g.Type == Private {
		return nil, refuse(notPermitted, "a Private group has no mutes")
	}
	var silenced []string
	for _, a := range accounts {
		if seconds == 0 {
			delete(g.muted, a)
			continue
		}
		s.watch(g, a, true)
		if !g.silent(a, s.now()) {
			silenced = append(silenced, a)
		}
		if len(g.muted) < maxMembers {
			g.muted[a] = s.until(seconds)
		}
	}
	if g.Type == AVChatRoom && seconds > 0 {
		s.history.removals(g.ID, accounts, silenced)
	}
	return ok(), nil
}

// until turns a duration into the second at which it ends.
func (s *Server) until(seconds uint32) uint32 {
	if seconds == forever {
		return forever
	}
	return uint32(min(s.now().Unix()+int64(seconds), forever-1))
}

// banMember is ban_group_member (https://www.tencentcloud.com/document/product/1047/50296): at most
// 20 accounts, Duration needed, subject to edition and console. Whether it sends a webhook is not
// documented; none is sent.
func (s *Server) banMember(r *request) (any, error) {
	accounts, err := r.accounts("Members_Account", 20)
	if err != nil {
		return nil, err
	}
	seconds, there, err := r.number("Duration")
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, refuse(badParameter, "Duration is missing")
	}
	if r.call.Reason, err = r.text("Description"); err != nil {
		return nil, err
	}
	if len(r.call.Reason) > 1000 {
		return nil, refuse(badParameter, "Description is over 1000 bytes")
	}
	r.call.Seconds = seconds
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	if s.options.Tencent.NoBans {
		return nil, refuse(notPermitted, "bans are not switched on, or not in this edition")
	}
	var gone []string
	for _, a := range accounts {
		s.watch(g, a, true)
		if len(g.banned) < maxMembers {
			g.banned[a] = s.until(seconds)
		}
		if a != g.Owner && g.take(a) {
			gone = append(gone, a)
		}
	}
	s.history.removals(g.ID, accounts, gone)
	return ok(), nil
}

// unbanMember is unban_group_member (https://www.tencentcloud.com/document/product/1047/50297).
func (s *Server) unbanMember(r *request) (any, error) {
	accounts, err := r.accounts("Members_Account", 20)
	if err != nil {
		return nil, err
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	g, err := r.group(w)
	if err != nil {
		return nil, err
	}
	if s.options.Tencent.NoBans {
		return nil, refuse(notPermitted, "bans are not switched on, or not in this edition")
	}
	for _, a := range accounts {
		delete(g.banned, a)
	}
	return ok(), nil
}
