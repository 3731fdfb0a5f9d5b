package dashboards

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// asked returns the query of docs/metrics.md that names a metric.
func asked(t *testing.T, metric string) (query string) {
	t.Helper()
	for _, m := range fence.FindAllStringSubmatch(string(read(t, root+"/docs/metrics.md")), -1) {
		if m[1] == "promql" && strings.Contains(m[2], metric) {
			query += strings.TrimSpace(m[2])
		}
	}
	return query
}

// What people copy has an answer whatever the Prometheus, which has named whole buckets 2 and then 2.0, and
// whether there is a spool or not.
func TestPageQueriesHaveAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		metric string
		series map[string]string
		want   string
	}{
		"buckets of Prometheus 2": {"groupguard_webhook_duration_seconds_bucket", map[string]string{
			`groupguard_webhook_duration_seconds_bucket{provider="tencent",le="2"}`: "0+1x20", `groupguard_webhook_duration_seconds_count{provider="tencent"}`: "0+2x20",
		}, `[{labels: '{}', value: 0.5}]`},
		"buckets of Prometheus 3": {"groupguard_webhook_duration_seconds_bucket", map[string]string{
			`groupguard_webhook_duration_seconds_bucket{provider="tencent",le="2.0"}`: "0+1x20", `groupguard_webhook_duration_seconds_count{provider="tencent"}`: "0+2x20",
		}, `[{labels: '{}', value: 0.5}]`},
		"a spool":  {"groupguard_spool_bytes", map[string]string{`groupguard_spool_bytes`: "1x20", `groupguard_spool_capacity_bytes`: "4x20"}, `[{labels: '{}', value: 0.25}]`},
		"no spool": {"groupguard_spool_bytes", map[string]string{`groupguard_spool_bytes`: "0x20", `groupguard_spool_capacity_bytes`: "0x20"}, `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("tests:\n  - interval: 1m\n    input_series:\n")
			for series, values := range tt.series {
				fmt.Fprintf(&b, "      - {series: '%s', values: '%s'}\n", series, values)
			}
			query := strings.ReplaceAll(asked(t, tt.metric), "\n", "\n          ")
			fmt.Fprintf(&b, "    promql_expr_test:\n      - expr: |-\n          %s\n        eval_time: 10m\n        exp_samples: %s\n", query, tt.want)
			file := filepath.Join(t.TempDir(), "queries.yaml")
			if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			promtool(t, "test", "rules", file)
		})
	}
}
