package dashboards

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	slug      = regexp.MustCompile(`^groupguard-[a-z]+$`)
	selectors = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})`)
	ranges    = regexp.MustCompile(`\b(rate|irate|increase|delta|changes)\([^\[]*\[([^\]]+)\]`)
	offRanges = []string{"$__rate_interval", "$__range", silenceWindow}
)

// silenceWindow is the one window that does not follow the time that is shown: that of GroupguardSilence.
const silenceWindow = "30m"

// lint returns what is wrong with a dashboard, apart from its shape.
func lint(b *board) (faults []string) {
	say := func(format string, args ...any) {
		faults = append(faults, b.UID+": "+fmt.Sprintf(format, args...))
	}
	if !slug.MatchString(b.UID) || b.name != b.UID+".json" {
		say("the uid does not name the file %s", b.name)
	}
	if b.Title == "" || b.Description == "" || b.SchemaVersion < 36 || b.Refresh != "30s" || b.Time.From == "" || b.Time.To != "now" {
		say("title, description, schema version, refresh or time is missing or odd")
	}
	if b.Editable == nil || *b.Editable {
		say("it can be edited")
	}
	if b.Inputs != nil {
		say("__inputs are for the import dialog")
	}
	lintVariables(b, say)
	lintGrid(b, say)
	ids := map[int]bool{}
	for i := range b.Panels {
		p := &b.Panels[i]
		if p.ID == 0 || ids[p.ID] {
			say("panel %q has no id of its own", p.Title)
		}
		ids[p.ID] = true
		lintPanel(p, say)
	}
	return faults
}

func lintVariables(b *board, say func(string, ...any)) {
	for i, want := range []string{"datasource", "job", "instance"} {
		if i >= len(b.Templating.List) || b.Templating.List[i].Name != want {
			say("variable %d is not %s", i+1, want)
			return
		}
	}
	for i, v := range b.Templating.List {
		switch {
		case i == 0 && v.Type != "datasource":
			say("variable %s is of type %s", v.Name, v.Type)
		case i > 0 && (v.Type != "query" || !v.Multi || !v.IncludeAll):
			say("variable %s cannot take several values and all", v.Name)
		case i > 0 && (v.Datasource == nil || v.Datasource.UID != "${datasource}"):
			say("variable %s does not ask the chosen data source", v.Name)
		}
	}
}

// lintGrid looks for panels outside the 24 columns, on each other, or not in the order of reading.
func lintGrid(b *board, say func(string, ...any)) {
	type cell struct{ x, y int }
	taken := map[cell]string{}
	last := cell{-1, -1}
	for _, p := range b.Panels {
		g := p.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
			say("panel %q is outside the grid", p.Title)
			continue
		}
		if g.Y < last.y || g.Y == last.y && g.X <= last.x {
			say("panel %q is not in the order of reading", p.Title)
		}
		last = cell{g.X, g.Y}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[cell{x, y}]; other != "" {
					say("panels %q and %q overlap", other, p.Title)
					return
				}
				taken[cell{x, y}] = p.Title
			}
		}
	}
}

func lintPanel(p *panel, say func(string, ...any)) {
	if p.Title == "" {
		say("panel %d has no title", p.ID)
	}
	if p.Type == "row" {
		if len(p.Panels) > 0 {
			say("row %q hides panels", p.Title)
		}
		return
	}
	if p.Description == "" {
		say("panel %q has no description", p.Title)
	}
	if !p.shows() {
		return
	}
	if p.Datasource == nil || p.Datasource.UID != "${datasource}" {
		say("panel %q does not ask the chosen data source", p.Title)
	}
	if p.FieldConfig.Defaults.Unit == "" {
		say("panel %q has no unit", p.Title)
	}
	if len(p.Targets) == 0 {
		say("panel %q asks nothing", p.Title)
	}
	var refs []string
	for _, t := range p.Targets {
		if slices.Contains(refs, t.RefID) || t.RefID == "" {
			say("panel %q has a query without a refId of its own", p.Title)
		}
		refs = append(refs, t.RefID)
		lintTarget(p, t, say)
	}
}

func lintTarget(p *panel, t target, say func(string, ...any)) {
	if t.Datasource == nil || t.Datasource.UID != "${datasource}" {
		say("query %s of %q does not ask the chosen data source", t.RefID, p.Title)
	}
	if t.Instant == t.Range {
		say("query %s of %q is both instant and range, or neither", t.RefID, p.Title)
	}
	found := selectors.FindAllStringSubmatch(t.Expr, -1)
	if len(found) == 0 {
		say("query %s of %q selects nothing", t.RefID, p.Title)
	}
	for _, s := range found {
		if !strings.Contains(s[2], `job=~"$job"`) || !strings.Contains(s[2], `instance=~"$instance`) {
			say("query %s of %q asks for %s without job and instance", t.RefID, p.Title, s[1])
		}
	}
	if bare := bareMetric.FindString(strings.Join(selectors.Split(t.Expr, -1), " ")); bare != "" {
		say("query %s of %q asks for %s without job and instance", t.RefID, p.Title, bare)
	}
	if pinned.MatchString(t.Expr) {
		say("query %s of %q picks a bucket", t.RefID, p.Title)
	}
	for _, r := range ranges.FindAllStringSubmatch(t.Expr, -1) {
		if !slices.Contains(offRanges, r[2]) || r[1] != "increase" && r[2] != "$__rate_interval" {
			say("query %s of %q: %s over %s", t.RefID, p.Title, r[1], r[2])
		}
	}
	for _, s := range found {
		counts := strings.HasSuffix(s[1], "_total") || strings.HasSuffix(s[1], "_bucket") || strings.HasSuffix(s[1], "_count") || strings.HasSuffix(s[1], "_sum")
		if counts && p.Type == "timeseries" && !strings.Contains(t.Expr, s[0]+"[") {
			say("query %s of %q draws the counter %s as it is", t.RefID, p.Title, s[1])
		}
	}
}

