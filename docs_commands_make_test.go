package groupguard_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A swap puts what exists on the stage in the place of what stands on a page.
type swap struct {
	page *regexp.Regexp // in which commands; nil: all
	from *regexp.Regexp
	to   func(s *stage, found string) (string, error)
}

func fixed(to string) func(*stage, string) (string, error) {
	return func(*stage, string) (string, error) { return to, nil }
}

// code stands for the code of a case on pages: the word CODE, or a sample.
const code = `\b(CODE|[0-9A-HJKMNP-TV-Z]{8}|[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4})\b`

// swaps are made in this order.
var swaps = []swap{
	{from: regexp.MustCompile(`\bgo run \./cmd/bot\b|(\./)?\bbin/bot\b|^\./bot\b`), to: fixed("bot")},
	// The stage has the secrets in variables, and a reader in files.
	{from: regexp.MustCompile(`\bexport (BOT_\w+)_FILE=`), to: func(_ *stage, found string) (string, error) {
		return strings.Replace(found, "export ", "unset "+strings.TrimSuffix(strings.TrimPrefix(found, "export "), "_FILE=")+"; export ", 1), nil
	}},
	{from: regexp.MustCompile(`\bBOT_TENCENT_ENDPOINT=[a-z-]+`), to: func(s *stage, _ string) (string, error) {
		return "BOT_TENCENT_ENDPOINT=" + s.value("BOT_TENCENT_ENDPOINT"), nil
	}},
	{from: regexp.MustCompile(`^BOT_ADMIN_TOKEN_FILE=\S+ `), to: func(_ *stage, found string) (string, error) { return "env -u BOT_ADMIN_TOKEN " + found, nil }},
	{from: regexp.MustCompile(`\bbot run …`), to: fixed("bot run")},
	{from: regexp.MustCompile(`\bopenssl rand -hex 32 > (secrets/)?admin-token\b`), to: func(s *stage, found string) (string, error) {
		return strings.Replace(found, "openssl rand -hex 32", "echo "+s.token, 1), nil
	}},
	{from: regexp.MustCompile(`^make demo\b`), to: func(s *stage, _ string) (string, error) { return "make -C " + s.root + " demo", nil }},
	{from: regexp.MustCompile(`/etc/groupguard/rules(/rules)?\.yaml`), to: fixed("rules.yaml")},
	{from: regexp.MustCompile(`^sudo (bot|sh) `), to: func(_ *stage, found string) (string, error) { return strings.TrimPrefix(found, "sudo "), nil }},
	{from: regexp.MustCompile(`(/run/secrets|/etc/groupguard(/secrets)?)/[\w-]+`), to: secretFile},
	{from: regexp.MustCompile(`\b(127\.0\.0\.1|localhost):9090\b|\bHOST:PORT\b`), to: func(s *stage, _ string) (string, error) { return s.admin, nil }},
	{from: regexp.MustCompile(`\b(127\.0\.0\.1|localhost):8080\b`), to: func(s *stage, _ string) (string, error) { return s.webhooks, nil }},
	{from: regexp.MustCompile(`https://your-host\b`), to: func(s *stage, _ string) (string, error) { return "http://" + s.webhooks, nil }},
	{from: regexp.MustCompile(`\b(127\.0\.0\.1|localhost):8090\b`), to: func(s *stage, _ string) (string, error) { return s.sim, nil }},
	{page: regexp.MustCompile(`bot dead|/dead/`), from: regexp.MustCompile(code), to: offence("dead")},
	{page: regexp.MustCompile(`bot held|/held/`), from: regexp.MustCompile(code), to: offence("held")},
	{page: regexp.MustCompile(`bot (case|undo)|/cases/|/undo`), from: regexp.MustCompile(code), to: offence("done")},
	// Nobody is there to be asked.
	{from: regexp.MustCompile(`^bot undo [^\n]*`), to: func(_ *stage, found string) (string, error) {
		if strings.Contains(found, "--preview") || strings.Contains(found, "--yes") {
			return found, nil
		}
		return strings.Replace(found, "bot undo", "bot undo --yes", 1), nil
	}},
	{page: regexp.MustCompile(`\bbot `), from: regexp.MustCompile(`\bRULE\b`), to: fixed("banned-words")},
	{page: regexp.MustCompile(`\bbot `), from: regexp.MustCompile(`\bGROUP\b`), to: fixed("'@TGS#CHAT'")},
	{page: regexp.MustCompile(`\bbot `), from: regexp.MustCompile(`\bMEMBER\b`), to: fixed("wang_gambler")},
}

