package dashboards

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root      = "../.."
	boardsDir = root + "/deploy/grafana/dashboards"
)

// board is what the tests read of a dashboard.
type board struct {
	name string // of the file
	raw  []byte

	UID           string
	Title         string
	Description   string
	Editable      *bool
	Refresh       string
	SchemaVersion int
	Inputs        json.RawMessage `json:"__inputs"`
	Time          struct{ From, To string }
	Links         []link
	Templating    struct{ List []variable }
	Panels        []panel
}

type link struct {
	Title, URL            string
	KeepTime, IncludeVars bool
}

type variable struct {
	Name, Type        string
	Query             json.RawMessage
	Multi, IncludeAll bool
	Datasource        *source
}

type source struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               *source
	GridPos                  struct{ H, W, X, Y int }
	Links                    []link
	Targets                  []target
	FieldConfig              struct {
		Defaults struct{ Unit string }
	}
	Options json.RawMessage
	Panels  []panel
}

// shows tells whether the panel has queries: a row has none, nor has a text.
func (p *panel) shows() bool { return p.Type != "row" && p.Type != "text" }

type target struct {
	Expr, RefID    string
	Datasource     *source
	Instant, Range bool
}

// boards reads all dashboards.
func boards(t *testing.T) []board {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(boardsDir, "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("found %d dashboards, want 2: %v", len(files), err)
	}
	var out []board
	for _, f := range files {
		raw := read(t, f)
		b := decode(t, raw)
		b.name, b.raw = filepath.Base(f), raw
		out = append(out, b)
	}
	return out
}

func decode(t *testing.T, raw []byte) (b board) {
	t.Helper()
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// One way of writing them keeps changes small.
func TestFormat(t *testing.T) {
	for _, b := range boards(t) {
		var want bytes.Buffer
		if err := json.Indent(&want, bytes.TrimSpace(b.raw), "", "  "); err != nil {
			t.Fatal(err)
		}
		want.WriteByte('\n')
		if !bytes.Equal(b.raw, want.Bytes()) {
			t.Errorf("%s is not indented by two spaces", b.name)
		}
	}
}

// What is provisioned finds what is there.
func TestProvisioning(t *testing.T) {
	var sources struct {
		Datasources []struct {
			Name, UID, Type, Access string
			IsDefault               bool `yaml:"isDefault"`
			JSONData                struct {
				TimeInterval string `yaml:"timeInterval"`
			} `yaml:"jsonData"`
		}
	}
	decodeYAML(t, root+"/deploy/grafana/provisioning/datasources/prometheus.yaml", &sources)
	var scrape struct {
		Global struct {
			Interval string `yaml:"scrape_interval"`
		}
		Jobs []struct {
			Name string `yaml:"job_name"`
		} `yaml:"scrape_configs"`
	}
	decodeYAML(t, root+"/deploy/prometheus/prometheus.yaml", &scrape)
	if len(sources.Datasources) != 1 {
		t.Fatalf("%d data sources, want 1", len(sources.Datasources))
	}
	d := sources.Datasources[0]
	if d.UID != "prometheus" || d.Type != "prometheus" || d.Access != "proxy" || !d.IsDefault {
		t.Errorf("the data source is %+v", d)
	}
	if d.JSONData.TimeInterval != scrape.Global.Interval {
		t.Errorf("timeInterval is %q, and Prometheus scrapes every %q", d.JSONData.TimeInterval, scrape.Global.Interval)
	}
	if len(scrape.Jobs) != 1 || scrape.Jobs[0].Name != alertJob {
		t.Errorf("the scrape jobs are %v, and the alerts look at %q", scrape.Jobs, alertJob)
	}
	var providers struct {
		Providers []struct {
			Type, Folder   string
			AllowUIUpdates *bool `yaml:"allowUiUpdates"`
			Options        struct{ Path string }
		}
	}
	decodeYAML(t, root+"/deploy/grafana/provisioning/dashboards/groupguard.yaml", &providers)
	if len(providers.Providers) != 1 {
		t.Fatalf("%d providers of dashboards, want 1", len(providers.Providers))
	}
	p := providers.Providers[0]
	if p.Type != "file" || p.Folder != "Groupguard" || p.AllowUIUpdates == nil || *p.AllowUIUpdates {
		t.Errorf("the provider of dashboards is %+v", p)
	}
	if compose := string(read(t, root+"/docker-compose.yml")); !strings.Contains(compose, "target: "+p.Options.Path+",") {
		t.Errorf("docker-compose.yml mounts nothing as %s", p.Options.Path)
	}
}

// oneLine takes the line feeds out of JSON.
func oneLine(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
