package policy

import (
	"strings"
	"testing"
)

// clauses are words whose letters meet at the borders of clauses.
func clauses(t *testing.T) *Rules {
	t.Helper()
	return hunting(t, everything, "", "赌博", "色情", "网贷", "约炮", "加微信", "博彩", "代开发票")
}

func TestClausesThatMeetAreNoWord(t *testing.T) {
	rules := clauses(t)
	for _, text := range []string{
		"他跟我打赌 博士毕业请客", "他在打赌,博士说", "脸色 情绪都不好", "天空有颜色 情人节快乐", "手机没网 贷款还不了", "上网 贷款利率",
		"我们约 炮台见", "两点约 炮仗别放", "你多加 微信群里说", "我刚加 微信上说", "广博 彩电便宜", "他打赌。博士来了", "他打赌 - 博士来了",
		"他打赌. 博士来了", "他打赌.博士来了", "他打赌“博士”来了", "他打赌（博士）来了", "他打赌——博士来了", "他打赌\u3000博士来了", "他打赌\n博士来了",
		"他打赌，博", "赌。博士来了", "季节代 开发 票房",
	} {
		if got := foundIn(rules, text); got != nil {
			t.Errorf("%q: found %q", text, got)
		}
	}
}

func TestWordsThatGapsTearInAnyScript(t *testing.T) {
	rules := clauses(t)
	for text, want := range map[string]string{
		"来 赌 博 吧": "赌 博", "赌 博": "赌 博", "来赌 博": "赌 博", "赌 博网站": "赌 博", "赌。博": "赌。博", "赌，博": "赌，博", "看 赌，博 吧": "赌，博",
		"来赌*博吧": "赌*博", "来赌-博吧": "赌-博", "来赌_博吧": "赌_博", "来赌🔥博吧": "赌🔥博", "来赌 赌 博吧": "赌 博",
		"要代 开 发 票的": "代 开 发 票", "要代。开。发。票的": "代。开。发。票", "快加 微信": "加 微信", "快来。赌.博": "赌.博",
	} {
		if got := strings.Join(foundIn(rules, text), "|"); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}
