package app_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

const askedRules = `version: 1
defaults: {mode: enforce, on_timeout: %s}
rules:
  - {id: word, on: message, when: {text: {has_any: ["赌博"]}}, then: [{block: {code: 10110, text: "No"}}, {remove: {}}]}
  - {id: flood, on: message, when: {text: {has_any: [hello]}, count: {messages: 3, within: 1h}}, then: [{remove: {}}]}
`

// written returns the webhook before or after a message is sent.
func written(when, member string, random int, text string) string {
	return fmt.Sprintf(`{"CallbackCommand":"Group.Callback%sSendMsg","GroupId":"@TGS#asked","Type":"Public","From_Account":%q,"Operator_Account":%q,
"Random":%d,"MsgSeq":%d,"MsgTime":%d,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":%q}}]}`, when, member, member, random, random, time.Now().Unix(), text)
}

// told sends such a webhook and returns the answer of status 200.
func (r *rig) told(t *testing.T, when, member string, random int, text string) string {
	t.Helper()
	url := tencentURL(r, time.Now(), "CallbackCommand=Group.Callback"+when+"SendMsg")
	resp, err := r.client.Post(url, "application/json", strings.NewReader(written(when, member, random, text)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s, %v", resp.StatusCode, answer, err)
	}
	return string(answer)
}

// Tencent's question before a message and its notice after it are one event, whether they are judged at
// once or later.
func TestWhatTencentAsksWhileRedisIsAway(t *testing.T) {
	for word, blocks := range map[string]bool{"allow": false, "block": true} {
		t.Run(word, func(t *testing.T) {
			server := redistest.Durable(t)
			r := start(t, sim.Options{}, fmt.Sprintf(askedRules, word), server.URL(), onlyTencent)
			addGroup(t, r, "@TGS#asked", "Public", "twice", "thrice", "gambler")
			server.Kill()
			if got := r.told(t, "Before", "gambler", 1, "赌博"); strings.Contains(got, `"ErrorCode":1`) != blocks || strings.Contains(got, "10110") {
				t.Errorf("a message that a rule blocks: %s", got)
			}
			for n := range 3 {
				for member, most := range map[string]int{"twice": 2, "thrice": 3} {
					for _, when := range []string{"Before", "After"} {
						if n >= most {
							continue
						}
						if got := r.told(t, when, member, 10*n+most, "hello"); got != okTencent {
							t.Errorf("a message that no rule blocks: %s", got)
						}
					}
				}
			}
			if !r.waits(t, 11) {
				t.Error(r.body(t, "/metrics"))
			}
			server.Restart(t)
			eventually(t, "nothing waits", func() bool { return r.waits(t, 0) })
			eventually(t, "two are removed", func() bool { return len(r.sim.Removed("@TGS#asked")) == 2 })
			if got := r.sim.Removed("@TGS#asked"); slices.Contains(got, "twice") {
				t.Errorf("removed: %v", got)
			}
			if text := r.body(t, "/metrics"); strings.Contains(text, `groupguard_intents_total{intent="block",outcome="done",provider="tencent"} 1`) {
				t.Error("a block counts that was not answered by its rule")
			}
			if got := r.told(t, "Before", "twice", 99, "赌博"); !strings.Contains(got, "10110") {
				t.Errorf("once Redis is back: %s", got)
			}
		})
	}
}
