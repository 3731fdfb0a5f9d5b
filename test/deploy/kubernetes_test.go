package deploy

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const base = "deploy/kubernetes/base/"

// decode reads one document strictly: what the type does not know is an error.
func decode[T any](t *testing.T, name, text string) T {
	t.Helper()
	var out T
	if err := yaml.UnmarshalStrict([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func manifest[T any](t *testing.T, name string) T {
	t.Helper()
	return decode[T](t, name, read(t, base+name))
}

func set(t *testing.T) apps.StatefulSet { return manifest[apps.StatefulSet](t, "statefulset.yaml") }

func services(t *testing.T) []core.Service {
	t.Helper()
	var out []core.Service
	for _, text := range strings.Split(read(t, base+"service.yaml"), "\n---\n") {
		out = append(out, decode[core.Service](t, "service.yaml", text))
	}
	return out
}

// within tells whether all labels of a selector are on what it is meant to select.
func within(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

func TestLabelsMeet(t *testing.T) {
	s := set(t)
	labels := s.Spec.Template.Labels
	if !within(s.Spec.Selector.MatchLabels, labels) {
		t.Error("the set does not select its own pods")
	}
	for _, c := range s.Spec.Template.Spec.TopologySpreadConstraints {
		if !within(c.LabelSelector.MatchLabels, labels) {
			t.Errorf("the spread over %s is of other pods", c.TopologyKey)
		}
	}
	budget := manifest[policy.PodDisruptionBudget](t, "poddisruptionbudget.yaml")
	if !within(budget.Spec.Selector.MatchLabels, labels) {
		t.Error("the budget is of other pods")
	}
	if least := budget.Spec.MinAvailable.IntValue(); least < 1 || least >= int(*s.Spec.Replicas) {
		t.Errorf("%d of %d pods must stay: no node could be drained, or all could", least, *s.Spec.Replicas)
	}
	network := manifest[networking.NetworkPolicy](t, "networkpolicy.yaml")
	if !within(network.Spec.PodSelector.MatchLabels, labels) {
		t.Error("the network policy is of other pods")
	}
	ports := map[string]bool{}
	for _, p := range s.Spec.Template.Spec.Containers[0].Ports {
		ports[p.Name] = true
	}
	names := map[string]bool{}
	for _, service := range services(t) {
		names[service.Name] = true
		if !within(service.Spec.Selector, labels) {
			t.Errorf("the service %s is of other pods", service.Name)
		}
		for _, p := range service.Spec.Ports {
			if !ports[p.TargetPort.StrVal] {
				t.Errorf("the service %s leads to a port %q", service.Name, p.TargetPort.StrVal)
			}
			if p.TargetPort.StrVal == "admin" && service.Spec.ClusterIP != core.ClusterIPNone {
				t.Errorf("the service %s gives the admin port an address", service.Name)
			}
		}
	}
	if !names[s.Spec.ServiceName] {
		t.Errorf("there is no service %s", s.Spec.ServiceName)
	}
	for _, rule := range network.Spec.Ingress {
		for _, p := range rule.Ports {
			if len(rule.From) == 0 || !ports[p.Port.StrVal] {
				t.Errorf("anybody reaches the port %q, or there is none", p.Port.String())
			}
		}
	}
}

func TestPods(t *testing.T) {
	s := set(t)
	pod := s.Spec.Template.Spec
	bot := pod.Containers[0]
	for what, ok := range map[string]bool{
		"an account that is not root": *pod.SecurityContext.RunAsNonRoot && *pod.SecurityContext.RunAsUser == 65532,
		"a seccomp profile":           pod.SecurityContext.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault,
		"no token of the cluster":     !*pod.AutomountServiceAccountToken,
		"no links to services":        !*pod.EnableServiceLinks,
		"a read-only root":            *bot.SecurityContext.ReadOnlyRootFilesystem,
		"no escalation":               !*bot.SecurityContext.AllowPrivilegeEscalation,
		"no capabilities":             slices.Equal(bot.SecurityContext.Capabilities.Drop, []core.Capability{"ALL"}) && len(bot.SecurityContext.Capabilities.Add) == 0,
		"a request of memory":         !bot.Resources.Requests.Memory().IsZero() && !bot.Resources.Requests.Cpu().IsZero(),
		"a limit of memory":           !bot.Resources.Limits.Memory().IsZero(),
		"liveness":                    bot.LivenessProbe.HTTPGet.Path == "/healthz" && bot.LivenessProbe.HTTPGet.Port.StrVal == "admin",
		"readiness":                   bot.ReadinessProbe.HTTPGet.Path == "/readyz" && bot.ReadinessProbe.HTTPGet.Port.StrVal == "admin",
		"more than one replica":       *s.Spec.Replicas > 1,
	} {
		if !ok {
			t.Errorf("the pods lack %s", what)
		}
	}
	variables := envFile(t, base+"settings.env", true)
	for _, e := range bot.Env {
		variables[e.Name] = e.Value
	}
	checkVariables(t, base, variables)
	timeout, err := time.ParseDuration(variables["BOT_SHUTDOWN_TIMEOUT"])
	needed := timeout + time.Duration(bot.Lifecycle.PreStop.Sleep.Seconds)*time.Second
	if granted := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second; err != nil || granted <= needed {
		t.Errorf("a pod is killed after %v and needs %v (%v)", granted, needed, err)
	}
	checkMounts(t, pod, variables)
	// A spool on a disk that goes with the pod would lose what was answered with success.
	claims := s.Spec.VolumeClaimTemplates
	if len(claims) != 1 || claims[0].Name != "data" || slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.EmptyDir != nil }) {
		t.Error("the spool does not outlive its pod")
	}
	if room := claims[0].Spec.Resources.Requests.Storage().Value(); room < 2<<30 {
		t.Errorf("the disk has %d bytes, which the spool may fill", room)
	}
}

// checkMounts looks that what the settings name is mounted, and as a folder.
func checkMounts(t *testing.T, pod core.PodSpec, variables map[string]string) {
	t.Helper()
	mounted := map[string]core.VolumeMount{}
	for _, m := range pod.Containers[0].VolumeMounts {
		if m.SubPath != "" || m.SubPathExpr != "" {
			t.Errorf("%s is mounted by subPath, which is never brought up to date", m.MountPath)
		}
		mounted[m.MountPath] = m
	}
	for variable, dir := range map[string]string{
		"BOT_RULES": "/etc/groupguard", "BOT_REDIS_URL_FILE": "/run/secrets/groupguard", "BOT_ADMIN_TOKEN_FILE": "/run/secrets/groupguard",
	} {
		if filepath.Dir(variables[variable]) != dir || !mounted[dir].ReadOnly {
			t.Errorf("%s is %s, and %s is mounted as %+v", variable, variables[variable], dir, mounted[dir])
		}
	}
	if variables["BOT_DATA_DIR"] != "/data" || mounted["/data"].Name != "data" {
		t.Error("BOT_DATA_DIR is not the disk")
	}
	secret := manifest[core.Secret](t, "secret.example.yaml")
	for name, value := range secret.StringData {
		if value != "" {
			t.Errorf("the example of a secret gives %s a value", name)
		}
	}
	for variable, value := range variables {
		file, ok := strings.CutPrefix(value, "/run/secrets/groupguard/")
		if _, there := secret.StringData[file]; ok && !there {
			t.Errorf("%s names %s, which is not in the secret", variable, file)
		}
	}
	rules := filepath.Join(base, "rules/rules.yaml")
	actsOnNobody(t, rules, read(t, rules))
	if envFile(t, base+"settings.env", false)["BOT_DRY_RUN"] != "true" {
		t.Error("settings.env acts on people from the start")
	}
}
