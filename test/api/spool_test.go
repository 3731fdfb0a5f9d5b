package api

import (
	"net/http"
	"testing"
)

// A bot whose Redis is away keeps what it is told in its spool.
func TestTheSpoolFitsTheFile(t *testing.T) {
	f, b := readFile(t), start(t, "BOT_REDIS_URL=redis://127.0.0.1:1")
	for _, holds := range []string{`"entries":0`, `"entries":1,`} {
		f.fits(t, "/api/v1/spool", "get", "200", b.until(t, "/api/v1/spool?limit=5", holds))
		b.say(t, "casino", 1)
	}
	many := b.ask(t, http.MethodGet, "/api/v1/spool?limit=1001", "", nil, token)
	if many.status != http.StatusBadRequest {
		t.Errorf("too many: %d %s", many.status, many.body)
	}
	f.fits(t, "/api/v1/spool", "get", "400", many)
}
