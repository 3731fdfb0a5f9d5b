package sim

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
