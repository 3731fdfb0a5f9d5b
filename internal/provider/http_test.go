package provider_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/provider"
)

// ask makes one call of a server that answers by the handler.
func ask(t *testing.T, h http.HandlerFunc) (provider.Answer, error) {
	t.Helper()
	s := httptest.NewServer(h)
	defer s.Close()
	c := provider.NewCaller(prometheus.NewRegistry(), "tencent")
	defer c.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/?usersig=hunter2", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(t.Context(), "kick", req)
}

func TestAnswerIsReadWholeUpToTheLimit(t *testing.T) {
	answer, err := ask(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(bytes.Repeat([]byte("a"), provider.MaxAnswer))
	})
	if err != nil || answer.Status != http.StatusTeapot || len(answer.Body) != provider.MaxAnswer {
		t.Errorf("%d, %d bytes, %v", answer.Status, len(answer.Body), err)
	}
	_, err = ask(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("a"), provider.MaxAnswer+1))
	})
	if !errors.Is(err, provider.ErrAnswerTooLarge) {
		t.Errorf("an answer over the limit: %v", err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	asked := 0
	answer, err := ask(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if err != nil || answer.Status != http.StatusTemporaryRedirect || asked != 1 {
		t.Errorf("%d after %d requests, %v", answer.Status, asked, err)
	}
}

func TestErrorNamesTheCallAndNotTheURL(t *testing.T) {
	_, err := ask(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	})
	if err == nil || !strings.Contains(err.Error(), "kick") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "http://") {
		t.Errorf("got %v", err)
	}
}

func TestHostileCodesMakeNoSeries(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := provider.NewCaller(reg, "tencent")
	for _, code := range []string{"0", "10007", "Throttling.User", "", strings.Repeat("x", 65), "a b", "<script>", "代码"} {
		c.Count("kick", code)
	}
	want := `# HELP groupguard_provider_requests_total Calls to a provider by API and by the provider's answer code.
# TYPE groupguard_provider_requests_total counter
groupguard_provider_requests_total{api="kick",code="0",provider="tencent"} 1
groupguard_provider_requests_total{api="kick",code="10007",provider="tencent"} 1
groupguard_provider_requests_total{api="kick",code="Throttling.User",provider="tencent"} 1
groupguard_provider_requests_total{api="kick",code="other",provider="tencent"} 5
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "groupguard_provider_requests_total"); err != nil {
		t.Error(err)
	}
}

// What is not one of these two is counted as a failure: they have series of their own even when they
// come after all the codes that have one.
func TestSuccessIsNeverOneOfTheOtherCodes(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := provider.NewCaller(reg, "tencent")
	for i := range 50 {
		c.Count("kick", strconv.Itoa(10_000+i))
	}
	for range 3 {
		c.Count("kick", "0")
		c.Count("kick", "OK")
	}
	n, err := testutil.GatherAndCount(reg, "groupguard_provider_requests_total")
	if err != nil || n != 12+1+2 {
		t.Errorf("%d series, %v", n, err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "groupguard_provider_requests_total" {
				got[m.GetLabel()[1].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	if got["0"] != 3 || got["OK"] != 3 || got["other"] != 38 {
		t.Errorf("%v", got)
	}
}

func TestAnAPIHasABoundedNumberOfCodes(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := provider.NewCaller(reg, "tencent")
	for i := range 1000 {
		c.Count("kick", "0")
		c.Count("kick", strconv.Itoa(10_000+i))
		c.Count("ban", "0")
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got, sum := map[string]float64{}, 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "groupguard_provider_requests_total" {
				got[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] = m.GetCounter().GetValue()
				sum += m.GetCounter().GetValue()
			}
		}
	}
	if len(got) > 15 || sum != 3000 || got["kick 0"] != 1000 || got["ban 0"] != 1000 || got["kick other"] < 900 {
		t.Errorf("%d series with a sum of %v: %v", len(got), sum, got)
	}
}

func TestTheLastWordOnCredentialsCounts(t *testing.T) {
	c := provider.NewCaller(prometheus.NewRegistry(), "tencent")
	if c.IsRefused() {
		t.Error("before the first call they are refused")
	}
	c.Refused()
	if !c.IsRefused() {
		t.Error("a refusal is not told of")
	}
	c.Trusted()
	if c.IsRefused() {
		t.Error("a call that was taken does not end it")
	}
}