// pinned finds the choice of a bucket: what Prometheus 2 calls le="2", Prometheus 3 calls le="2.0".
var pinned = regexp.MustCompile(`\ble\s*=~?\s*"`)

// bareMetric finds a metric without braces.
var bareMetric = regexp.MustCompile(`\b(groupguard|process|go)_[a-z0-9_]+|\bup\b|\bALERTS\b`)

func TestLint(t *testing.T) {
	uids := map[string]bool{}
	for _, b := range boards(t) {
		for _, f := range lint(&b) {
			t.Error(f)
		}
		if uids[b.UID] {
			t.Errorf("two dashboards have the uid %s", b.UID)
		}
		uids[b.UID] = true
	}
}

// Each kind of fault is found where it is planted.
func TestLintBites(t *testing.T) {
	all := boards(t)
	for name, c := range map[string]struct{ from, to, want string }{
		"editable":                {`"editable": false`, `"editable": true`, "can be edited"},
		"inputs":                  {`"editable": false`, `"editable": false, "__inputs": []`, "__inputs"},
		"no uid":                  {`"uid": "groupguard-overview"`, `"uid": ""`, "uid"},
		"no refresh":              {`"refresh": "30s"`, `"refresh": ""`, "refresh"},
		"a fixed data source":     {`"uid": "${datasource}"`, `"uid": "prometheus"`, "data source"},
		"a job for all":           {`job=~\"$job\",`, ``, "without job and instance"},
		"an instance for all":     {`,instance=~\"$instance\"`, ``, "without job and instance"},
		"a metric for all":        {`sum(up{job=~\"$job\",instance=~\"$instance\"})`, `sum(up)`, "asks for up without"},
		"a fixed window":          {`$__rate_interval`, `5m`, "over 5m"},
		"a rate over all":         {`$__rate_interval`, `$__range`, "over $__range"},
		"no unit":                 {`"unit": "s"`, `"unit": ""`, "no unit"},
		"no description":          {`"description": "Cores in use."`, `"description": ""`, "no description"},
		"no title":                {`"title": "Oldest action"`, `"title": ""`, "no title"},
		"the same id":             {`"id": 3,`, `"id": 2,`, "no id of its own"},
		"on another":              {`"x": 4,`, `"x": 3,`, "overlap"},
		"beyond the edge":         {`"x": 20,`, `"x": 21,`, "outside the grid"},
		"a bare counter":          {`rate(groupguard_store_errors_total{job=~\"$job\",instance=~\"$instance\"}[$__rate_interval])`, `groupguard_store_errors_total{job=~\"$job\",instance=~\"$instance\"}`, "as it is"},
		"a bucket":                {`groupguard_removal_latency_seconds_bucket{`, `groupguard_removal_latency_seconds_bucket{le=\"1\",`, "picks a bucket"},
		"a variable of one value": {`"multi": true`, `"multi": false`, "several values"},
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			for _, b := range all {
				if !bytes.Contains(b.raw, []byte(c.from)) {
					continue
				}
				d := decode(t, bytes.Replace(b.raw, []byte(c.from), []byte(c.to), 1))
				d.name = b.name
				found = found || strings.Contains(strings.Join(lint(&d), "\n"), c.want)
			}
			if !found {
				t.Errorf("nobody says %q", c.want)
			}
		})
	}
}
