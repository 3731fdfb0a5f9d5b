package sim

import (
	"maps"
	"slices"
)

// groupListRate is how often get_appid_group_list may be called in a second, as its page says
// (https://www.tencentcloud.com/document/product/1047/34960).
const groupListRate = 1

// tencentRate is the limit of one command: that of nearly all, or a lower one of its own. Below 0
// there is none.
func (s *Server) tencentRate(api string) int {
	limit := s.options.Tencent.Rate
	if api == "get_appid_group_list" && limit > groupListRate {
		return groupListRate
	}
	return limit
}

// groupList is get_appid_group_list. Next counts the groups that were listed before; 0 is the end.
func (s *Server) groupList(r *request) (any, error) {
	limit, there, err := r.number("Limit")
	if err != nil {
		return nil, err
	}
	if !there || limit < 1 || limit > 10_000 {
		return nil, refuse(badParameter, "Limit is not 1 to 10000")
	}
	next, _, err := r.number("Next")
	if err != nil {
		return nil, err
	}
	kind, err := r.text("GroupType")
	if err != nil {
		return nil, err
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	ids := slices.Sorted(maps.Keys(w.groups))
	ids = slices.DeleteFunc(ids, func(id string) bool {
		g := w.groups[id]
		return g.Provider != Tencent || kind != "" && g.Type != kind
	})
	from := min(int(next), len(ids))
	to := min(from+int(limit), len(ids))
	rows := make([]row, 0, to-from)
	for _, id := range ids[from:to] {
		rows = append(rows, row{"GroupId": id})
	}
	if to == len(ids) {
		next = 0
	} else {
		next = uint32(to) // #nosec G115 -- fewer groups than that fit into memory
	}
	return struct {
		envelope
		TotalCount  int
		GroupIdList []row
		Next        uint32
	}{ok(), len(ids), rows, next}, nil
}