// secretFile makes a file with the secret that the stage has for its name.
func secretFile(s *stage, found string) (string, error) {
	name, body := filepath.Join(s.dir, "secrets-"+filepath.Base(found)), "0123456789abcdef0123456789abcdef"
	for part, variable := range map[string]string{
		"admin": "BOT_ADMIN_TOKEN", "tencent-key": "BOT_TENCENT_SECRET_KEY", "tencent-token": "BOT_TENCENT_WEBHOOK_TOKEN", "cams": "BOT_CAMS_WEBHOOK_SECRET",
	} {
		if strings.Contains(found, part) {
			body = s.value(variable)
		}
	}
	return name, os.WriteFile(name, []byte(body+"\n"), 0o600)
}

// value returns a variable of the stage.
func (s *stage) value(name string) string {
	for _, pair := range slices.Backward(s.env) {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			return v
		}
	}
	return ""
}

// offence has somebody break a rule and returns the code of his case once his removal is done, dead or
// held. A pause takes up to a second until it holds, so more than one may have to offend for that.
func offence(state string) func(*stage, string) (string, error) {
	return func(s *stage, _ string) (string, error) {
		for late := time.Now().Add(patience); time.Now().Before(late); {
			code, err := s.offend(state)
			if err != nil || code != "" {
				return code, err
			}
		}
		return "", fmt.Errorf("nobody's case becomes %s", state)
	}
}

type request struct {
	host, path string
	body       map[string]any
}

// offend returns the code of one offence in a group of its own, or none when it ended in another state.
func (s *stage) offend(state string) (code string, err error) {
	s.made++
	group, member := fmt.Sprintf("@TGS#DOCS%d", s.made), fmt.Sprintf("offender_%d", s.made)
	steps := []request{{s.sim, "/sim/group", map[string]any{"provider": "tencent", "id": group, "type": "Public", "owner": "o", "members": []string{member}}}}
	switch state {
	case "dead":
		steps = append(steps, request{s.sim, "/sim/fault", map[string]any{"api": "delete_group_member", "nth": 1, "times": 1, "code": 10015}})
	case "held":
		steps = append(steps, request{s.admin, "/api/v1/pause", map[string]any{"rule": "banned-words", "why": "for the pages"}})
	case "done": // the page may have paused the rule just before
		steps = append(steps, request{s.admin, "/api/v1/resume", map[string]any{"rule": "banned-words"}})
	}
	steps = append(steps, request{s.sim, "/sim/say", map[string]any{"group": group, "member": member, "text": "赌博"}})
	for _, step := range steps {
		if _, err := s.post(step.host, step.path, step.body); err != nil {
			return "", err
		}
	}
	code, err = s.caseOf(member, state)
	if state == "held" && err == nil {
		_, err = s.post(s.admin, "/api/v1/resume", map[string]any{"rule": "banned-words"})
	}
	return code, err
}

// caseOf waits for a member's cases to end, and returns the code of one in the state, if there is one. A
// removal from all groups has a part for each of them.
func (s *stage) caseOf(member, state string) (code string, err error) {
	last := []byte(nil)
	for late := time.Now().Add(patience); time.Now().Before(late); {
		last, err = s.ask(http.MethodGet, "http://"+s.admin+"/api/v1/cases?member="+url.QueryEscape(member), nil)
		if err != nil {
			return "", err
		}
		var list struct {
			Cases []struct{ Code, Outcome string }
		}
		if err := json.Unmarshal(last, &list); err != nil {
			return "", err
		}
		ended := len(list.Cases) > 0
		for _, c := range list.Cases {
			if strings.Contains(c.Outcome, "pending") {
				ended = false
			} else if strings.Contains(c.Outcome, state) {
				code = c.Code
			}
		}
		if ended {
			return code, nil
		}
	}
	return "", fmt.Errorf("the case of %s does not end: %s", member, last)
}

// onStageAs returns a command of a page as it runs on the stage.
func (s *stage) onStageAs(line string) (string, error) {
	for _, w := range swaps {
		if w.page != nil && !w.page.MatchString(line) {
			continue
		}
		var fault error
		line = w.from.ReplaceAllStringFunc(line, func(found string) string {
			to, err := w.to(s, found)
			if err != nil {
				fault = fmt.Errorf("%s: %w", found, err)
			}
			return to
		})
		if fault != nil {
			return "", fault
		}
	}
	return line, nil
}
