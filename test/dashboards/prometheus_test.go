package dashboards

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// server is a running Prometheus.
type server struct{ base string }

// startPrometheus has Debian's Prometheus scrape the bots every second, with the rules that are shipped.
func startPrometheus(t *testing.T, targets []string) server {
	t.Helper()
	rules, err := filepath.Abs(promDir + "/rules/groupguard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(targets)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf(`global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
  - job_name: %s
    static_configs: [{targets: %s}]
`, rules, alertJob, list)
	name := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	// Another program may take a free port first: then another port is tried.
	for range 3 {
		addr := freeAddr(t)
		p := begin(t, nil, "prometheus", "--config.file="+name, "--storage.tsdb.path="+filepath.Join(dir, "data"),
			"--web.listen-address="+addr, "--log.level=warn")
		s := server{"http://" + addr}
		ready := until(t, 30*time.Second, func() bool {
			select {
			case <-p.done:
				return true
			default:
			}
			return s.get("/-/ready", nil, nil) == nil
		})
		select {
		case <-p.done:
			continue
		default:
		}
		if ready {
			return s
		}
	}
	t.Fatal("Prometheus does not start")
	return server{}
}

// get asks the API and reads the answer's JSON into an address.
func (s server) get(path string, params url.Values, into any) error {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.PostForm(s.base+path, params)
	if params == nil {
		resp, err = client.Get(s.base + path)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, resp.Status, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// values asks a query and returns how many series it has, and how many of them have a number.
func (s server) values(query string) (series, numbers int, err error) {
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := s.get("/api/v1/query", url.Values{"query": {query}}, &answer); err != nil {
		return 0, 0, err
	}
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(v) {
			numbers++
		}
	}
	return len(answer.Data.Result), numbers, nil
}

// metrics returns the names of all series.
func (s server) metrics() (map[string]bool, error) {
	var answer struct{ Data []string }
	err := s.get("/api/v1/label/__name__/values", nil, &answer)
	names := map[string]bool{}
	for _, n := range answer.Data {
		names[family(n)] = true
	}
	return names, err
}

// evaluated is a rule as Prometheus has it.
type evaluated struct {
	Name, Health, State, LastError string
	LastEvaluation                 time.Time
	Alerts                         []struct{ Labels map[string]string }
}

func (s server) rules() (all []evaluated, err error) {
	var answer struct {
		Data struct{ Groups []struct{ Rules []evaluated } }
	}
	err = s.get("/api/v1/rules", nil, &answer)
	for _, g := range answer.Data.Groups {
		all = append(all, g.Rules...)
	}
	return all, err
}
