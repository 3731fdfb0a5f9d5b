package app_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/config"
	"github.com/groupguard/groupguard/internal/doctor"
	"github.com/groupguard/groupguard/internal/sim"
	"github.com/groupguard/groupguard/internal/store/redistest"
)

// While the store is away it is the store that is reported, and not the providers, whose calls would take
// their turn from it.
func TestDoctorDoesNotBlameTheProvidersForTheStore(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, wordRules, server.URL(), nil)
	addGroups(t, r.sim)
	statuses := func() map[string]doctor.Status {
		out := map[string]doctor.Status{}
		for _, c := range ask[doctor.Report](t, r, http.MethodGet, "doctor", nil).Checks {
			if out[c.About] != doctor.Error {
				out[c.About] = c.Status
			}
			if c.About == "tencent" && c.Status == doctor.Skipped && !strings.Contains(c.Text, "the store does not answer") {
				t.Errorf("it was skipped, since %s", c.Text)
			}
		}
		return out
	}
	if s := statuses(); s["tencent"] != doctor.OK || s["cams"] != doctor.OK || s["store"] == doctor.Error {
		t.Errorf("with the store: %v", s)
	}
	server.Kill()
	if s := statuses(); s["tencent"] != doctor.Skipped || s["cams"] != doctor.Skipped || s["store"] != doctor.Error {
		t.Errorf("without the store: %v", s)
	}
}

// A key that is refused shows in /readyz with the first call, and not only when so many have failed that
// all calls are stopped.
func TestRefusedCredentialsDegrade(t *testing.T) {
	r := start(t, sim.Options{}, wordRules, "", func(c *config.Config) {
		onlyTencent(c)
		c.Tencent.SecretKey = config.Secret(strings.Repeat("ab", 32))
	})
	addGroups(t, r.sim)
	if why := r.body(t, "/readyz"); strings.Contains(why, "degraded") {
		t.Errorf("before the first call: %s", why)
	}
	say(t, r.sim, sim.Message{Group: public, Member: "ann", Text: "赌博"})
	eventually(t, "the refusal shows", func() bool {
		why := r.body(t, "/readyz")
		return strings.Contains(why, `"degraded"`) && strings.Contains(why, "tencent refuses our credentials")
	})
	for _, c := range ask[doctor.Report](t, r, http.MethodGet, "doctor?offline=true", nil).Checks {
		if strings.Contains(c.Text, "tencent refuses our credentials") && c.Status == doctor.Warning {
			return
		}
	}
	t.Error("the doctor does not say it")
}

// A Redis that answers what is read and takes nothing that is written is an error of the store: events wait,
// and nobody is removed.
func TestDoctorSeesAStoreThatTakesNothing(t *testing.T) {
	server := redistest.Durable(t)
	r := start(t, sim.Options{}, wordRules, server.URL(), nil)
	conn, err := net.Dial("tcp", server.Addr) //nolint:noctx // the tests of this package speak to Redis by no client
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answer := make([]byte, 64)
	if _, err := conn.Write([]byte("CONFIG SET maxmemory 1\r\n")); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(answer); err != nil || string(answer[:n]) != "+OK\r\n" {
		t.Fatalf("%q %v", answer[:n], err)
	}
	for _, c := range ask[doctor.Report](t, r, http.MethodGet, "doctor?offline=true", nil).Checks {
		if c.About == doctor.AboutStore && c.Status == doctor.Error {
			return
		}
	}
	t.Error("the doctor says nothing of it")
}
