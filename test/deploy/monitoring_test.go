package deploy

import (
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"sigs.k8s.io/yaml"
)

// serviceMonitor is what is used of the Prometheus Operator's kind. A key that is not here is an error.
type serviceMonitor struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   meta   `json:"metadata"`
	Spec       struct {
		JobLabel string `json:"jobLabel"`
		Selector struct {
			MatchLabels map[string]string `json:"matchLabels"`
		} `json:"selector"`
		Endpoints []struct {
			Port          string `json:"port"`
			Path          string `json:"path"`
			Interval      string `json:"interval"`
			ScrapeTimeout string `json:"scrapeTimeout"`
		} `json:"endpoints"`
	} `json:"spec"`
}

type meta struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
}

type prometheusRule struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   meta           `json:"metadata"`
	Spec       map[string]any `json:"spec"`
}

func TestServiceMonitor(t *testing.T) {
	m := decode[serviceMonitor](t, "servicemonitor.yaml", read(t, "deploy/kubernetes/monitoring/servicemonitor.yaml"))
	if m.APIVersion != "monitoring.coreos.com/v1" || m.Kind != "ServiceMonitor" {
		t.Errorf("it is %s %s", m.APIVersion, m.Kind)
	}
	selected := 0
	for _, s := range services(t) {
		if !within(m.Spec.Selector.MatchLabels, s.Labels) {
			continue
		}
		selected++
		if s.Labels[m.Spec.JobLabel] != "groupguard" {
			t.Errorf("the job is %q, and dashboards and alerts look for groupguard", s.Labels[m.Spec.JobLabel])
		}
		if s.Spec.Ports[0].Name != m.Spec.Endpoints[0].Port {
			t.Errorf("the service %s has no port %s", s.Name, m.Spec.Endpoints[0].Port)
		}
	}
	if selected != 1 {
		t.Errorf("%d services are selected: each pod would be scraped as often", selected)
	}
}

// There is one source of the alerts.
func TestPrometheusRule(t *testing.T) {
	out, err := exec.Command("sh", filepath.Join(root, "deploy/kubernetes/monitoring/prometheusrule.sh")).Output()
	if err != nil {
		t.Fatal(err)
	}
	rule := decode[prometheusRule](t, "prometheusrule.sh", string(out))
	var source map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "deploy/prometheus/rules/groupguard.yaml")), &source); err != nil {
		t.Fatal(err)
	}
	if len(source) == 0 || !reflect.DeepEqual(rule.Spec, source) {
		t.Error("the PrometheusRule differs from deploy/prometheus/rules/groupguard.yaml")
	}
}
